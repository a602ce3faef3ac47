#include "core/data/coding.h"

#include "core/base/error.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::data {

bool Coding::identity() const {
    for (const Column& column : columns)
        if (column.mean != 0 || column.sd != 1) return false;
    return !columns.empty() || (low == -1 && high == 1);
}

std::vector<std::string> Coding::names() const {
    std::vector<std::string> names;
    for (const Column& column : columns)
        names.push_back(column.name);
    return names;
}

Coding plane_coding() {
    Coding coding;
    coding.columns = {{"x"}, {"y"}};
    return coding;
}

std::string coding_in_words(const Coding& coding) {
    if (coding.identity()) return "";
    if (coding.columns.empty()) return fmt::format("{:g} … {:g} become −1 … 1", coding.low, coding.high);
    std::string text;
    const char* axes[] = {"x", "y"};
    for (std::size_t i = 0; i < coding.columns.size(); ++i) {
        const Coding::Column& column = coding.columns[i];
        const std::string axis = axes[std::min<std::size_t>(i, 1)];
        text += fmt::format("{}{}{} = {:.4g} + {:.4g} {}", i ? ", " : "", column.name,
                            column.name == axis ? " of the file" : "", column.mean, column.sd, axis);
    }
    return text;
}

std::string coding_json(const Coding& coding) {
    nlohmann::ordered_json json;
    if (coding.columns.empty()) json["pixels"] = {coding.low, coding.high};
    for (const Coding::Column& column : coding.columns)
        json["columns"].push_back({{"name", column.name}, {"mean", column.mean}, {"sd", column.sd}});
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Coding parse_coding(const std::string& text, const std::string& source) {
    const auto refused = [&] {
        return Error("The coding of the data in the checkpoint cannot be read", source,
                     "The file is damaged. Use an earlier checkpoint or another copy.");
    };
    try {
        const nlohmann::json json = nlohmann::json::parse(text);
        Coding coding;
        if (json.contains("pixels")) {
            coding.low = json.at("pixels").at(0).get<double>();
            coding.high = json.at("pixels").at(1).get<double>();
        } else {
            for (const nlohmann::json& column : json.at("columns"))
                coding.columns.push_back({column.at("name").get<std::string>(),
                                          column.at("mean").get<double>(), column.at("sd").get<double>()});
            if (coding.columns.empty() || coding.columns.size() > 1000) throw refused();
        }
        if (!(coding.low < coding.high) || !std::isfinite(coding.high - coding.low)) throw refused();
        for (const Coding::Column& column : coding.columns)
            if (!std::isfinite(column.mean) || !(column.sd > 0) || !std::isfinite(column.sd) ||
                column.name.size() > 400)
                throw refused();
        return coding;
    } catch (const nlohmann::json::exception&) {
        throw refused();
    }
}

} // namespace ebm::data
