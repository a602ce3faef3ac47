#include "core/libtorch/cuda_place.h"

#include "core/base/error.h"
#include "core/cuda/cache.h"
#include "core/cuda/chains.h"
#include "core/cuda/compiler.h"
#include "core/cuda/driver.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

namespace ebm::libtorch {
namespace {

/// draws.cu on the card.
class Draws {
public:
    Draws() : driver_(cuda::load_driver()) {
        driver_.enter();
        const cuda::Compiler compiler;
        const std::filesystem::path folder = cuda::cache_folder();
        const std::string key = compiler.key("", driver_.architecture(), cuda::Compiler::draw_kernels);
        auto code = cuda::read_cache(folder, key);
        if (!code) {
            code = compiler.compile("", driver_.architecture(), cuda::Compiler::draw_kernels);
            cuda::write_cache(folder, key, *code);
        }
        driver_.check(driver_.cuModuleLoadData(&module_, code->c_str()), "loading its kernels");
        driver_.check(driver_.cuModuleGetFunction(&normals, module_, "normals_kernel"),
                      "looking for its kernels");
        driver_.check(driver_.cuModuleGetFunction(&uniforms, module_, "uniforms_kernel"),
                      "looking for its kernels");
    }

    void launch(CUfunction function, const at::Tensor& to, const random::Place& first,
                CUstream stream) const {
        constexpr unsigned threads = 256;
        cuda::DrawArguments a =
            cuda::draw_arguments(to.data_ptr<float>(), to.size(0), static_cast<int>(to.size(1)), first);
        const auto count = static_cast<unsigned>(a.rows * ((a.elements + 3) / 4));
        void* pointers[] = {&a};
        driver_.check(driver_.cuLaunchKernel(function, (count + threads - 1) / threads, 1, 1, threads, 1, 1,
                                             0, stream, pointers, nullptr),
                      "starting a kernel");
    }

    CUfunction normals = nullptr, uniforms = nullptr;
    const std::string& card() const { return driver_.card(); }
    bool has_tensor_cores() const { return driver_.architecture() >= 80; }

private:
    cuda::Driver driver_;
    CUmodule module_ = nullptr; ///< stays as long as the program
};

class GraphRecording final : public Recording {
public:
    explicit GraphRecording(const std::function<void()>& work, at::cuda::MempoolId_t pool) {
        // Other threads may use the card meanwhile, for drawing.
        graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
        try {
            work();
        } catch (...) {
            try {
                graph_.capture_end();
            } catch (const c10::Error&) { // what went wrong first is thrown
            }
            throw;
        }
        graph_.capture_end();
    }
    void replay() override { graph_.replay(); }

private:
    at::cuda::CUDAGraph graph_;
};

class CudaPlace final : public Place {
public:
    explicit CudaPlace(cuda::Precision precision)
        : precision_(precision), stream_(c10::cuda::getStreamFromPool(false, 0)),
          pool_(at::cuda::graph_pool_handle()) {
        if (precision != cuda::Precision::fp32 && !draws_.has_tensor_cores())
            throw Error("The " + draws_.card() + " has no TF32, which came with compute capability 8.0",
                        "CUDA", "Compute on it in fp32 (--device cuda).");
        std::size_t free = 0, total = 0;
        C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
        batch_bytes_ = static_cast<std::int64_t>(total / 4);
    }

    at::Device device() const override { return {at::kCUDA, 0}; }
    at::ScalarType type() const override {
        return precision_ == cuda::Precision::bf16 ? at::kBFloat16 : at::kFloat;
    }
    std::string name() const override {
        const char* rounding = precision_ == cuda::Precision::bf16   ? ", bfloat16"
                               : precision_ == cuda::Precision::tf32 ? ", TF32"
                                                                     : "";
        return std::string("LibTorch with cuDNN") + rounding; // the card is named beside it
    }
    std::int64_t batch_bytes() const override { return batch_bytes_; }

    std::shared_ptr<void> enter() const override {
        at::Context& context = at::globalContext();
        const bool tf32 = precision_ != cuda::Precision::fp32;
        context.setBenchmarkCuDNN(true);
        context.setAllowTF32CuDNN(tf32);
        context.setAllowTF32CuBLAS(tf32);
        return std::make_shared<c10::cuda::CUDAStreamGuard>(stream_);
    }
    void normals(const at::Tensor& to, const random::Place& first) const override {
        draws_.launch(draws_.normals, to, first, stream_.stream());
    }
    void uniforms(const at::Tensor& to, const random::Place& first) const override {
        draws_.launch(draws_.uniforms, to, first, stream_.stream());
    }
    std::unique_ptr<Recording> record(const std::function<void()>& work) const override {
        return std::make_unique<GraphRecording>(work, pool_);
    }

private:
    Draws draws_;
    cuda::Precision precision_;
    c10::cuda::CUDAStream stream_;
    at::cuda::MempoolId_t pool_; ///< of all recordings: their results are copied out of it
    std::int64_t batch_bytes_ = 0;
};

} // namespace

std::shared_ptr<const Place> cuda_place(cuda::Precision precision) {
    if (!at::hasCUDA())
        throw Error("LibTorch was in use before its CUDA part was loaded", "CUDA",
                    "Start the program again with --device cuda.");
    try {
        return std::make_shared<CudaPlace>(precision);
    } catch (const c10::Error& error) {
        throw Error("LibTorch cannot compute on the GPU", error.what_without_backtrace(),
                    "Start again, or compute on the CPU (--device cpu).");
    }
}

} // namespace ebm::libtorch
