#include "app/cli/commands.h"
#include "app/cli/text.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ParamsOptions {
    bool markdown = false, json = false;
};

const char* type_name(SettingType type) {
    switch (type) {
    case SettingType::real:
        return "number";
    case SettingType::integer:
        return "whole number";
    case SettingType::boolean:
        return "true or false";
    case SettingType::choice:
        return "choice";
    case SettingType::text:
        return "text";
    }
    return "";
}

const char* effect_name(Effect effect) {
    switch (effect) {
    case Effect::now:
        return "now";
    case Effect::restart:
        return "at the next reset";
    case Effect::rebuild:
        return "starts the scene anew";
    }
    return "";
}

bool is_number(const Setting& row) {
    return row.type == SettingType::real || row.type == SettingType::integer;
}

std::string range(const Setting& row) {
    if (row.type == SettingType::integer)
        return fmt::format("{} to {}", static_cast<long long>(row.low), static_cast<long long>(row.high));
    if (row.type == SettingType::real) return fmt::format("{} to {}", exact(row.low), exact(row.high));
    std::string names;
    for (const std::string_view choice : row.choices)
        names += (names.empty() ? "" : ", ") + std::string(choice);
    return names;
}

std::string default_of(const Setting& row) {
    const std::string text = row.text(Settings());
    return text.empty() ? "\"\"" : text;
}

/// Help with what goes wrong at each end.
std::string full_help(const Setting& row, const char* separator) {
    std::string text(row.help);
    const bool boolean = row.type == SettingType::boolean;
    if (!row.too_low.empty())
        text += fmt::format("{}{}: {}", separator, boolean ? "Off" : "Too low", row.too_low);
    if (!row.too_high.empty())
        text += fmt::format("{}{}: {}", separator, boolean ? "On" : "Too high", row.too_high);
    return text;
}

std::string plain() {
    std::string text, group;
    for (const Setting& row : settings_table()) {
        if (row.group != group) {
            group = row.group;
            text += fmt::format("{}{}\n", text.empty() ? "" : "\n", group_title(row.group));
        }
        text += fmt::format("  {}  ({}{}{}{}; default {}{}; takes effect: {})\n", row.key,
                            type_name(row.type), range(row).empty() ? "" : " ", range(row),
                            row.unit.empty() ? "" : fmt::format(" {}", row.unit), default_of(row),
                            row.symbol.empty() ? "" : fmt::format("; symbol {}", row.symbol),
                            effect_name(row.effect));
        text += "      " + wrapped(full_help(row, " "), 110, 6) + "\n";
    }
    return text;
}

std::string markdown_cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    return text;
}

std::string markdown() {
    std::string text, group;
    for (const Setting& row : settings_table()) {
        if (row.group != group) {
            group = row.group;
            text += fmt::format(
                "{}## {}\n\n| Key | Symbol | Type | Range | Default | Unit | Takes effect | Meaning |\n"
                "|---|---|---|---|---|---|---|---|\n",
                text.empty() ? "" : "\n", group_title(row.group));
        }
        text += fmt::format("| `{}` | {} | {} | {} | `{}` | {} | {} | {} |\n", row.key,
                            markdown_cell(std::string(row.symbol)), type_name(row.type), range(row),
                            default_of(row), row.unit, effect_name(row.effect),
                            markdown_cell(full_help(row, " ")));
    }
    return text;
}

std::string json() {
    Json list = Json::array();
    const Settings defaults;
    for (const Setting& row : settings_table()) {
        Json item = {
            {"key", row.key}, {"group", row.group}, {"label", row.label}, {"type", type_name(row.type)}};
        if (is_number(row)) {
            item["low"] = row.low;
            item["high"] = row.high;
        }
        if (row.type == SettingType::choice) item["choices"] = row.choices;
        if (is_number(row))
            item["default"] = row.number(defaults);
        else if (row.type == SettingType::boolean)
            item["default"] = row.number(defaults) != 0;
        else
            item["default"] = row.text(defaults);
        if (!row.zero.empty()) item["zero_means"] = row.zero;
        item["unit"] = row.unit;
        item["symbol"] = row.symbol;
        item["tier"] = row.tier == Tier::basic ? "basic" : "advanced";
        item["takes_effect"] = effect_name(row.effect);
        item["help"] = row.help;
        item[row.type == SettingType::boolean ? "when_off" : "too_low"] = row.too_low;
        item[row.type == SettingType::boolean ? "when_on" : "too_high"] = row.too_high;
        list.push_back(item);
    }
    return list.dump(4) + "\n";
}

} // namespace

void add_params(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "params", "Describe every setting: key, type, range, default, unit, effect, help");
    auto options = std::make_shared<ParamsOptions>();
    auto* as_markdown = app->add_flag("--markdown", options->markdown, "Print tables in Markdown");
    app->add_flag("--json", options->json, "Print JSON")->excludes(as_markdown);
    app->footer("Examples:\n"
                "  ebmlab params\n"
                "  ebmlab params --markdown > settings.md\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] {
        action = [options] {
            std::fputs((options->markdown ? markdown() : options->json ? json() : plain()).c_str(), stdout);
            return exit_done;
        };
    });
}

} // namespace ebm::cli
