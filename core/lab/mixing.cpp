#include "core/lab/mixing.h"

namespace ebm::lab {

Mix mix(const Settings& settings, const torch::Tensor& labels, std::int64_t count, int classes,
        random::Place place) {
    place.stream = random::Stream::batch;
    Mix result;
    if (classes > 0) result.labels = labels.clone();
    for (std::int64_t i = 0; i < count; ++i, ++place.chain) {
        const random::Words words = random::words(place, 0);
        if (random::uniform(words[0]) < settings.sampler.restart_share)
            result.restarted.push_back(static_cast<int>(i));
        if (classes > 0 && random::uniform(words[1]) < settings.sampler.relabel_share)
            result.labels.data_ptr<std::int64_t>()[i] = static_cast<std::int64_t>(
                static_cast<std::uint64_t>(words[2]) * static_cast<std::uint64_t>(classes) >> 32);
    }
    return result;
}

bool mixes(const Settings& settings) {
    return settings.sampler.restart_share > 0 || settings.sampler.relabel_share > 0;
}

bool mixes_after(const Settings& settings, std::int64_t steps) {
    return mixes(settings) && steps > 0 && steps % settings.sampler.steps == 0;
}

bool mixes_before_end(const Settings& settings, std::int64_t steps, std::int64_t all_steps) {
    return mixes_after(settings, steps) &&
           steps + std::int64_t{last_rounds} * settings.sampler.steps < all_steps;
}

} // namespace ebm::lab
