#include "core/energy/sum.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/energy/classes.h"
#include "core/energy/function_kernel.h"
#include "core/energy/registry.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

void check(const std::vector<EnergyTerm>& parts, Composition joined) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const EnergyTerm& part = parts[i];
        const std::string where = fmt::format("part {} of the energy", i + 1);
        if (!std::isfinite(part.weight))
            throw Error("The weight is not a finite number", where, "Give a number such as 1 or -0.5.");
        if (joined == Composition::any && part.weight < 0)
            throw Error("OR cannot take a part away: its weight is negative", where,
                        "Give a weight of 0 or more, or join the parts with AND.");
        if (part.label >= std::max(part.energy->classes(), 0))
            throw Error(
                fmt::format("There is no class {}: the part has {}", part.label, part.energy->classes()),
                where, "Give one of its classes, or none.");
    }
    const bool none = std::ranges::all_of(parts, [](const EnergyTerm& part) { return part.weight == 0; });
    if (joined == Composition::any && none)
        throw Error("OR of no part has no density: all weights are 0", "energies",
                    "Raise one of the weights.");
}

/// −log Σ_i exp(log_weights[i] − energies[i][·]) of [parts][n] energies, and with gradients
/// [parts][n][elements] their mean by the shares of the parts.
void mix(std::span<const float> log_weights, const std::vector<float>& energies, std::int64_t n,
         const std::vector<float>& gradients, int elements, float* energy, float* gradient) {
    const auto parts = static_cast<std::int64_t>(log_weights.size());
    std::vector<float> shares(log_weights.size());
    for (std::int64_t j = 0; j < n; ++j) {
        float most = -std::numeric_limits<float>::infinity();
        for (std::int64_t i = 0; i < parts; ++i) {
            float& share = shares[static_cast<std::size_t>(i)];
            share = log_weights[static_cast<std::size_t>(i)] - energies[static_cast<std::size_t>(i * n + j)];
            if (!(share <= most)) most = share; // a value that is not a number is kept
        }
        float sum = 0;
        for (float& share : shares)
            sum += share = std::isinf(most) && most < 0 ? 1.0f : std::exp(share - most);
        energy[j] = -(most + std::log(sum));
        if (!gradient) continue;
        float* out = gradient + j * elements;
        std::fill_n(out, elements, 0.0f);
        for (std::int64_t i = 0; i < parts; ++i) {
            const float share = shares[static_cast<std::size_t>(i)] / sum;
            if (share == 0) continue;
            const float* from = gradients.data() + (i * n + j) * elements;
            for (int e = 0; e < elements; ++e)
                out[e] += share * from[e];
        }
    }
}

} // namespace

/// The fused twin of a SumEnergy: the parts' kernels, joined by the formula on raw arrays.
class SumKernel final : public FunctionKernel {
public:
    explicit SumKernel(const SumEnergy& sum) : sum_(sum) {
        for (const std::int64_t size : sum.sample_shape())
            elements_ *= static_cast<int>(size);
    }

    /// False if a part has no kernel.
    bool take_kernels() {
        kernels_.clear();
        for (const EnergyTerm& part : sum_.parts_) {
            kernels_.push_back(part.energy->gpu() ? nullptr : part.energy->fused());
            if (!kernels_.back()) return false;
        }
        return true;
    }

    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* labels) const override {
        std::vector<std::size_t> used;
        for (std::size_t i = 0; i < sum_.parts_.size(); ++i)
            if (sum_.parts_[i].weight != 0) used.push_back(i);
        const auto values = static_cast<std::size_t>(n), slopes = gradients ? values * size() : 0;
        if (sum_.joined_ == Composition::any) {
            std::vector<float> log_weights, value(used.size() * values), slope(used.size() * slopes);
            for (std::size_t k = 0; k < used.size(); ++k) {
                log_weights.push_back(static_cast<float>(std::log(sum_.parts_[used[k]].weight)));
                evaluate_part(used[k], x, n, labels, value.data() + k * values,
                              gradients ? slope.data() + k * slopes : nullptr);
            }
            return mix(log_weights, value, n, slope, elements_, energies, gradients);
        }
        std::fill_n(energies, values, 0.0f);
        if (gradients) std::fill_n(gradients, slopes, 0.0f);
        std::vector<float> value(values), slope(slopes);
        for (const std::size_t i : used) {
            evaluate_part(i, x, n, labels, value.data(), gradients ? slope.data() : nullptr);
            const auto weight = static_cast<float>(sum_.parts_[i].weight);
            for (std::size_t j = 0; j < values; ++j)
                energies[j] += weight * value[j];
            for (std::size_t j = 0; j < slopes; ++j)
                gradients[j] += weight * slope[j];
        }
    }

private:
    int elements() const override { return elements_; }
    std::size_t size() const { return static_cast<std::size_t>(elements_); }

    void evaluate_part(std::size_t i, const float* x, std::int64_t n, const std::int64_t* labels,
                       float* energies, float* gradients) const {
        const EnergyTerm& part = sum_.parts_[i];
        const FusedKernel& kernel = *kernels_[i];
        const int classes = part.energy->classes();
        if (classes == 0) return kernel.evaluate(x, n, energies, gradients);
        if (part.label < 0 && sum_.classes_ > 0) return kernel.evaluate(x, n, energies, gradients, labels);
        std::vector<std::int64_t> same(static_cast<std::size_t>(n), part.label);
        if (part.label >= 0) return kernel.evaluate(x, n, energies, gradients, same.data());
        const auto values = static_cast<std::size_t>(n), slopes = gradients ? values * size() : 0;
        const auto count = static_cast<std::size_t>(classes);
        std::vector<float> value(count * values), slope(count * slopes);
        for (std::size_t y = 0; y < count; ++y) {
            std::ranges::fill(same, static_cast<std::int64_t>(y));
            kernel.evaluate(x, n, value.data() + y * values, gradients ? slope.data() + y * slopes : nullptr,
                            same.data());
        }
        mix(std::vector<float>(count, 0.0f), value, n, slope, elements_, energies, gradients);
    }

    const SumEnergy& sum_;
    int elements_ = 1;
    std::vector<const FusedKernel*> kernels_;
};

namespace {

/// Of a sum that is conditional on what those of its parts are that have no label; 0: on nothing.
int joint_classes(const std::vector<EnergyTerm>& parts, bool by_class) {
    int joint = 0;
    for (const EnergyTerm& part : parts) {
        const int classes = part.energy->classes();
        if (!by_class || part.label >= 0 || classes == 0) continue;
        if (joint > 0 && classes != joint)
            throw Error(fmt::format("The parts of the energy have {} and {} classes", joint, classes),
                        "energies", "Give each part its \"class\".");
        joint = classes;
    }
    return joint;
}

} // namespace

SumEnergy::SumEnergy(std::vector<EnergyTerm> parts, Composition joined, bool by_class)
    : parts_(std::move(parts)), joined_(joined) {
    if (parts_.empty()) throw Error("The list of energies is empty", "energies", "Name at least one part.");
    for (const EnergyTerm& part : parts_)
        if (part.energy->sample_shape() != sample_shape())
            throw Error(fmt::format("The parts of the energy do not take the same samples: {} and {}",
                                    shape_text(sample_shape()), shape_text(part.energy->sample_shape())),
                        "energies", "Join energies of the same data.");
    classes_ = joint_classes(parts_, by_class);
    check(parts_, joined_);
    kernel_ = std::make_unique<SumKernel>(*this);
}

SumEnergy::~SumEnergy() = default;

void SumEnergy::set(Composition joined, std::span<const double> weights, std::span<const std::int64_t> labels,
                    bool by_class) {
    std::vector<EnergyTerm> parts = parts_;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].weight = weights[i];
        parts[i].label = labels[i];
    }
    check(parts, joined);
    classes_ = joint_classes(parts, by_class);
    parts_ = std::move(parts);
    joined_ = joined;
}

bool SumEnergy::is_mean() const {
    const double share = 1.0 / static_cast<double>(parts_.size());
    return joined_ == Composition::all && std::ranges::all_of(parts_, [&](const EnergyTerm& part) {
               return part.label < 0 && std::abs(part.weight - share) < 1e-9;
           });
}

Batch SumEnergy::of_part(const EnergyTerm& part, const Batch& batch) const {
    if (part.energy->classes() == 0) return {batch.x, {}};
    if (part.label >= 0) return {batch.x, torch::full({batch.x.size(0)}, part.label, torch::kLong)};
    return {batch.x, classes_ > 0 ? batch.labels : Tensor()};
}

Tensor SumEnergy::value(const Batch& batch) const {
    // The class is summed over after the parts are joined.
    if (classes_ > 0 && !batch.labels.defined()) return marginal(*this, batch.x);
    std::vector<Tensor> terms;
    for (const EnergyTerm& part : parts_) {
        if (part.weight == 0) continue;
        const Tensor energy = part.energy->value(of_part(part, batch));
        terms.push_back(joined_ == Composition::all ? energy * part.weight : std::log(part.weight) - energy);
    }
    // Flat, and yet a function of x for whoever differentiates it.
    if (terms.empty()) return batch.x.flatten(1).sum(1) * 0;
    const Tensor stacked = torch::stack(terms);
    return joined_ == Composition::all ? stacked.sum(0) : -torch::logsumexp(stacked, 0);
}

ValueAndGradient SumEnergy::value_and_gradient(const Batch& batch) const {
    if (classes_ > 0 && !batch.labels.defined()) return marginal_and_gradient(*this, batch.x);
    std::vector<Tensor> terms, gradients;
    for (const EnergyTerm& part : parts_) {
        if (part.weight == 0) continue;
        const auto [value, gradient] = part.energy->value_and_gradient(of_part(part, batch));
        const torch::NoGradGuard no_graph;
        terms.push_back(joined_ == Composition::all ? value * part.weight : std::log(part.weight) - value);
        gradients.push_back(joined_ == Composition::all ? gradient * part.weight : gradient);
    }
    const torch::NoGradGuard no_graph;
    if (terms.empty()) return {torch::zeros({batch.x.size(0)}), torch::zeros_like(batch.x)};
    const Tensor stacked = torch::stack(terms), slopes = torch::stack(gradients);
    if (joined_ == Composition::all) return {stacked.sum(0), slopes.sum(0)};
    Shape sizes(static_cast<std::size_t>(slopes.dim()), 1);
    sizes[0] = stacked.size(0);
    sizes[1] = stacked.size(1);
    return {-torch::logsumexp(stacked, 0), (slopes * torch::softmax(stacked, 0).view(sizes)).sum(0)};
}

std::shared_ptr<Energy> SumEnergy::clone() const {
    std::vector<EnergyTerm> copies = parts_;
    for (EnergyTerm& part : copies)
        part.energy = part.energy->clone();
    return std::make_shared<SumEnergy>(std::move(copies), joined_, classes_ > 0);
}

const FusedKernel* SumEnergy::fused() const {
    return kernel_->take_kernels() ? kernel_.get() : nullptr;
}

void SumEnergy::compute_on(std::shared_ptr<const cuda::Device> gpu) {
    for (EnergyTerm& part : parts_)
        part.energy->compute_on(gpu);
}

const cuda::Device* SumEnergy::gpu() const {
    for (const EnergyTerm& part : parts_)
        if (part.energy->gpu()) return part.energy->gpu();
    return nullptr;
}

std::string SumEnergy::kernel_name() const {
    const auto slow = std::ranges::find_if(
        parts_, [](const EnergyTerm& part) { return part.energy->gpu() || !part.energy->fused(); });
    return fmt::format("{}: {}", counted(parts_.size(), "part"),
                       (slow == parts_.end() ? parts_.front() : *slow).energy->kernel_name());
}

std::shared_ptr<Energy> mean_energy(std::vector<std::shared_ptr<Energy>> members) {
    std::vector<EnergyTerm> parts;
    for (auto& member : members)
        parts.push_back({std::move(member), 1.0 / static_cast<double>(members.size())});
    return std::make_shared<SumEnergy>(std::move(parts), Composition::all, true);
}

std::vector<std::shared_ptr<const Energy>> members_of(const Energy& energy) {
    const auto* sum = dynamic_cast<const SumEnergy*>(&energy);
    if (!sum || !sum->is_mean()) return {};
    std::vector<std::shared_ptr<const Energy>> members;
    for (const EnergyTerm& part : sum->parts())
        members.push_back(part.energy);
    return members;
}

} // namespace ebm
