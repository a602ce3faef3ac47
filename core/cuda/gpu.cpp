#include "core/cuda/gpu.h"

#include "core/base/error.h"
#include "core/cuda/cache.h"

namespace ebm::cuda {

Module::Module(const Driver& driver, const std::string& code, const Plan& plan) : driver_(driver) {
    try {
        load(code, plan);
    } catch (...) {
        if (module_) driver_.cuModuleUnload(module_);
        throw;
    }
}

void Module::load(const std::string& code, const Plan& plan) {
    driver_.check(driver_.cuModuleLoadData(&module_, code.c_str()), "loading its kernels");
    const auto find = [&](CUfunction& function, const char* name) {
        driver_.check(driver_.cuModuleGetFunction(&function, module_, name), "looking for its kernels");
    };
    find(evaluate, "evaluate_kernel");
    find(run, "run_kernel");
    find(gradient, "gradient_kernel");
    find(pack, "pack_kernel");
    find(sum, "sum_kernel");
    const int bytes = plan.shared_bytes();
    for (CUfunction function : {evaluate, run, gradient}) {
        driver_.check(
            driver_.cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
            "reserving shared memory");
    }
    int per_processor = 0;
    driver_.check(driver_.cuOccupancyMaxActiveBlocksPerMultiprocessor(&per_processor, run, plan.shape.threads,
                                                                      static_cast<std::size_t>(bytes)),
                  "asking how many blocks fit");
    resident_blocks_ =
        std::max(1, per_processor) * driver_.attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
}

Module::~Module() {
    driver_.enter_quietly();
    if (module_) driver_.cuModuleUnload(module_);
}

Gpu::Gpu(const DriverFunctions& functions) : driver(functions) {
    driver.enter();
    shared_bytes_ = driver.attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    driver.check(driver.cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), "opening a stream");
}

Gpu::~Gpu() {
    driver.enter_quietly();
    if (stream) driver.cuStreamDestroy_v2(stream);
}

std::shared_ptr<const Module> Gpu::module(const Plan& plan) {
    driver.enter();
    const std::string network = network_source(plan.shape);
    std::weak_ptr<const Module>& known = modules_[network];
    if (auto module = known.lock()) return module;

    const std::filesystem::path folder = cache_folder();
    const std::string key = compiler_.key(network, driver.architecture());
    auto code = read_cache(folder, key);
    const bool compiled = !code;
    if (compiled) code = compiler_.compile(network, driver.architecture());
    const auto module = std::make_shared<const Module>(driver, *code, plan);
    if (compiled) write_cache(folder, key, *code);
    known = module;
    return module;
}

void Gpu::to_card(CUdeviceptr card, const void* from, std::size_t bytes) {
    driver.check(driver.cuMemcpyHtoDAsync_v2(card, from, bytes, stream), "copying to it");
}

void Gpu::to_host(void* to, CUdeviceptr card, std::size_t bytes) {
    driver.check(driver.cuMemcpyDtoHAsync_v2(to, card, bytes, stream), "copying from it");
}

} // namespace ebm::cuda
