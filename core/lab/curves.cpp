#include "core/lab/curves.h"

#include <nlohmann/json.hpp>

namespace ebm::lab {
namespace {

constexpr std::size_t recent_count = 400;
constexpr std::int64_t stored_records = 8192, one_drag = 20;

std::int64_t columns() {
    return 2 + static_cast<std::int64_t>(record_fields().size());
}

/// A copy with what `keep` is true for.
template <class Value, class Keep>
std::shared_ptr<const std::vector<Value>> filtered(const std::vector<Value>& values, Keep keep) {
    auto kept = std::make_shared<std::vector<Value>>();
    for (const Value& value : values)
        if (keep(value)) kept->push_back(value);
    return kept;
}

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

NamedTensors Curves::state() const {
    const std::int64_t size = records_->size(), stride = (size + stored_records - 1) / stored_records;
    const std::int64_t rows = size == 0 ? 0 : (size + stride - 1) / stride;
    torch::Tensor records = torch::empty({rows, columns()}, torch::kDouble);
    double* at = records.data_ptr<double>();
    for (std::int64_t i = 0; i < rows; ++i) {
        // The newest of each group, so that the last record is always there.
        const Record& record = (*records_)[std::min(size - 1, (i + 1) * stride - 1)];
        *at++ = static_cast<double>(record.iteration);
        *at++ = record.seconds;
        for (const RecordField& field : record_fields())
            *at++ = record.*field.member;
    }
    torch::Tensor quality = torch::empty({static_cast<std::int64_t>(quality_->size()), 5}, torch::kDouble);
    at = quality.data_ptr<double>();
    for (const QualityPoint& point : *quality_) {
        *at++ = static_cast<double>(point.iteration);
        *at++ = point.seconds;
        *at++ = point.kl;
        *at++ = point.error;
        *at++ = point.data_mass;
    }
    return {{"curves.records", records}, {"curves.quality", quality}};
}

std::string Curves::changes_text() const {
    nlohmann::json list = nlohmann::json::array();
    for (const SettingChange& change : *changes_)
        list.push_back({change.iteration, change.key, change.before, change.after});
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Curves::restore(const NamedTensors& state, const std::string& changes_text) {
    *this = Curves();
    for (const auto& [name, tensor] : state) {
        if (tensor.scalar_type() != torch::kDouble || tensor.dim() != 2) continue;
        const double* at = tensor.data_ptr<double>();
        if (name == "curves.records" && tensor.size(1) == columns())
            for (std::int64_t i = 0; i < tensor.size(0); ++i) {
                Record record;
                record.iteration = static_cast<std::int64_t>(*at++);
                record.seconds = *at++;
                for (const RecordField& field : record_fields())
                    record.*field.member = static_cast<float>(*at++);
                add(record);
            }
        if (name == "curves.quality" && tensor.size(1) == 5)
            for (std::int64_t i = 0; i < tensor.size(0); ++i, at += 5)
                add(QualityPoint{static_cast<std::int64_t>(at[0]), at[1], at[2], at[3], at[4], ""});
    }
    const auto list = nlohmann::json::parse(changes_text, nullptr, false);
    if (!list.is_array()) return;
    auto changes = std::make_shared<std::vector<SettingChange>>();
    for (const auto& entry : list)
        if (entry.is_array() && entry.size() == 4 && entry[0].is_number_integer() && entry[1].is_string() &&
            entry[2].is_string() && entry[3].is_string())
            changes->push_back({entry[0], entry[1], entry[2], entry[3]});
    changes_ = changes;
}

} // namespace ebm::lab
