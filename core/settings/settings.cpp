#include "core/settings/settings.h"

#include "core/base/error.h"
#include "core/base/names.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm {
namespace {

std::string join(const std::vector<std::string_view>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string number_text(double value) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return {digits, end};
}

void give_titles(Setting& row, std::vector<Title> titles) {
    row.titles = std::move(titles);
    if (row.type != SettingType::choice) return;
    for (const Title& title : row.titles)
        row.choices.push_back(title.name);
    row.high = static_cast<double>(row.choices.size()) - 1;
}

std::vector<Setting> build_table() {
    using enum Tier;
    using enum Effect;
    using enum Scale;
    using When = bool (*)(const Settings&, const Surroundings&);
    std::vector<Setting> table;
    When group_when = nullptr;
    bool below_group = false; // ACTS_IF below GROUP is for all of its rows
    const auto add = [&](Setting row) {
        row.when = group_when;
        below_group = false;
        table.push_back(std::move(row));
    };
#define NUMBER_ACCESS(group, member, Type)                                                                   \
    [](const Settings& s) -> double { return static_cast<double>(s.group.member); },                         \
        [](Settings& s, double v) { s.group.member = static_cast<Type>(v); }, nullptr
#define REAL(group, member, value, low, high, scale, unit, symbol, tier, effect, label, help, too_low,       \
             too_high)                                                                                       \
    add({#group "." #member,                                                                                 \
         #group,                                                                                             \
         label,                                                                                              \
         unit,                                                                                               \
         symbol,                                                                                             \
         help,                                                                                               \
         too_low,                                                                                            \
         too_high,                                                                                           \
         SettingType::real,                                                                                  \
         tier,                                                                                               \
         effect,                                                                                             \
         scale,                                                                                              \
         low,                                                                                                \
         high,                                                                                               \
         {},                                                                                                 \
         {},                                                                                                 \
         {},                                                                                                 \
         NUMBER_ACCESS(group, member, double)});
#define INT(group, member, value, low, high, scale, unit, symbol, tier, effect, label, help, too_low,        \
            too_high)                                                                                        \
    add({#group "." #member,                                                                                 \
         #group,                                                                                             \
         label,                                                                                              \
         unit,                                                                                               \
         symbol,                                                                                             \
         help,                                                                                               \
         too_low,                                                                                            \
         too_high,                                                                                           \
         SettingType::integer,                                                                               \
         tier,                                                                                               \
         effect,                                                                                             \
         scale,                                                                                              \
         low,                                                                                                \
         high,                                                                                               \
         {},                                                                                                 \
         {},                                                                                                 \
         {},                                                                                                 \
         NUMBER_ACCESS(group, member, int)});
#define BOOL(group, member, value, symbol, tier, effect, label, help, when_off, when_on)                     \
    add({#group "." #member,                                                                                 \
         #group,                                                                                             \
         label,                                                                                              \
         "",                                                                                                 \
         symbol,                                                                                             \
         help,                                                                                               \
         when_off,                                                                                           \
         when_on,                                                                                            \
         SettingType::boolean,                                                                               \
         tier,                                                                                               \
         effect,                                                                                             \
         linear,                                                                                             \
         0,                                                                                                  \
         1,                                                                                                  \
         {},                                                                                                 \
         {},                                                                                                 \
         {},                                                                                                 \
         NUMBER_ACCESS(group, member, bool)});
#define CHOICE(group, member, Enum, value, symbol, tier, effect, label, help, too_low, too_high)             \
    add({#group "." #member,                                                                                 \
         #group,                                                                                             \
         label,                                                                                              \
         "",                                                                                                 \
         symbol,                                                                                             \
         help,                                                                                               \
         too_low,                                                                                            \
         too_high,                                                                                           \
         SettingType::choice,                                                                                \
         tier,                                                                                               \
         effect,                                                                                             \
         linear,                                                                                             \
         0,                                                                                                  \
         0,                                                                                                  \
         {},                                                                                                 \
         {},                                                                                                 \
         {},                                                                                                 \
         NUMBER_ACCESS(group, member, Enum)});
#define TEXT(group, member, value, tier, effect, label, help)                                                \
    add({#group "." #member,                                                                                 \
         #group,                                                                                             \
         label,                                                                                              \
         "",                                                                                                 \
         "",                                                                                                 \
         help,                                                                                               \
         "",                                                                                                 \
         "",                                                                                                 \
         SettingType::text,                                                                                  \
         tier,                                                                                               \
         effect,                                                                                             \
         linear,                                                                                             \
         0,                                                                                                  \
         0,                                                                                                  \
         {},                                                                                                 \
         {},                                                                                                 \
         {},                                                                                                 \
         nullptr,                                                                                            \
         nullptr,                                                                                            \
         [](Settings& s) { return &s.group.member; }});
#define GROUP(group, title)                                                                                  \
    group_when = nullptr;                                                                                    \
    below_group = true;
#define ACTS_IF(condition)                                                                                   \
    (below_group ? group_when : table.back().when) = []([[maybe_unused]] const Settings& s,                  \
                                                        [[maybe_unused]] const Surroundings& in) -> bool {   \
        return condition;                                                                                    \
    };
#define IDLE_IF(condition, words)                                                                            \
    table.back().idle.push_back(                                                                             \
        []([[maybe_unused]] const Settings& s, [[maybe_unused]] const Surroundings& in) {                    \
            return (condition) ? std::string_view(words) : std::string_view();                               \
        });
#define ZERO_MEANS(words) table.back().zero = words;
#define TITLES(...) give_titles(table.back(), {__VA_ARGS__});
#include "core/settings/settings.def"
#undef NUMBER_ACCESS
    return table;
}

} // namespace

const std::vector<Setting>& settings_table() {
    static const std::vector<Setting> table = build_table();
    return table;
}

std::string_view group_title(std::string_view group) {
    static const std::map<std::string_view, std::string_view> titles = {
#define GROUP(group, title) {#group, title},
#include "core/settings/settings.def"
    };
    return titles.at(group);
}

const Setting& setting(std::string_view key) {
    std::vector<std::string_view> keys;
    for (const Setting& row : settings_table()) {
        if (row.key == key) return row;
        keys.push_back(row.key);
    }
    throw Error(fmt::format("There is no setting '{}'", key), "",
                did_you_mean(key, keys) + " `ebmlab params` lists them all.");
}

std::string_view Setting::why_idle(const Settings& settings, const Surroundings& around) const {
    for (const auto& reason : idle)
        if (const std::string_view words = reason(settings, around); !words.empty()) return words;
    return {};
}

std::string Setting::title(std::string_view name) const {
    for (const Title& known : titles)
        if (known.name == name) return std::string(known.title);
    std::string text(name);
    std::ranges::replace(text, '_', ' ');
    if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string Setting::text(const Settings& settings) const {
    if (type == SettingType::text) return *member_text(const_cast<Settings&>(settings));
    const double value = number(settings);
    if (type == SettingType::boolean) return value != 0 ? "true" : "false";
    if (type == SettingType::choice) return std::string(choices.at(static_cast<std::size_t>(value)));
    return number_text(value);
}

void Setting::set_number(Settings& settings, double value) const {
    const std::string where = fmt::format("setting {}", key);
    if (type == SettingType::text)
        throw Error("A number was given where text is needed", where, "Put the value in quotes.");
    if (!std::isfinite(value))
        throw Error("The value is not a finite number", where, "Give a finite number.");
    if (value < low || value > high)
        throw Error(fmt::format("{} is out of range", number_text(value)), where,
                    fmt::format("Choose a value from {} to {}.", number_text(low), number_text(high)));
    if (type != SettingType::real && value != std::floor(value))
        throw Error(fmt::format("{} is not a whole number", number_text(value)), where,
                    "Give a whole number.");
    put_number(settings, value);
}

void Setting::set_text(Settings& settings, std::string_view value) const {
    const std::string where = fmt::format("setting {}", key);
    if (type == SettingType::text) {
        *member_text(settings) = value;
        return;
    }
    if (type == SettingType::choice) {
        for (std::size_t i = 0; i < choices.size(); ++i)
            if (choices[i] == value) return put_number(settings, static_cast<double>(i));
        throw Error(fmt::format("'{}' is not one of the choices", value), where,
                    fmt::format("Choose one of: {}.", join(choices)));
    }
    if (type == SettingType::boolean) {
        const bool on = value == "true" || value == "1" || value == "on" || value == "yes";
        const bool off = value == "false" || value == "0" || value == "off" || value == "no";
        if (!on && !off)
            throw Error(fmt::format("'{}' is neither true nor false", value), where, "Use true or false.");
        return put_number(settings, on);
    }
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size())
        throw Error(fmt::format("'{}' is not a number", value), where, "Give a number such as 0.01 or 1e-4.");
    set_number(settings, number);
}

bool data_only(const Settings& settings, std::int64_t iteration) {
    return settings.model.energy == "autoencoder" && iteration <= settings.train.data_only;
}

Learning learning(const Settings& settings, const Surroundings& around) {
    if (!around.trainable) return Learning::nothing;
    if (around.density) return Learning::likelihood;
    if (settings.model.energy == "classifier") return Learning::classes;
    return settings.train.method == Method::score_matching ? Learning::score_matching : Learning::contrast;
}

bool has_negatives(const Settings& settings, const Surroundings& around) {
    return learning(settings, around) == Learning::contrast;
}

void validate(const Settings& settings) {
    if (settings.sampler.box_low >= settings.sampler.box_high)
        throw Error("The box is empty", "settings sampler.box_low and sampler.box_high",
                    "Make box_low smaller than box_high.");
    if (settings.train.batch > settings.buffer.size)
        throw Error("The batch is larger than the replay buffer", "settings train.batch and buffer.size",
                    "Use a smaller batch or a larger buffer.");
    if (settings.train.method == Method::score_matching && settings.train.score_noise_high > 0 &&
        settings.train.score_noise_high < settings.train.score_noise)
        throw Error("The largest score noise is below the score noise",
                    "settings train.score_noise and train.score_noise_high",
                    "Make score_noise_high larger, or 0 for noise of one size.");
}

} // namespace ebm
