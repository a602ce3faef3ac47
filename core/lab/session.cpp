#include "core/lab/session.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/system_error.h"
#include "core/lab/laboratory.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ebm::lab {

using Clock = std::chrono::steady_clock;

namespace {

constexpr auto shortest_publication = std::chrono::microseconds(1'000'000 / 60);
constexpr double longest_sleep = 1e6; ///< seconds; beyond, only a command wakes the engine

} // namespace

struct Session::Engine {
    explicit Engine(const Options& options)
        : thread([this, options](std::stop_token stop) { run(stop, options); }) {}

    ~Engine() {
        {
            // Under the lock: the engine must not miss it between looking and falling asleep.
            std::lock_guard lock(mutex);
            thread.request_stop();
        }
        wake.notify_all();
    }

    void run(std::stop_token stop, const Options& options) {
        std::optional<Laboratory> laboratory;
        guard([&] { laboratory.emplace(options); });
        publish(laboratory ? &*laboratory : nullptr);
        Clock::time_point next = Clock::now(); // when there is work again
        bool changed = false;                  // since the last publication
        while (true) {
            // What changed waits for its turn: nobody can see more than 60 pictures a second.
            const auto turn = last_publication + shortest_publication;
            changed |= apply_commands(laboratory ? &*laboratory : nullptr,
                                      changed ? std::min(next, turn) : next, stop);
            if (stop.stop_requested()) break;
            const auto begin = Clock::now();
            if (laboratory) {
                const std::int64_t problems = problem_count;
                Work work;
                guard([&] { work = laboratory->work(std::chrono::milliseconds(12)); });
                changed |= work.changed || problem_count != problems;
                next = work.wait < longest_sleep
                           ? Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                std::chrono::duration<double>(work.wait))
                           : Clock::time_point::max();
            } else {
                next = Clock::time_point::max();
            }
            const auto worked = Clock::now() - begin;
            if (changed && Clock::now() >= last_publication + shortest_publication) {
                publish(laboratory ? &*laboratory : nullptr);
                changed = false;
            }
            rest(worked, stop);
        }
    }

    /// Waits for commands until `next`. Returns whether any was applied.
    bool apply_commands(Laboratory* laboratory, Clock::time_point next, const std::stop_token& stop) {
        std::deque<Command> batch;
        {
            std::unique_lock lock(mutex);
            const auto woken = [&] { return !queue.empty() || stop.stop_requested(); };
            if (next == Clock::time_point::max())
                wake.wait(lock, woken);
            else
                wake.wait_until(lock, next, woken);
            batch.swap(queue);
        }
        for (const Command& command : batch) {
            if (!laboratory) break; // `problem` says why there is none
            if (const auto* pace = std::get_if<SetPace>(&command)) share = std::clamp(pace->share, 0.1, 1.0);
            task = task_of(command);
            if (!task.empty()) publish(laboratory);
            guard([&] {
                laboratory->apply(command);
                problem.reset();
            });
            task.clear();
        }
        applied += batch.size();
        return !batch.empty();
    }

    /// What takes long enough to be announced.
    static std::string task_of(const Command& command) {
        if (std::holds_alternative<OpenScene>(command) || std::holds_alternative<OpenCheckpoint>(command) ||
            std::holds_alternative<Recover>(command))
            return "Loading";
        return std::holds_alternative<UseDevice>(command) ? "Preparing the device" : "";
    }

    /// The compute share: after work, sleep in proportion; commands end the rest early.
    void rest(Clock::duration worked, const std::stop_token& stop) {
        if (share >= 1) return;
        std::unique_lock lock(mutex);
        wake.wait_for(lock,
                      std::chrono::duration_cast<std::chrono::microseconds>(worked * ((1 - share) / share)),
                      [&] { return !queue.empty() || stop.stop_requested(); });
    }

    template <class Work>
    void guard(Work&& work) {
        const auto report = [&](const std::string& text, const std::string& remedy) {
            problem = Problem{text, remedy, ++problem_count};
            log::error("{} {}", text, remedy);
        };
        try {
            work();
        } catch (const Error& error) {
            report(error.what_happened + (error.where.empty() ? "" : " (" + error.where + ")") + ".",
                   error.what_to_do);
        } catch (const std::exception& error) {
            if (const std::optional<Error> plain = explained(error))
                return report(plain->what_happened + ".", plain->what_to_do);
            report(std::string("Something unexpected went wrong: ") + error.what(),
                   "Reset the run; the log has the details.");
        }
    }

    void publish(Laboratory* laboratory) {
        Snapshot& snapshot = snapshots[back];
        if (laboratory) guard([&] { laboratory->fill(snapshot); });
        snapshot.problem = problem;
        snapshot.problems = problem_count;
        snapshot.task = task;
        snapshot.number = ++number;
        last_publication = Clock::now();
        {
            std::lock_guard lock(mutex);
            std::swap(back, middle);
            fresh = true;
            published = applied;
        }
        done.notify_all();
        std::lock_guard lock(telling);
        if (on_publish) on_publish();
    }

    // Guarded by `mutex`, which is held for pointer swaps only.
    std::mutex mutex;
    std::condition_variable wake, done;
    std::deque<Command> queue;
    std::size_t sent = 0, published = 0;
    std::array<Snapshot, 3> snapshots;
    std::size_t middle = 1, front = 2;
    bool fresh = false;

    std::mutex telling; ///< guards `on_publish`, also while it runs
    std::function<void()> on_publish;

    // Engine thread only.
    std::size_t back = 0;
    std::size_t applied = 0;
    double share = 1;
    Clock::time_point last_publication;
    std::uint64_t number = 0;
    std::int64_t problem_count = 0;
    std::optional<Problem> problem;
    std::string task;

    std::jthread thread; // last: it uses everything above
};

Session::Session(const Options& options) : engine_(std::make_unique<Engine>(options)) {}
Session::~Session() = default;

void Session::send(Command command) {
    {
        std::lock_guard lock(engine_->mutex);
        engine_->queue.push_back(std::move(command));
        ++engine_->sent;
    }
    engine_->wake.notify_all();
}

const Snapshot& Session::latest() {
    std::lock_guard lock(engine_->mutex);
    if (engine_->fresh) {
        std::swap(engine_->front, engine_->middle);
        engine_->fresh = false;
    }
    return engine_->snapshots[engine_->front];
}

void Session::on_publish(std::function<void()> wake) {
    std::lock_guard lock(engine_->telling);
    engine_->on_publish = std::move(wake);
}

void Session::wait() {
    std::unique_lock lock(engine_->mutex);
    const std::size_t target = engine_->sent;
    engine_->done.wait(lock, [&] { return engine_->published >= target; });
}

} // namespace ebm::lab
