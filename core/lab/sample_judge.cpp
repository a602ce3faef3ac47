#include "core/lab/sample_judge.h"

#include "core/base/error.h"
#include "core/lab/dataset.h"
#include "core/measure/feature_distance.h"
#include "core/measure/inception.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

/// [n, features], divided by `unit`.
torch::Tensor features_of(const Classified& of, double unit) {
    return torch::from_blob(const_cast<float*>(of.features.data()),
                            {static_cast<std::int64_t>(of.classes.size()), of.feature_count})
               .to(torch::kDouble) /
           unit;
}

/// As a file of pictures would have them: [n, channels, height, width] uint8.
torch::Tensor bytes_of(const Samples& samples) {
    return ((to_tensor(samples) + 1) * 127.5).round().clamp(0, 255).to(torch::kByte);
}

double roughness_of(const Samples& samples) {
    return measure::roughness(to_tensor(samples)) / 2;
}

} // namespace

std::int64_t SampleQuality::asked(std::size_t label) const {
    const std::vector<std::int64_t>& row = confusion[label];
    return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

int SampleQuality::classes_found() const {
    return static_cast<int>(std::ranges::count_if(found, [](std::int64_t n) { return n > 0; }));
}

/// The network, and what it made of the held-out pictures.
struct SampleJudge::Published {
    measure::Inception network;
    torch::Tensor reference; ///< [n, 2048]
    std::function<void(std::int64_t)> progress;

    measure::Inception::Seen look(const torch::Tensor& pictures) const {
        return network.look(pictures, progress);
    }
};

SampleJudge::~SampleJudge() = default;

void SampleJudge::use_inception(const std::string& file, std::int64_t count,
                                const std::function<void(std::int64_t)>& progress) {
    const auto read = [&] {
        try {
            return store::read_safetensors(file);
        } catch (const Error& error) { // which says what a model of this program is
            throw Error(error.what_happened, error.where, measure::inception_remedy);
        }
    };
    auto published = std::make_unique<Published>(Published{measure::Inception(read(), file), {}, progress});
    torch::Tensor pictures = bytes_of(classifier_.data(true, 0));
    if (count > 0 && count < pictures.size(0))
        pictures = pictures.index_select(
            0, (torch::arange(count, torch::kLong) * pictures.size(0)).div(count, "floor"));
    published->reference = published->look(pictures).features;
    published_ = std::move(published);
}

SampleJudge::SampleJudge(const Laboratory& classifier, std::uint64_t seed)
    : classifier_(classifier), seed_(seed), classes_(classifier.classes()) {
    const Samples held_out = classifier.data(true, 0);
    reference_ = classifier.classify(held_out);
    unit_ = features_of(reference_, 1).square().mean().sqrt().item<double>();
    if (!(unit_ > 0) || !std::isfinite(unit_))
        throw Error("The classifier's features of the held-out data are all zero, or not finite",
                    "scene " + classifier.scene().name, "Train the classifier first.");
    reference_roughness_ = roughness_of(held_out);
    accuracy_ = std::nan("");
    if (held_out.labels.empty()) return;
    const auto right = std::inner_product(held_out.labels.begin(), held_out.labels.end(),
                                          reference_.classes.begin(), std::int64_t{0}, std::plus<>(),
                                          [](std::int32_t label, int found) { return label == found; });
    accuracy_ = static_cast<double>(right) / static_cast<double>(held_out.count);
}

SampleQuality SampleJudge::judge(const Samples& samples, const std::vector<std::string>& classes) const {
    const Classified seen = classifier_.classify(samples);
    SampleQuality quality;
    quality.n = samples.count;
    quality.found.assign(classes_.size(), 0);
    for (const int label : seen.classes)
        ++quality.found[static_cast<std::size_t>(label)];
    if (!samples.labels.empty()) {
        std::vector<std::size_t> place; // of the samples' class k among the classifier's
        for (const std::string& name : classes) {
            const auto found = std::ranges::find(classes_, name);
            if (found == classes_.end())
                throw Error(fmt::format("The classifier knows no class '{}'", name),
                            "scene " + classifier_.scene().name,
                            "Take a classifier that was trained on the classes of the model.");
            place.push_back(static_cast<std::size_t>(found - classes_.begin()));
        }
        quality.confusion.assign(classes_.size(), std::vector<std::int64_t>(classes_.size(), 0));
        std::int64_t right = 0;
        for (std::size_t i = 0; i < seen.classes.size(); ++i) {
            const std::size_t asked = place.at(static_cast<std::size_t>(samples.labels[i])),
                              found = static_cast<std::size_t>(seen.classes[i]);
            ++quality.confusion[asked][found];
            right += asked == found;
        }
        quality.class_true = static_cast<double>(right) / static_cast<double>(samples.count);
    }
    const torch::Tensor a = features_of(seen, unit_), b = features_of(reference_, unit_);
    quality.frechet = measure::frechet_distance(a, b);
    const measure::KernelDistance kernel = measure::kernel_distance(a, b, seed_);
    quality.kernel = kernel.mean;
    quality.kernel_sd = kernel.sd;
    quality.subsets = kernel.subsets;
    quality.subset_size = kernel.subset_size;
    quality.roughness = roughness_of(samples);
    if (published_) {
        const measure::Inception::Seen published = published_->look(bytes_of(samples));
        const measure::InceptionScore score = measure::inception_score(published.logits, seed_);
        const torch::Tensor& reference = published_->reference;
        const measure::KernelDistance kid = measure::kernel_distance(published.features, reference, seed_);
        quality.published = PublishedScores{
            score.mean, score.sd, score.splits,     measure::frechet_distance(published.features, reference),
            kid.mean,   kid.sd,   reference.size(0)};
    }
    return quality;
}

} // namespace ebm::lab
