#pragma once

#include "core/cuda/compiler.h"
#include "core/cuda/driver.h"
#include "core/cuda/plan.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ebm::cuda {

/// The compiled kernels of one network, on the card.
class Module {
public:
    /// code: machine code or PTX. Throws ebm::Error if the driver refuses it.
    Module(const Driver& driver, const std::string& code, const Plan& plan);
    ~Module();
    Module(const Module&) = delete;

    /// Blocks of these kernels that the card works on at the same time.
    int resident_blocks() const { return resident_blocks_; }

    CUfunction evaluate = nullptr, run = nullptr, gradient = nullptr, pack = nullptr, sum = nullptr;

private:
    void load(const std::string& code, const Plan& plan);

    const Driver& driver_;
    CUmodule module_ = nullptr;
    int resident_blocks_ = 1;
};

/// The first card: its driver, its compiler, a stream, and the memory through which arrays travel. One call
/// at a time uses it: hold `mutex`.
class Gpu {
public:
    /// Throws ebm::Error that says why no GPU can be used.
    explicit Gpu(const DriverFunctions& functions);
    ~Gpu();
    Gpu(const Gpu&) = delete;

    /// What a block may have.
    int shared_bytes() const { return shared_bytes_; }
    /// Compiled, or from the cache folder, or in use by another kernel already.
    std::shared_ptr<const Module> module(const Plan& plan);

    template <class Arguments>
    void launch(CUfunction function, int blocks, int threads, int shared_bytes, Arguments arguments) {
        void* pointers[] = {&arguments};
        driver.check(driver.cuLaunchKernel(function, static_cast<unsigned>(blocks), 1, 1,
                                           static_cast<unsigned>(threads), 1, 1,
                                           static_cast<unsigned>(shared_bytes), stream, pointers, nullptr),
                     "starting a kernel");
    }
    void to_card(CUdeviceptr card, const void* host, std::size_t bytes);
    void to_host(void* host, CUdeviceptr card, std::size_t bytes);
    void wait() { driver.check(driver.cuStreamSynchronize(stream), "running a kernel"); }

    Driver driver;
    /// Of one launch: bytes of samples, and floating-point operations, so that neither memory nor the
    /// watchdog of a slow card that also drives a display ends it.
    std::size_t copied_bytes = std::size_t{64} << 20;
    double launched_operations = 4e11;
    CUstream stream = nullptr;
    std::mutex mutex;
    // Shared by all kernels of the card.
    Memory host{driver, Memory::Kind::host}, arrays{driver, Memory::Kind::card},
        workspace{driver, Memory::Kind::card}, sums{driver, Memory::Kind::card};

private:
    Compiler compiler_;
    int shared_bytes_ = 0;
    std::map<std::string, std::weak_ptr<const Module>> modules_; ///< by network_source
};

} // namespace ebm::cuda
