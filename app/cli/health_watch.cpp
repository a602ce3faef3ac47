#include "app/cli/text.h"
#include "app/cli/training_log.h"
#include "core/measure/diagnostics.h"

#include <fmt/format.h>

namespace ebm::cli {
namespace {

using measure::HealthLevel;

constexpr std::size_t most_records = 400;
constexpr int judged_every = 25, lasting = 4;

} // namespace

const char* health_word(HealthLevel level) {
    switch (level) {
    case HealthLevel::good:
        return "good";
    case HealthLevel::attention:
        return "attention";
    case HealthLevel::failure:
        return "failure";
    case HealthLevel::unknown:
        break;
    }
    return "unknown";
}

std::string health_sentence(const measure::Health& health) {
    std::string text = health.sentence;
    if (!text.empty() && !text.ends_with('.')) text += ".";
    if (!health.remedy.empty()) text += (text.empty() ? "" : " ") + health.remedy;
    return text;
}

std::string HealthWatch::add(const Record& record, const Settings& settings,
                             const measure::Circumstances& around) {
    recent_.push_back(record);
    if (recent_.size() > most_records) recent_.pop_front();
    if (record.iteration % judged_every != 0) return {};
    const measure::Health health = verdict(settings, around);
    latest_ = health.level;
    if (latest_ == HealthLevel::unknown) return {};
    if (latest_ > said_) return turn(record, health);
    better_for_ = latest_ < said_ ? better_for_ + 1 : 0;
    return better_for_ < lasting ? std::string() : turn(record, health);
}

std::string HealthWatch::turn(const Record& record, const measure::Health& health) {
    said_ = latest_;
    said_sentence_ = health_sentence(health);
    better_for_ = 0;
    return fmt::format("Health at iteration {}: {}", count(record.iteration), said_sentence_);
}

measure::Health HealthWatch::verdict(const Settings& settings, const measure::Circumstances& around) const {
    if (recent_.empty()) return {};
    return measure::judge({recent_.begin(), recent_.end()}, settings, around);
}

const char* HealthWatch::word() const {
    return health_word(latest_);
}

} // namespace ebm::cli
