#include "core/kernels/parallel.h"

#include "core/kernels/aligned.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace ebm::kernels {
namespace {

/// While it lives, numbers below 1.2e-38 count as 0 on this thread: arithmetic with them is up to a hundred
/// times slower, and the tails of exp reach them where energies are large.
class FlushDenormals {
#if defined(__x86_64__) || defined(__i386__)
public:
    FlushDenormals() : before_(_mm_getcsr()) {
        constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x40;
        _mm_setcsr(before_ | flush_to_zero | denormals_are_zero);
    }
    ~FlushDenormals() {
        _mm_setcsr(before_);
    }
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
    unsigned before_;
#endif
};

/// Whether this thread is inside `work` of parallel_for.
thread_local bool working = false;

class Working {
public:
    Working() : before_(std::exchange(working, true)) {}
    ~Working() { working = before_; }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;

private:
    bool before_;
};

/// Tells the core that this thread is waiting.
void relax() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Waits for `condition` without sleeping, for as long as waking a sleeping thread would take, but lets
/// another thread have the core if one wants it. False if it did not come true.
template <class Condition>
bool soon(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    do {
        for (int i = 0; i < 16; ++i) {
            if (condition()) return true;
            relax();
        }
        std::this_thread::yield();
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

/// Starting a std::thread costs as much as a step of a small network, so the workers stay between calls:
/// awake for a moment, since one call often follows another, then asleep.
class Pool {
public:
    ~Pool() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        wake_.notify_all();
        for (std::thread& worker : workers_)
            worker.join();
    }

    void run(std::int64_t count, int helpers, const std::function<void(std::int64_t)>& work) {
        {
            const std::lock_guard lock(mutex_);
            while (static_cast<int>(workers_.size()) < helpers) {
                const int number = static_cast<int>(workers_.size());
                workers_.emplace_back([this, number, seen = generation_.load()] { serve(number, seen); });
            }
            work_ = &work;
            count_ = count;
            next_ = 0;
            failure_ = nullptr;
            helpers_ = helpers;
            busy_ = helpers;
            ++generation_;
        }
        wake_.notify_all();
        take_indices();
        const auto done = [this] { return busy_ == 0; };
        if (!soon(done)) {
            std::unique_lock lock(mutex_);
            done_.wait(lock, done);
        }
        if (failure_) std::rethrow_exception(failure_);
    }

    std::mutex user; ///< held by the thread that uses the pool

private:
    void serve(int number, std::uint64_t seen) {
        const auto called = [&] { return stop_ || generation_ != seen; };
        for (;;) {
            soon(called);
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, called);
                if (stop_) return;
                seen = generation_;
                if (number >= helpers_) continue;
            }
            take_indices();
            if (--busy_ > 0) continue;
            const std::lock_guard lock(mutex_); // the caller is asleep, or will look again
            done_.notify_one();
        }
    }

    void take_indices() {
        [[maybe_unused]] const FlushDenormals flush;
        const Working inside;
        try {
            for (std::int64_t index; (index = next_.fetch_add(1)) < count_;)
                (*work_)(index);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            next_ = count_;
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_, done_;
    std::vector<std::thread> workers_;
    const std::function<void(std::int64_t)>* work_ = nullptr;
    std::int64_t count_ = 0;
    std::atomic<std::int64_t> next_ = 0;
    std::exception_ptr failure_;
    std::atomic<std::uint64_t> generation_ = 0;
    int helpers_ = 0;
    std::atomic<int> busy_ = 0;
    std::atomic<bool> stop_ = false;
};

} // namespace

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work) {
    static Pool pool;
    const int helpers = static_cast<int>(std::min<std::int64_t>(threads, count)) - 1;
    std::unique_lock<std::mutex> user;
    if (helpers > 0 && !working) user = std::unique_lock(pool.user, std::try_to_lock);
    if (!user.owns_lock()) {
        [[maybe_unused]] const FlushDenormals flush;
        const Working inside;
        for (std::int64_t index = 0; index < count; ++index)
            work(index);
        return;
    }
    pool.run(count, helpers, work);
}

float* thread_scratch(std::int64_t count, ScratchUser user) {
    thread_local AlignedFloats buffers[3];
    AlignedFloats& buffer = buffers[static_cast<int>(user)];
    if (static_cast<std::int64_t>(buffer.size()) < count)
        buffer = AlignedFloats(static_cast<std::size_t>(count));
    return buffer.data();
}

} // namespace ebm::kernels
