#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct BenchOptions : ComputeOptions {
    bool json = false;
    double seconds = 1;
};

struct Result {
    std::string what;
    double milliseconds = 0; ///< of one, the fastest run; 0 = not measured
    double rate = 0;         ///< in `unit` a second
    std::string unit, note;
};

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The fastest of at least three runs over about `budget` seconds, after one to warm up.
double fastest(double budget, const std::function<void()>& work) {
    seconds_of(work);
    double best = 1e300, spent = 0;
    for (int run = 0; run < 3 || spent < budget; ++run) {
        const double seconds = seconds_of(work);
        best = std::min(best, seconds);
        spent += seconds;
    }
    return best;
}

class Bench {
public:
    explicit Bench(const BenchOptions& options) : options_(options) {}

    std::vector<Result> run() {
        plane();
        images();
        first_snapshot();
        return results_;
    }
    std::string surroundings() const { return surroundings_; }
    int threads() const { return threads_; }

private:
    /// A rate of `amount` things that take `seconds`, each of which is `pieces` of what the line times.
    void add(const std::string& what, double seconds, double pieces, double amount, const std::string& unit) {
        results_.push_back({what, 1e3 * seconds / pieces, amount / seconds, unit, ""});
        if (!options_.json && on_terminal()) std::fprintf(stderr, "\r\x1b[K%s", what.c_str());
    }

    void sampling(lab::Laboratory& laboratory, const std::string& what, int chains, int steps) {
        const double seconds = fastest(options_.seconds, [&] {
            laboratory.sample(chains, steps, lab::ChainStart::noise, nullptr, 1, [](int) {});
        });
        add(what, seconds, steps, static_cast<double>(chains) * steps, "chain steps");
    }

    void training(lab::Laboratory& laboratory, const std::string& what) {
        const double seconds = fastest(options_.seconds, [&] { laboratory.train_iteration(); });
        add(what, seconds, 1, 1, "iterations");
    }

    void plane() {
        lab::Laboratory laboratory(options_.laboratory());
        laboratory.apply(lab::OpenScene{lab::find_scene("eight_gaussians"), false});
        lab::Snapshot snapshot;
        laboratory.fill(snapshot);
        surroundings_ = fmt::format("{}, {}", snapshot.device, snapshot.kernel);
        threads_ = snapshot.threads;
        for (const int chains : {64, 256, 1024, 4096, 16384})
            sampling(laboratory, fmt::format("Plane: one step of {} chains", count(chains)), chains,
                     std::max(20, 40960 / chains));
        training(laboratory, "Plane: one training iteration");

        constexpr int resolution = 256;
        lab::Samples grid{resolution * resolution, laboratory.kind(), {}};
        for (int row = 0; row < resolution; ++row)
            for (int column = 0; column < resolution; ++column)
                for (const int index : {column, row})
                    grid.values.push_back(static_cast<float>(8 * (index + 0.5) / resolution - 4));
        std::vector<float> energies;
        const double seconds =
            fastest(options_.seconds, [&] { laboratory.energies(grid, energies, nullptr); });
        add("Plane: landscape of 256 × 256", seconds, 1, static_cast<double>(grid.count), "energies");
    }

    void images() {
        lab::Laboratory laboratory(options_.laboratory());
        try {
            laboratory.apply(lab::OpenScene{lab::find_scene("fashion_mnist"), false});
        } catch (const Error& error) {
            results_.push_back({"Images: not measured", 0, 0, "", error.what()});
            return;
        }
        sampling(laboratory, "Images: one step of 128 chains", 128, 5);
        training(laboratory, "Images: one training iteration");
    }

    void first_snapshot() {
        const double seconds = seconds_of([&] {
            lab::Options options = options_.laboratory();
            options.for_window = true;
            lab::Session session(options);
            session.send(lab::OpenScene{lab::find_scene("eight_gaussians"), true});
            session.wait();
            session.latest();
        });
        add("Window: first snapshot of a training", seconds, 1, 1, "snapshots");
    }

    const BenchOptions& options_;
    std::vector<Result> results_;
    std::string surroundings_;
    int threads_ = 1;
};

int bench(const BenchOptions& options) {
    Bench bench(options);
    const std::vector<Result> results = bench.run();
    if (!options.json && on_terminal()) std::fputs("\r\x1b[K", stderr);
    if (options.json) {
        Json json = {{"threads", bench.threads()},
                     {"computes_with", bench.surroundings()},
                     {"results", Json::array()}};
        for (const Result& result : results) {
            Json item = {{"what", result.what}};
            if (result.note.empty()) {
                item["milliseconds"] = result.milliseconds;
                item["per_second"] = result.rate;
                item["unit"] = result.unit;
            } else {
                item["note"] = result.note;
            }
            json["results"].push_back(item);
        }
        std::fputs((json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stdout);
        return exit_done;
    }
    std::string text =
        fmt::format("Threads: {}. Computes with: {}. Times are the fastest of several runs.\n\n",
                    bench.threads(), bench.surroundings());
    Table table({{"what"}, {"time", true}, {"rate", true}, {"a second"}});
    std::string notes;
    for (const Result& result : results) {
        const bool measured = result.note.empty();
        table.add({result.what, measured ? fmt::format("{} ms", number(result.milliseconds, 3)) : "",
                   measured ? count(static_cast<std::int64_t>(result.rate)) : "", result.unit});
        if (!measured) notes += result.what + ": " + result.note + "\n";
    }
    std::fputs((text + table.text() + notes).c_str(), stdout);
    return exit_done;
}

} // namespace

void add_bench(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("bench", "Measure how fast this machine samples and trains");
    auto options = std::make_shared<BenchOptions>();
    app->add_option("--seconds", options->seconds, "Time to spend on each line")
        ->type_name("S")
        ->check(CLI::Range(0.0, 600.0).description(""))
        ->capture_default_str();
    app->add_flag("--json", options->json, "Print JSON");
    add_compute_options(*app, *options);
    app->footer("Examples:\n"
                "  ebmlab bench\n"
                "  ebmlab bench --threads 1 --json\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return bench(*options); }; });
}

} // namespace ebm::cli
