#include "app/cli/training_log.h"

#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/system_error.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string_view>

namespace ebm::cli {
namespace {

/// A column between training time and health: a scalar of the record, or E⁺ − E⁻, which follows from two of
/// them.
struct Column {
    std::string_view name;
    float Record::*member; ///< null: the difference
};

const std::vector<Column>& log_columns() {
    static const std::vector<Column> list = [] {
        std::vector<Column> all;
        for (const RecordField& field : record_fields()) {
            all.push_back({field.name, field.member});
            if (field.member == &Record::negative_energy_sd)
                all.push_back({"energy_difference_nat", nullptr});
        }
        return all;
    }();
    return list;
}

constexpr std::uint64_t largest_log = 4ull << 30;
constexpr std::size_t most_earlier = 1000;

std::string header(const std::vector<std::string>& measured) {
    std::string text = "iteration,training_time_s,";
    for (const Column& column : log_columns())
        text += std::string(column.name) + ",";
    for (const std::string& name : measured)
        text += name + ",";
    return text + "health";
}

/// Takes the number before the next comma away from `row`; nothing if there is none.
std::optional<double> take_number(std::string_view& row) {
    const std::size_t comma = row.find(',');
    if (comma == std::string_view::npos || comma == 0) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(row.data(), row.data() + comma, value);
    // Out of range: a double that is 0 or infinite as it was printed.
    if (end != row.data() + comma || (error != std::errc() && error != std::errc::result_out_of_range))
        return std::nullopt;
    row.remove_prefix(comma + 1);
    return value;
}

/// The record of a row; nothing if it is not one that add() wrote with `measured` columns.
std::optional<Record> record_of(std::string_view row, std::size_t measured) {
    Record record;
    const std::optional<double> iteration = take_number(row), seconds = take_number(row);
    if (!iteration || !seconds) return std::nullopt;
    record.iteration = static_cast<std::int64_t>(*iteration);
    record.seconds = *seconds;
    for (const Column& column : log_columns()) {
        const std::optional<double> value = take_number(row);
        if (!value) return std::nullopt;
        if (column.member) record.*column.member = static_cast<float>(*value);
    }
    for (std::size_t i = 0; i < measured; ++i) {
        if (row.starts_with(','))
            row.remove_prefix(1);
        else if (!take_number(row))
            return std::nullopt;
    }
    for (const auto level : {measure::HealthLevel::unknown, measure::HealthLevel::good,
                             measure::HealthLevel::attention, measure::HealthLevel::failure})
        if (row == health_word(level)) return record;
    return std::nullopt;
}

struct Rows {
    std::string text; ///< header and rows up to the iteration, each later than the one before
    std::vector<Record> last;
    std::int64_t iteration = 0, later = 0, damaged = 0, first_damaged_line = 0;
};

Rows read_rows(std::string_view text, std::int64_t iteration, const std::vector<std::string>& measured) {
    Rows rows{header(measured) + "\n", {}};
    text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
    for (std::int64_t line = 2; !text.empty(); ++line) {
        const std::size_t newline = text.find('\n');
        if (newline == std::string_view::npos) break; // torn when the process was killed
        const std::string_view row = text.substr(0, newline);
        text.remove_prefix(newline + 1);
        const std::optional<Record> record = record_of(row, measured.size());
        if (record && record->iteration > iteration) {
            ++rows.later;
        } else if (!record || record->iteration <= rows.iteration) {
            if (rows.damaged++ == 0) rows.first_damaged_line = line;
        } else {
            rows.text.append(row).append("\n");
            rows.iteration = record->iteration;
            if (rows.last.size() == 2 * most_earlier)
                rows.last.erase(rows.last.begin(), rows.last.begin() + most_earlier);
            rows.last.push_back(*record);
        }
    }
    return rows;
}

std::filesystem::path keep_copy(const std::filesystem::path& log, std::string_view text) {
    std::filesystem::path stem = log;
    const std::filesystem::path copy =
        files::make_new_file(stem.replace_extension("").string() + "-kept", ".csv");
    files::write_atomically(copy, text);
    return copy;
}

} // namespace

Measurement::Measurement(lab::Laboratory& laboratory) : laboratory_(laboratory) {
    const data::PlaneSet* set = laboratory.plane_set();
    if (set && set->log_density) columns_ = {"kl_nat", "kl_error_nat"};
    for (const std::string& name : laboratory.ood_sets()) {
        std::string column = "auroc_";
        for (const char letter : name)
            column += std::isalnum(static_cast<unsigned char>(letter))
                          ? static_cast<char>(std::tolower(static_cast<unsigned char>(letter)))
                          : '_';
        columns_.push_back(column);
        sets_.push_back(name);
    }
}

std::vector<double> Measurement::measure(bool last) {
    std::vector<double> numbers;
    lab::Snapshot snapshot;
    try {
        laboratory_.refresh_quality(last ? measure::thorough : measure::repeated);
    } catch (const Error&) { // an energy is not finite; the verdict beside it says what that means
    }
    laboratory_.refresh_view(lab::View::scores);
    laboratory_.fill(snapshot);
    if (columns_.size() > sets_.size()) {
        const bool known =
            !snapshot.quality->empty() && snapshot.quality->back().iteration == laboratory_.iteration();
        numbers = {known ? snapshot.quality->back().kl : std::nan(""),
                   known ? snapshot.quality->back().error : std::nan("")};
    }
    for (const std::string& name : sets_) {
        const auto& sets = snapshot.scores->sets;
        const auto found = std::ranges::find_if(sets, [&](const lab::ScoreSet& set) {
            return set.meaning == lab::SetMeaning::ood && set.name == name;
        });
        numbers.push_back(found == sets.end() ? std::nan("") : found->auroc);
    }
    return numbers;
}

TrainingLog::TrainingLog(std::filesystem::path path, std::int64_t iteration,
                         std::vector<std::string> measured, std::vector<std::string>& notices)
    : path_(std::move(path)), measured_(std::move(measured)) {
    std::string kept = header(measured_) + "\n";
    std::error_code error;
    if (std::filesystem::exists(path_, error)) {
        const std::string text = files::read_text(path_, largest_log);
        if (text.empty() || text.starts_with(kept)) {
            Rows rows = read_rows(text, iteration, measured_);
            if (rows.damaged > 0)
                notices.push_back(fmt::format(
                    "{} has {} damaged rows, the first in line {}; all of it is kept as {}.", path_.string(),
                    rows.damaged, rows.first_damaged_line, keep_copy(path_, text).string()));
            if (rows.later > 0)
                notices.push_back(
                    fmt::format("{} went on after the checkpoint; what it has after iteration {} "
                                "is left out ({}), because that training was not saved.",
                                path_.string(), iteration, counted(rows.later, "row")));
            if (rows.iteration < iteration)
                notices.push_back(fmt::format("{} has no rows for iterations {} to {}.", path_.string(),
                                              rows.iteration + 1, iteration));
            kept = std::move(rows.text);
            if (rows.last.size() > most_earlier)
                rows.last.erase(rows.last.begin(), rows.last.end() - most_earlier);
            earlier_ = std::move(rows.last);
        } else {
            notices.push_back(fmt::format("{} has other columns than this program writes; it is kept as {}.",
                                          path_.string(), keep_copy(path_, text).string()));
        }
    }
    files::write_atomically(path_, kept);
    file_.open(path_, std::ios::app | std::ios::binary);
    flush();
}

void TrainingLog::add(const Record& record, const std::vector<double>& measured, const char* health) {
    file_ << record.iteration << ',' << exact(record.seconds) << ',';
    for (const Column& column : log_columns())
        file_ << exact(column.member ? record.*column.member : record.difference()) << ',';
    for (std::size_t i = 0; i < measured_.size(); ++i)
        file_ << (i < measured.size() && !std::isnan(measured[i]) ? exact(measured[i]) : "") << ',';
    file_ << health << '\n';
}

void TrainingLog::flush() {
    file_.flush();
    if (!file_)
        throw Error("The training log cannot be written", path_.string(),
                    "Make room on the disk, or check the folder's rights.");
}

} // namespace ebm::cli
