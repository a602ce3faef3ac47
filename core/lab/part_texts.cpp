#include "core/lab/part_texts.h"

#include "core/base/error.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::lab {
namespace {

/// Of a part: a sum of float energies stays finite under it.
constexpr double largest_weight = 1'000'000;

std::vector<std::string> items(const std::string& text) {
    std::vector<std::string> list(1);
    for (const char sign : text)
        if (sign == ',')
            list.emplace_back();
        else
            list.back() += sign;
    for (std::string& item : list) {
        const auto first = item.find_first_not_of(" \t"), last = item.find_last_not_of(" \t");
        item = first == std::string::npos ? "" : item.substr(first, last - first + 1);
    }
    return list;
}

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t") == std::string::npos;
}

void require_count(std::size_t found, std::size_t parts, const char* what, const char* where) {
    if (found != parts)
        throw Error(fmt::format("{} as many {}, and {} given",
                                parts == 1 ? "1 part needs" : fmt::format("{} parts need", parts), what,
                                found == 1 ? "1 is" : fmt::format("{} are", found)),
                    where, "Give one for each part, with commas between them.");
}

} // namespace

std::vector<double> part_weights(const std::string& text, std::size_t parts) {
    constexpr const char* where = "setting compose.weights";
    if (blank(text)) return std::vector<double>(parts, 1.0);
    std::vector<double> weights;
    for (const std::string& item : items(text)) {
        double weight = 0;
        const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), weight);
        if (error != std::errc{} || end != item.data() + item.size() || !(std::abs(weight) <= largest_weight))
            throw Error(fmt::format("'{}' is not a number from -{} to {}", item.substr(0, 40), largest_weight,
                                    largest_weight),
                        where, "Give numbers such as 1, -0.5 with commas between them.");
        weights.push_back(weight);
    }
    require_count(weights.size(), parts, "weights", where);
    return weights;
}

std::string part_weights_text(const std::vector<double>& weights) {
    std::string text;
    for (const double weight : weights)
        text += (text.empty() ? "" : ", ") + fmt::format("{}", weight);
    return text;
}

std::vector<std::string> part_classes(const std::string& text, std::size_t parts) {
    if (blank(text)) return {};
    std::vector<std::string> names = items(text);
    require_count(names.size(), parts, "classes", "setting compose.classes");
    return names;
}

std::string part_classes_text(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace ebm::lab
