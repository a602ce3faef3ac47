#include "emulation.h"

#include <algorithm>
#include <cstring>
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
    enum class State { ready, at_warp_barrier, at_barrier, done } state = State::ready;
};
using State = Fiber::State;
constexpr unsigned warp_threads = 32;

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
    running->state = State::done;
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
        fiber.state = State::ready;
        makecontext(&fiber.context, start, 0);
    }
    std::vector<unsigned> order(fibers.size());
    for (unsigned i = 0; i < order.size(); ++i)
        order[i] = i;
    const auto all = [&](std::size_t first, std::size_t end, State state) {
        return std::all_of(fibers.begin() + static_cast<std::ptrdiff_t>(first),
                           fibers.begin() + static_cast<std::ptrdiff_t>(end),
                           [&](const Fiber& fiber) { return fiber.state == state; });
    };
    const auto release = [&](std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end; ++i)
            fibers[i].state = State::ready;
    };
    while (!all(0, fibers.size(), State::done)) {
        std::shuffle(order.begin(), order.end(), shuffle);
        bool moved = false;
        for (const unsigned i : order) {
            if (fibers[i].state != State::ready) continue;
            moved = true;
            threadIdx.x = i;
            running = &fibers[i];
            swapcontext(&scheduler, &running->context);
        }
        if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
        for (std::size_t first = 0; first < fibers.size(); first += warp_threads) {
            const std::size_t end = std::min(first + warp_threads, fibers.size());
            if (all(first, end, State::at_warp_barrier)) release(first, end);
        }
        if (all(0, fibers.size(), State::at_barrier))
            release(0, fibers.size());
        else if (!moved)
            throw std::logic_error("Only some threads of a block or of a warp reached a barrier");
    }
}

void wait_at(State barrier) {
    running->state = barrier;
    swapcontext(&running->context, &scheduler);
}

float as_float(unsigned bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

/// What the threads of a block brought to a product.
struct Fragments {
    unsigned a[4], b[2];
};
std::vector<Fragments> fragments;

} // namespace

void launch(int blocks, int threads, int shared_bytes, const std::function<void()>& body) {
    std::vector<Fiber> fibers(static_cast<std::size_t>(threads));
    for (Fiber& fiber : fibers)
        fiber.stack = std::make_unique<char[]>(stack_bytes);
    fragments.resize(static_cast<std::size_t>(threads));
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
    wait_at(State::at_barrier);
}

void multiply_add_fragments(const unsigned (&a)[4], const unsigned (&b)[2], float (&c)[4]) {
    const unsigned thread = threadIdx.x, lane = thread % warp_threads;
    Fragments& mine = fragments[thread];
    std::copy(std::begin(a), std::end(a), mine.a);
    std::copy(std::begin(b), std::end(b), mine.b);
    wait_at(State::at_warp_barrier);
    const Fragments* warp = fragments.data() + (thread - lane);
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned row = lane / 4, column = 2 * (lane % 4) + i % 2;
        for (unsigned k = 0; k < 8; ++k) {
            const unsigned left = warp[4 * row + k % 4].a[i / 2 + 2 * (k / 4)];
            const unsigned right = warp[4 * column + k % 4].b[k / 4];
            c[i] += as_float(left) * as_float(right);
        }
    }
    wait_at(State::at_warp_barrier);
}

} // namespace emulation
