#include "core/energy/fused.h"

namespace ebm {

void FusedEnergy::compute_on(std::shared_ptr<const cuda::Device> gpu) {
    kernel_ = make_kernel(gpu.get());
    gpu_ = std::move(gpu);
    weights_changed();
}

void FusedEnergy::weights_changed() {
    packed_is_old_ = true;
}

const FusedKernel* FusedEnergy::fused() const {
    if (packed_is_old_) {
        std::vector<const float*> pointers;
        for (const auto& [name, weight] : parameters())
            pointers.push_back(weight.data_ptr<float>());
        kernel_->pack(pointers);
        packed_is_old_ = false;
    }
    return kernel_.get();
}

torch::Tensor FusedEnergy::value(const Batch& batch) const {
    const torch::Tensor& x = batch.x;
    if (torch::GradMode::is_enabled() || x.scalar_type() != torch::kFloat) return network_value(x);
    const torch::Tensor input = x.contiguous();
    torch::Tensor energies = torch::empty({x.size(0)});
    fused()->evaluate(input.data_ptr<float>(), x.size(0), energies.data_ptr<float>(), nullptr);
    return energies;
}

ValueAndGradient FusedEnergy::value_and_gradient(const Batch& batch) const {
    const torch::Tensor& x = batch.x;
    if (x.scalar_type() != torch::kFloat) return Energy::value_and_gradient(batch);
    const torch::NoGradGuard no_graph;
    const torch::Tensor input = x.detach().contiguous();
    ValueAndGradient result{torch::empty({x.size(0)}), torch::empty_like(input)};
    fused()->evaluate(input.data_ptr<float>(), x.size(0), result.value.data_ptr<float>(),
                      result.gradient.data_ptr<float>());
    return result;
}

} // namespace ebm
