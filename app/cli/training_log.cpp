#include "app/cli/training_log.h"

#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace ebm::cli {
namespace {

struct Column {
    const char* name;
    std::string (*text)(const Record&);
};

#define COLUMN(name, expression)                                                                             \
    {                                                                                                        \
        name, [](const Record& r) { return exact(expression); }                                              \
    }
const Column columns[] = {
    {"iteration", [](const Record& r) { return std::to_string(r.iteration); }},
    COLUMN("training_time_s", r.seconds),
    COLUMN("positive_energy_nat", r.positive_energy),
    COLUMN("positive_energy_sd_nat", r.positive_energy_sd),
    COLUMN("negative_energy_nat", r.negative_energy),
    COLUMN("negative_energy_sd_nat", r.negative_energy_sd),
    COLUMN("energy_difference_nat", r.difference()),
    COLUMN("loss_nat", r.loss),
    COLUMN("regulariser_nat2", r.regulariser),
    COLUMN("learning_rate", r.learning_rate),
    COLUMN("parameter_gradient_norm", r.parameter_gradient_norm),
    COLUMN("gradient_norm_mean_nat_per_x", r.gradient_norm),
    COLUMN("gradient_norm_max_nat_per_x", r.gradient_norm_max),
    COLUMN("clipped_share", r.clipped_share),
    COLUMN("clamped_share", r.clamped_share),
    COLUMN("accepted_share", r.acceptance),
    COLUMN("accepted_jump_share", r.jump_acceptance),
    COLUMN("step_distance_x", r.distance),
    COLUMN("fresh_share", r.fresh_share),
};
#undef COLUMN

constexpr std::uint64_t largest_log = 4ull << 30;

std::string header() {
    std::string text;
    for (const Column& column : columns)
        text += (text.empty() ? "" : ",") + std::string(column.name);
    return text;
}

std::int64_t iteration_of(std::string_view row) {
    std::int64_t iteration = 0;
    const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), iteration);
    return error == std::errc() && end != row.data() + row.size() && *end == ',' ? iteration : -1;
}

/// The rows of an old log up to `iteration`, each complete and later than the one before.
std::string kept_rows(std::string_view text, std::int64_t iteration, const std::filesystem::path& path) {
    const std::string first = header();
    if (!text.starts_with(first + "\n"))
        throw Error("The log there has other columns than this program writes", path.string(),
                    "Move it away, or give another --out folder.");
    std::size_t end = first.size() + 1;
    std::int64_t before = 0;
    while (end < text.size()) {
        const std::size_t newline = text.find('\n', end);
        if (newline == std::string_view::npos) break;
        const std::string_view row = text.substr(end, newline - end);
        const std::int64_t at = iteration_of(row);
        const auto commas = static_cast<std::size_t>(std::count(row.begin(), row.end(), ','));
        if (at <= before || at > iteration || commas + 1 != std::size(columns)) break;
        before = at;
        end = newline + 1;
    }
    return std::string(text.substr(0, end));
}

} // namespace

TrainingLog::TrainingLog(std::filesystem::path path, std::int64_t iteration) : path_(std::move(path)) {
    std::string kept = header() + "\n";
    if (std::filesystem::exists(path_))
        kept = kept_rows(files::read_text(path_, largest_log), iteration, path_);
    files::write_atomically(path_, kept);
    file_.open(path_, std::ios::app | std::ios::binary);
    flush();
}

void TrainingLog::add(const Record& record) {
    std::string row;
    for (const Column& column : columns) {
        if (!row.empty()) row += ',';
        row += column.text(record);
    }
    file_ << row << '\n';
}

void TrainingLog::flush() {
    file_.flush();
    if (!file_)
        throw Error("The training log cannot be written", path_.string(),
                    "Make room on the disk, or check the folder's rights.");
}

} // namespace ebm::cli
