#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/lab/benchmark.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct BenchOptions : ComputeOptions {
    bool json = false;
    int runs = 7;
    std::string only;
};

struct Line {
    lab::Workload work;
    lab::Measurement measured;
    double rate() const { return work.amount / measured.fast; } ///< in work.unit a second
};

/// What a laboratory with these options says of itself.
struct Surroundings {
    std::string device, kernel;
    int threads = 1;
};

Surroundings surroundings(const ComputeOptions& options) {
    lab::Laboratory laboratory(options.laboratory());
    laboratory.apply(lab::OpenScene{lab::find_scene("eight_gaussians"), false});
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    return {snapshot.device, snapshot.kernel, snapshot.threads};
}

std::vector<Line> measure(const BenchOptions& options, int threads) {
    const bool progress = !options.json && on_terminal();
    std::vector<Line> lines;
    std::string names;
    for (lab::Workload& work : lab::workloads(threads, options.device)) {
        names += (names.empty() ? "" : ", ") + work.name;
        if (work.name.find(options.only) == std::string::npos) continue;
        if (progress) std::fprintf(stderr, "\r\x1b[K%s", work.title.c_str());
        const lab::Measurement measured = lab::measure(work, options.runs);
        lines.push_back({std::move(work), measured});
    }
    if (progress) std::fputs("\r\x1b[K", stderr);
    if (lines.empty())
        throw Error(fmt::format("No line's name contains '{}'", options.only), "option --only",
                    fmt::format("The names are {}.", names));
    return lines;
}

/// The median over the lines on all threads; 0 if there is none.
double product_speed(const std::vector<Line>& lines, int threads) {
    std::vector<double> speeds;
    for (const Line& line : lines)
        if (line.measured.product_speed > 0 && line.work.threads == threads)
            speeds.push_back(line.measured.product_speed);
    return speeds.empty() ? 0 : lab::median(speeds);
}

std::string megabytes(std::int64_t bytes) {
    return bytes > 0 ? count((bytes + 500'000) / 1'000'000) + " MB" : "";
}

std::string table(const std::vector<Line>& lines, const Surroundings& around, int runs) {
    // On a card no operations are counted, because the matrix product is the CPU's.
    const bool counted =
        std::ranges::any_of(lines, [](const Line& line) { return line.work.operations > 0; });
    std::string text = fmt::format(
        "Threads: {}. Computes with: {}, {}. Times are medians of {} runs in which {} take turns.",
        around.threads, around.device, around.kernel, runs,
        counted ? "fast path, reference\n(plain LibTorch) and matrix product"
                : "fast path\nand reference (plain LibTorch on the CPU)");
    if (const double speed = product_speed(lines, around.threads); speed > 0)
        text += fmt::format(" Matrix product 1024³ in fp32: {} GFLOP/s.", number(speed / 1e9, 3));
    text += "\n\n";
    std::vector<Table::Column> columns{{"what"}, {"time", true}, {"reference", true}, {"ratio", true}};
    if (counted) columns.push_back({"of the product", true});
    columns.insert(columns.end(), {{"memory", true}, {"rate", true}, {"a second"}});
    Table rows(columns);
    for (const auto& line : lines) {
        const lab::Measurement& m = line.measured;
        std::vector<std::string> cells{line.work.title, fmt::format("{} ms", number(1e3 * m.fast, 3)),
                                       m.reference > 0 ? fmt::format("{} ms", number(1e3 * m.reference, 3))
                                                       : "",
                                       m.reference > 0 ? fmt::format("{:.1f}", m.ratio()) : ""};
        if (counted)
            cells.push_back(line.work.operations > 0 ? fmt::format("{:.0f} %", 100 * m.share(line.work))
                                                     : "");
        cells.insert(cells.end(), {megabytes(m.fast_memory), count(static_cast<std::int64_t>(line.rate())),
                                   line.work.unit});
        rows.add(cells);
    }
    text += rows.text() + "\n";
    if (counted)
        text +=
            "of the product: operations a second beside those of the matrix product on as many threads.\n";
    return text + "memory: the most that the whole program held while the fast path ran.\n";
}

std::string json(const std::vector<Line>& lines, const Surroundings& around, int runs) {
    Json json = {{"threads", around.threads},
                 {"computes_with", fmt::format("{}, {}", around.device, around.kernel)},
                 {"runs", runs},
                 {"matrix_product_gflops", product_speed(lines, around.threads) / 1e9},
                 {"results", Json::array()}};
    for (const auto& line : lines) {
        const lab::Measurement& m = line.measured;
        Json item = {{"name", line.work.name},
                     {"what", line.work.title},
                     {"threads", line.work.threads},
                     {"milliseconds", 1e3 * m.fast}};
        if (m.reference > 0) {
            item["reference_milliseconds"] = 1e3 * m.reference;
            item["ratio"] = m.ratio();
        }
        if (line.work.operations > 0) {
            item["operations"] = line.work.operations;
            item["share_of_matrix_product"] = m.share(line.work);
        }
        item["peak_memory_bytes"] = m.fast_memory;
        if (m.reference > 0) item["reference_peak_memory_bytes"] = m.reference_memory;
        item["per_second"] = line.rate();
        item["unit"] = line.work.unit;
        json["results"].push_back(item);
    }
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

int bench(const BenchOptions& options) {
    const Surroundings around = surroundings(options);
    const std::vector<Line> lines = measure(options, around.threads);
    std::fputs((options.json ? json : table)(lines, around, options.runs).c_str(), stdout);
    return exit_done;
}

} // namespace

void add_bench(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("bench", "Measure how fast this machine samples and trains");
    auto options = std::make_shared<BenchOptions>();
    app->add_option("--runs", options->runs, "Runs of each line, of which the median counts")
        ->type_name("N")
        ->check(CLI::Range(1, 1000).description(""))
        ->capture_default_str();
    app->add_option("--only", options->only,
                    "Measure only lines whose name contains this: plane, images, training, landscape, …")
        ->type_name("TEXT");
    app->add_flag("--json", options->json, "Print JSON");
    add_compute_options(*app, *options);
    app->footer("Examples:\n"
                "  ebmlab bench\n"
                "  ebmlab bench --only plane --threads 1 --json\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return bench(*options); }; });
}

} // namespace ebm::cli
