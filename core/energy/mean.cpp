#include "core/energy/mean.h"

#include "core/base/error.h"
#include "core/energy/classes.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

class MeanEnergy final : public Energy {
public:
    explicit MeanEnergy(std::vector<std::shared_ptr<Energy>> members) : members_(std::move(members)) {}

    Shape sample_shape() const override { return members_.front()->sample_shape(); }
    int classes() const override { return members_.front()->classes(); }

    Tensor value(const Batch& batch) const override {
        // The class is summed over after the mean, which is the energy.
        if (classes() > 0 && !batch.labels.defined()) return marginal(*this, batch.x);
        Tensor sum = members_.front()->value(batch);
        for (std::size_t i = 1; i < members_.size(); ++i)
            sum = sum + members_[i]->value(batch);
        return sum / static_cast<double>(members_.size());
    }

    ValueAndGradient value_and_gradient(const Batch& batch) const override {
        if (classes() > 0 && !batch.labels.defined()) return marginal_and_gradient(*this, batch.x);
        ValueAndGradient sum = members_.front()->value_and_gradient(batch);
        const torch::NoGradGuard no_graph;
        for (std::size_t i = 1; i < members_.size(); ++i) {
            const auto [value, gradient] = members_[i]->value_and_gradient(batch);
            sum.value = sum.value + value;
            sum.gradient = sum.gradient + gradient;
        }
        const auto count = static_cast<double>(members_.size());
        return {sum.value / count, sum.gradient / count};
    }

    std::shared_ptr<Energy> clone() const override {
        std::vector<std::shared_ptr<Energy>> copies;
        for (const auto& member : members_)
            copies.push_back(member->clone());
        return std::make_shared<MeanEnergy>(std::move(copies));
    }
    std::vector<std::shared_ptr<const Energy>> members() const { return {members_.begin(), members_.end()}; }
    std::string kernel_name() const override {
        return fmt::format("mean of {}: {}", members_.size(), members_.front()->kernel_name());
    }

private:
    std::vector<std::shared_ptr<Energy>> members_;
};

} // namespace

std::shared_ptr<Energy> mean_energy(std::vector<std::shared_ptr<Energy>> members) {
    if (members.empty())
        throw Error("A mean of energies needs at least one", "members", "Name checkpoints of one model.");
    for (const auto& member : members)
        if (member->sample_shape() != members.front()->sample_shape() ||
            member->classes() != members.front()->classes())
            throw Error("The energies whose mean is wanted do not take the same samples and classes",
                        "members", "Name checkpoints of one model.");
    return std::make_shared<MeanEnergy>(std::move(members));
}

std::vector<std::shared_ptr<const Energy>> members_of(const Energy& energy) {
    const auto* mean = dynamic_cast<const MeanEnergy*>(&energy);
    return mean ? mean->members() : std::vector<std::shared_ptr<const Energy>>();
}

} // namespace ebm
