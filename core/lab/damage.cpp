#include "core/lab/damage.h"

#include "core/base/random.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

/// Words for every value of `pictures`, and where it stands.
template <class Change>
void change_values(Samples& pictures, std::uint64_t seed, Change&& change) {
    const auto size = static_cast<std::size_t>(pictures.kind.elements());
    for (std::size_t i = 0; i < pictures.values.size(); ++i) {
        const random::Place place{seed, random::Stream::data, 3, static_cast<std::uint32_t>(i / size), 0};
        change(pictures.values[i], i, random::words(place, static_cast<std::uint32_t>(i % size)));
    }
}

} // namespace

void hide(Samples& pictures, const std::vector<std::uint8_t>& hidden, std::uint64_t seed) {
    change_values(pictures, seed, [&](float& value, std::size_t i, const random::Words& words) {
        if (hidden[i % hidden.size()]) value = 2 * random::uniform(words[0]) - 1;
    });
}

void add_noise(Samples& pictures, double sd, std::uint64_t seed) {
    change_values(pictures, seed, [&](float& value, std::size_t, const random::Words& words) {
        value = std::clamp(value + static_cast<float>(sd) * random::normals(words)[0], -1.0f, 1.0f);
    });
}

double difference_where(const Samples& a, const Samples& b, const std::vector<std::uint8_t>& where) {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        if (where[i % where.size()]) {
            sum += std::pow(static_cast<double>(a.values[i]) - b.values[i], 2);
            ++count;
        }
    return std::sqrt(sum / count);
}

} // namespace ebm::lab
