#include "core/cuda/library.h"

#include "core/base/error.h"
#include "core/cuda/kernel.h"
#include "core/cuda/libtorch_part.h"

namespace ebm::cuda {
namespace {

class FirstDevice final : public Device {
public:
    explicit FirstDevice(Precision precision)
        : gpu_(std::make_shared<Gpu>(load_driver())), precision_(precision) {
        if (tf32() && gpu_->driver.architecture() < oldest_tf32)
            throw Error("The " + gpu_->driver.card() + " has no TF32, which came with compute capability 8.0",
                        "CUDA", "Compute on it in fp32 (--device cuda).");
        load_libtorch_part();
    }

    std::string name() const override { return gpu_->driver.card(); }
    std::unique_ptr<FusedKernel> make(const network::Graph& graph) const override {
        if (const auto stack = network::layer_stack(graph))
            return std::make_unique<Kernel>(gpu_, make_plan(*stack, gpu_->shared_bytes(), tf32()));
        return on_libtorch(graph, precision_);
    }

private:
    bool tf32() const { return precision_ != Precision::fp32; }

    static constexpr int oldest_tf32 = 80;
    std::shared_ptr<Gpu> gpu_;
    Precision precision_;
};

} // namespace
} // namespace ebm::cuda

extern "C" const char ebmlab_cuda_build[] = EBM_BUILD_ID;

extern "C" ebm::cuda::Device* ebmlab_cuda_open(ebm::cuda::Precision precision) {
    return new ebm::cuda::FirstDevice(precision);
}
