#include "emulation.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ucontext.h>

emulation::Index threadIdx, blockIdx, gridDim;

namespace ebm::cuda {
/// As much as any card has.
extern float4 block_memory[];
float4 block_memory[232448 / sizeof(float4)];
} // namespace ebm::cuda

namespace emulation {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    bool done = false;
};

ucontext_t scheduler;
Fiber* running = nullptr;
const std::function<void()>* work = nullptr;
std::exception_ptr failure;

void start() {
    try {
        (*work)();
    } catch (...) {
        failure = std::current_exception();
    }
    running->done = true;
    swapcontext(&running->context, &scheduler);
}

void run_block(std::vector<Fiber>& fibers, std::mt19937& shuffle) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (float4& value : ebm::cuda::block_memory)
        value = {nan, nan, nan, nan};
    for (Fiber& fiber : fibers) {
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = stack_bytes;
        fiber.context.uc_link = nullptr;
        fiber.done = false;
        makecontext(&fiber.context, start, 0);
    }
    std::vector<unsigned> order(fibers.size());
    for (unsigned i = 0; i < order.size(); ++i)
        order[i] = i;
    for (std::size_t finished = 0; finished == 0;) {
        std::shuffle(order.begin(), order.end(), shuffle);
        for (const unsigned i : order) {
            threadIdx.x = i;
            running = &fibers[i];
            swapcontext(&scheduler, &running->context);
            finished += running->done;
        }
        if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
        if (finished != 0 && finished != fibers.size())
            throw std::logic_error("Only some threads of a block reached a barrier");
    }
}

} // namespace

void launch(int blocks, int threads, int shared_bytes, const std::function<void()>& body) {
    std::vector<Fiber> fibers(static_cast<std::size_t>(threads));
    for (Fiber& fiber : fibers)
        fiber.stack = std::make_unique<char[]>(stack_bytes);
    std::mt19937 shuffle(7);
    work = &body;
    gridDim.x = static_cast<unsigned>(blocks);
    for (int block = 0; block < blocks; ++block) {
        blockIdx.x = static_cast<unsigned>(block);
        run_block(fibers, shuffle);
        for (std::size_t i = static_cast<std::size_t>(shared_bytes) / sizeof(float4);
             i < std::size(ebm::cuda::block_memory); ++i) {
            const float4& value = ebm::cuda::block_memory[i];
            if (!std::isnan(value.x) || !std::isnan(value.y) || !std::isnan(value.z) || !std::isnan(value.w))
                throw std::logic_error("A block wrote behind its shared memory");
        }
    }
}

void barrier() {
    swapcontext(&running->context, &scheduler);
}

} // namespace emulation
