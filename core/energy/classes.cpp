#include "core/energy/classes.h"

#include "core/base/stop_check.h"
#include "core/energy/classifier.h"

#include <algorithm>

namespace ebm {
namespace {

using torch::Tensor;

/// Pairs of a row and a class that are evaluated at a time.
constexpr std::int64_t pairs_at_a_time = 256;

class GivenClass final : public Energy {
public:
    GivenClass(std::shared_ptr<const Energy> energy, std::int64_t label)
        : energy_(std::move(energy)), label_(label) {}

    Shape sample_shape() const override { return energy_->sample_shape(); }
    Tensor value(const Batch& batch) const override { return energy_->value(labelled(batch)); }
    ValueAndGradient value_and_gradient(const Batch& batch) const override {
        return energy_->value_and_gradient(labelled(batch));
    }
    std::shared_ptr<Energy> clone() const override {
        return std::make_shared<GivenClass>(energy_->clone(), label_);
    }
    std::string kernel_name() const override { return energy_->kernel_name(); }

private:
    Batch labelled(const Batch& batch) const {
        return {batch.x, torch::full({batch.x.size(0)}, label_, torch::kLong)};
    }

    std::shared_ptr<const Energy> energy_;
    std::int64_t label_;
};

} // namespace

void for_all_labels(const Tensor& x, int classes, const std::function<void(const Batch&)>& use) {
    const std::int64_t pairs = x.size(0) * classes;
    for (std::int64_t first = 0; first < pairs; first += pairs_at_a_time) {
        const Tensor pair = torch::arange(first, std::min(first + pairs_at_a_time, pairs), torch::kLong);
        use(Batch(x.index_select(0, torch::floor_divide(pair, classes)), pair.remainder(classes)));
    }
}

Tensor class_energies(const Energy& energy, const Tensor& x) {
    // A classifier has them all at once.
    if (const auto* classifier = dynamic_cast<const Classifier*>(&energy)) return -classifier->logits(x);
    const int classes = energy.classes();
    std::vector<Tensor> parts;
    for_all_labels(x, classes, [&](const Batch& batch) {
        StopCheck::ask();
        parts.push_back(energy.value(batch));
    });
    return (parts.empty() ? torch::empty({0}) : torch::cat(parts)).view({x.size(0), classes});
}

Tensor without_class(const Tensor& class_energies, ClassScore score) {
    return score == ClassScore::minimum ? std::get<0>(class_energies.min(1))
                                        : -torch::logsumexp(-class_energies, 1);
}

Tensor marginal(const Energy& energy, const Tensor& x) {
    return without_class(class_energies(energy, x), ClassScore::log_sum);
}

ValueAndGradient marginal_and_gradient(const Energy& energy, const Tensor& x) {
    const int classes = energy.classes();
    const std::int64_t rows_at_a_time = std::max<std::int64_t>(1, pairs_at_a_time / classes);
    std::vector<Tensor> values, gradients;
    for (std::int64_t begin = 0; begin < std::max<std::int64_t>(1, x.size(0)); begin += rows_at_a_time) {
        const Tensor rows = x.slice(0, begin, std::min(begin + rows_at_a_time, x.size(0)));
        std::vector<Tensor> value, gradient;
        for_all_labels(rows, classes, [&](const Batch& batch) {
            auto [part, slope] = energy.value_and_gradient(batch);
            value.push_back(std::move(part));
            gradient.push_back(std::move(slope));
        });
        const torch::NoGradGuard no_graph;
        if (value.empty()) return {torch::empty({0}), rows.clone()};
        const Tensor energies = torch::cat(value).view({rows.size(0), classes});
        values.push_back(without_class(energies, ClassScore::log_sum));
        const Tensor share = torch::softmax(-energies, 1).unsqueeze(2);
        gradients.push_back(
            (torch::cat(gradient).view({rows.size(0), classes, -1}) * share).sum(1).view(rows.sizes()));
    }
    return {torch::cat(values), torch::cat(gradients)};
}

std::shared_ptr<const Energy> given_class(std::shared_ptr<const Energy> energy, std::int64_t label) {
    return energy ? std::make_shared<GivenClass>(std::move(energy), label) : nullptr;
}

const std::int64_t* label_pointer(const Batch& batch) {
    return batch.labels.defined() ? batch.labels.data_ptr<std::int64_t>() : nullptr;
}

Tensor labels_in_turn(std::int64_t n, int classes, std::int64_t first) {
    if (classes == 0) return {};
    return torch::arange(first, first + n, torch::kLong).remainder(classes);
}

} // namespace ebm
