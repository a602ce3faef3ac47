#include "core/lab/curves.h"

#include "core/base/log.h"

#include <nlohmann/json.hpp>

namespace ebm::lab {
namespace {

constexpr std::size_t recent_count = 400;
constexpr std::int64_t stored_records = 2048, one_drag = 20;

/// Fields that came later stand behind these; curves of a version without them leave them unknown.
constexpr std::int64_t first_fields = 16;

std::int64_t fields() {
    return static_cast<std::int64_t>(record_fields().size());
}

/// A copy with what `keep` is true for.
template <class Value, class Keep>
std::shared_ptr<const std::vector<Value>> filtered(const std::vector<Value>& values, Keep keep) {
    auto kept = std::make_shared<std::vector<Value>>();
    for (const Value& value : values)
        if (keep(value)) kept->push_back(value);
    return kept;
}

/// In the text of a checkpoint: with which log Z the KL of normalised models was taken.
constexpr const char* log_z_of_densities = "log_z_of_densities";

} // namespace

Curves::Curves()
    : records_(std::make_shared<RecordLog>()), quality_(std::make_shared<std::vector<QualityPoint>>()),
      changes_(std::make_shared<std::vector<SettingChange>>()) {}

void Curves::add(const Record& record) {
    if (!records_->append(record)) {
        auto thinner = std::make_shared<RecordLog>();
        for (std::int64_t i = 0; i < records_->size(); i += 2)
            thinner->append((*records_)[i]);
        thinner->append(record);
        records_ = thinner;
    }
    recent_.push_back(record);
    if (recent_.size() > recent_count) recent_.pop_front();
}

void Curves::add(const QualityPoint& point) {
    auto points = std::make_shared<std::vector<QualityPoint>>(*quality_);
    if (!points->empty() && points->back().iteration == point.iteration) points->pop_back();
    points->push_back(point);
    quality_ = points;
}

void Curves::add(const SettingChange& change) {
    auto changes = std::make_shared<std::vector<SettingChange>>(*changes_);
    if (!changes->empty() && changes->back().key == change.key &&
        change.iteration - changes->back().iteration < one_drag)
        changes->back().after = change.after;
    else
        changes->push_back(change);
    changes_ = changes;
}

void Curves::cut_after(std::int64_t iteration) {
    const auto before = [&](const auto& point) { return point.iteration <= iteration; };
    auto kept = std::make_shared<RecordLog>();
    recent_.clear();
    for (std::int64_t i = 0; i < records_->size() && before((*records_)[i]); ++i) {
        kept->append((*records_)[i]);
        recent_.push_back((*records_)[i]);
        if (recent_.size() > recent_count) recent_.pop_front();
    }
    records_ = kept;
    quality_ = filtered(*quality_, before);
    changes_ = filtered(*changes_, before);
}

/// Indices of the records that are stored: the newest of each group, so that the last record is always there.
std::vector<std::int64_t> Curves::stored() const {
    const std::int64_t size = records_->size(), stride = (size + stored_records - 1) / stored_records;
    std::vector<std::int64_t> rows;
    for (std::int64_t first = 0; first < size; first += stride)
        rows.push_back(std::min(size, first + stride) - 1);
    return rows;
}

NamedTensors Curves::state() const {
    const std::vector<std::int64_t> rows = stored();
    const auto count = static_cast<std::int64_t>(rows.size());
    const torch::Tensor iterations = torch::empty({count}, torch::kLong),
                        records = torch::empty({count, fields()}, torch::kFloat),
                        quality =
                            torch::empty({static_cast<std::int64_t>(quality_->size()), 4}, torch::kDouble);
    std::int64_t* iteration = iterations.data_ptr<std::int64_t>();
    float* value = records.data_ptr<float>();
    for (const std::int64_t row : rows) {
        *iteration++ = (*records_)[row].iteration;
        for (const RecordField& field : record_fields())
            *value++ = (*records_)[row].*field.member;
    }
    double* at = quality.data_ptr<double>();
    for (const QualityPoint& point : *quality_)
        for (const double number :
             {static_cast<double>(point.iteration), point.kl, point.error, point.data_mass})
            *at++ = number;
    return {{"curves.iterations", iterations}, {"curves.records", records}, {"curves.quality", quality}};
}

std::string Curves::text() const {
    nlohmann::json json;
    json["changes"] = json["seconds"] = json["quality_seconds"] = json["quality_temperatures"] =
        nlohmann::json::array();
    for (const SettingChange& change : *changes_)
        json["changes"].push_back({change.iteration, change.key, change.before, change.after});
    for (const std::int64_t row : stored())
        json["seconds"].push_back((*records_)[row].seconds);
    for (const QualityPoint& point : *quality_) {
        json["quality_seconds"].push_back(point.seconds);
        json["quality_temperatures"].push_back(point.temperature);
    }
    json[log_z_of_densities] = 0;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Curves::restore(const NamedTensors& state, const std::string& text, bool density) {
    *this = Curves();
    const auto find = [&](const char* name, torch::ScalarType type, std::int64_t least, std::int64_t most) {
        for (const auto& [key, tensor] : state)
            if (key == name && tensor.scalar_type() == type &&
                (most == 0 ? tensor.dim() == 1
                           : tensor.dim() == 2 && tensor.size(1) >= least && tensor.size(1) <= most))
                return tensor;
        return torch::Tensor();
    };
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const auto second = [&](const char* key, std::int64_t row) {
        if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return 0.0;
        const auto& list = json[key];
        const auto at = static_cast<std::size_t>(row);
        return at < list.size() && list[at].is_number() ? list[at].get<double>() : 0.0;
    };
    const torch::Tensor iterations = find("curves.iterations", torch::kLong, 0, 0),
                        records = find("curves.records", torch::kFloat, first_fields, fields()),
                        quality = find("curves.quality", torch::kDouble, 4, 4);
    if (iterations.defined() && records.defined() && iterations.size(0) == records.size(0)) {
        const float* value = records.data_ptr<float>();
        for (std::int64_t row = 0; row < records.size(0); ++row) {
            Record record;
            record.iteration = iterations.data_ptr<std::int64_t>()[row];
            record.seconds = second("seconds", row);
            for (std::int64_t i = 0; i < records.size(1); ++i)
                record.*record_fields()[static_cast<std::size_t>(i)].member = *value++;
            add(record);
        }
    }
    const bool of_another_log_z = density && !(json.is_object() && json.contains(log_z_of_densities)) &&
                                  quality.defined() && quality.size(0) > 0;
    if (of_another_log_z)
        log::info("KL so far was measured by an earlier version, with another log Z; its curve begins anew.");
    else if (quality.defined())
        for (std::int64_t row = 0; row < quality.size(0); ++row) {
            const double* at = quality.data_ptr<double>() + 4 * row;
            const double temperature = second("quality_temperatures", row); // 0: an older checkpoint, T = 1
            add(QualityPoint{static_cast<std::int64_t>(at[0]), second("quality_seconds", row), at[1], at[2],
                             at[3], "", temperature > 0 ? temperature : 1});
        }
    if (!json.is_object() || !json.contains("changes") || !json["changes"].is_array()) return;
    auto changes = std::make_shared<std::vector<SettingChange>>();
    for (const auto& entry : json["changes"])
        if (entry.is_array() && entry.size() == 4 && entry[0].is_number_integer() && entry[1].is_string() &&
            entry[2].is_string() && entry[3].is_string())
            changes->push_back({entry[0], entry[1], entry[2], entry[3]});
    changes_ = changes;
}

} // namespace ebm::lab
