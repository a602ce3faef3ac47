#include "app/window/formula_lines.h"

#include <array>

namespace ebm::window {
namespace {

bool begins_with_operator(std::string_view text) {
    constexpr std::array<std::string_view, 9> operators = {"= ", "+ ", "− ", "- ", "· ",
                                                           "/ ", "← ", "≤ ", "≈ "};
    for (const std::string_view one : operators)
        if (text.starts_with(one)) return true;
    return false;
}

/// Where the blank is at which the first line of `text` ends best; npos if there is none at which it fits.
std::size_t best_break(std::string_view text, std::size_t from,
                       const std::function<bool(const std::string&)>& fits) {
    constexpr int bytes_for_a_bracket = 12; // so much shorter a line may be to have one bracket less open
    std::size_t best = std::string_view::npos;
    int best_worth = 0, open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(' || text[i] == '[') ++open;
        if (text[i] == ')' || text[i] == ']') --open;
        if (text[i] != ' ' || i <= from) continue;
        if (text[i - 1] != ',' && !begins_with_operator(text.substr(i + 1))) continue;
        if (!fits(std::string(text.substr(0, i)))) break;
        const int worth = static_cast<int>(i) - bytes_for_a_bracket * open;
        if (best == std::string_view::npos || worth >= best_worth) best = i, best_worth = worth;
    }
    return best;
}

} // namespace

std::vector<std::string> formula_lines(std::string_view formula,
                                       const std::function<bool(const std::string&)>& fits) {
    std::vector<std::string> lines;
    std::string rest(formula);
    while (!fits(rest)) {
        const std::size_t end = best_break(rest, lines.empty() ? 0 : 2, fits);
        if (end == std::string::npos) break;
        lines.push_back(rest.substr(0, end));
        rest = "  " + rest.substr(end + 1);
    }
    lines.push_back(rest);
    return lines;
}

std::string kept_together(std::string text) {
    constexpr std::string_view no_break = "\u00a0";
    const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
    for (const std::string_view sign : {"=", "<", ">", "·"}) {
        const std::string loose = " " + std::string(sign) + " ";
        const std::string tight = std::string(no_break) + std::string(sign) + std::string(no_break);
        for (std::size_t at = text.find(loose); at != std::string::npos; at = text.find(loose, at))
            text.replace(at, loose.size(), tight);
    }
    for (std::size_t at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 1))
        if ((at > 0 && digit(at - 1) && (digit(at + 1) || text.compare(at + 1, 1, "%") == 0)) ||
            (at >= 3 && text.compare(at - 3, 5, "log Z") == 0))
            text.replace(at, 1, no_break);
    // What stands in brackets is read as one: exp(E − E′), E(x, y), [−4, 4].
    constexpr std::size_t longest = 24;
    for (std::size_t open = text.find_first_of("(["); open != std::string::npos;
         open = text.find_first_of("([", open + 1)) {
        std::size_t close = text.find(text[open] == '(' ? ')' : ']', open);
        if (close == std::string::npos || close - open > longest) continue;
        for (std::size_t at = open; at < close; ++at) {
            if (text[at] != ' ') continue;
            const std::string_view before = std::string_view(text).substr(0, at),
                                   after = std::string_view(text).substr(at + 1);
            const bool sign = before.ends_with("\u2212") || after.starts_with("\u2212") ||
                              before.ends_with("/") || after.starts_with("/") || before.ends_with(",");
            if (!sign) continue;
            text.replace(at, 1, no_break);
            close += no_break.size() - 1;
        }
    }
    return text;
}

} // namespace ebm::window
