#include "core/train/adam.h"

#include <algorithm>
#include <cmath>

namespace ebm {

void adam_update(float* weights, const float* gradient, float* first_moment, float* second_moment,
                 std::int64_t count, double gradient_scale, const AdamSettings& settings) {
    const double step = static_cast<double>(settings.step);
    const double first_correction = 1.0 - std::pow(settings.beta1, step);
    const double second_correction = 1.0 - std::pow(settings.beta2, step);
    const float scale = static_cast<float>(gradient_scale);
    const float beta1 = static_cast<float>(settings.beta1),
                one_minus_beta1 = static_cast<float>(1 - settings.beta1);
    const float beta2 = static_cast<float>(settings.beta2),
                one_minus_beta2 = static_cast<float>(1 - settings.beta2);
    const float rate = static_cast<float>(settings.learning_rate / first_correction);
    const float root = static_cast<float>(1.0 / std::sqrt(second_correction));
    const float epsilon = static_cast<float>(settings.epsilon);
    for (std::int64_t i = 0; i < count; ++i) {
        const float g = scale * gradient[i];
        first_moment[i] = beta1 * first_moment[i] + one_minus_beta1 * g;
        second_moment[i] = beta2 * second_moment[i] + one_minus_beta2 * g * g;
        weights[i] -= rate * first_moment[i] / (std::sqrt(second_moment[i]) * root + epsilon);
    }
}

double average_decay(double decay, std::int64_t step) {
    const double t = static_cast<double>(step);
    return std::min(decay, (1.0 + t) / (10.0 + t));
}

} // namespace ebm
