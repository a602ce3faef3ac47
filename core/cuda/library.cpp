#include "core/cuda/library.h"

#include "core/base/error.h"
#include "core/cuda/kernel.h"

namespace ebm::cuda {
namespace {

class FirstDevice final : public Device {
public:
    FirstDevice() : gpu_(std::make_shared<Gpu>(load_driver())) {}

    std::string name() const override { return gpu_->driver.card(); }
    std::unique_ptr<FusedKernel> make(const kernels::MlpSpec& spec) const override {
        return std::make_unique<Kernel>(gpu_, make_plan(spec, gpu_->shared_bytes()));
    }
    std::unique_ptr<FusedKernel> make(const kernels::ConvNetSpec& spec) const override {
        return std::make_unique<Kernel>(gpu_, make_plan(spec, gpu_->shared_bytes()));
    }

private:
    std::shared_ptr<Gpu> gpu_;
};

} // namespace
} // namespace ebm::cuda

extern "C" ebm::cuda::Device* ebmlab_cuda_open(unsigned version) {
    if (version != ebm::cuda::interface_version)
        throw ebm::Error("The GPU library belongs to another build of the program", "ebmlab_cuda.so",
                         "Build or install both together.");
    return new ebm::cuda::FirstDevice;
}
