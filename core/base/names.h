#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

/// "Did you mean …?" for names that a person typed.
namespace ebm {

/// Number of insertions, deletions, replacements and swaps of neighbours that turn one name into the other
/// (optimal string alignment distance). `-` and `_` count as equal.
inline int edit_distance(std::string_view a, std::string_view b) {
    const auto same = [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); };
    std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), 0);
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = static_cast<int>(i);
        for (size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + !same(a[i - 1], b[j - 1])});
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

/// The candidate nearest to `name`, or an empty view if none is near: the distance must be at most a third of
/// the name's length, where 2 is always allowed. A candidate that `name` begins also counts as near.
template <class Candidates>
std::string_view nearest(std::string_view name, const Candidates& candidates) {
    std::string_view best;
    int best_distance = std::max(2, static_cast<int>(name.size()) / 3) + 1;
    name = name.substr(0, 256);
    for (std::string_view candidate : candidates) {
        int distance = edit_distance(name, candidate);
        if (name.size() >= 3 && candidate.starts_with(name)) distance = std::min(distance, 2);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

/// The remedy sentence for an unknown name: "Did you mean two_moons?" or "Known names: a, b, c."
template <class Candidates>
std::string did_you_mean(std::string_view name, const Candidates& candidates) {
    if (const std::string_view near = nearest(name, candidates); !near.empty())
        return "Did you mean " + std::string(near) + "?";
    std::string known;
    for (std::string_view candidate : candidates)
        known += (known.empty() ? "" : ", ") + std::string(candidate);
    return "Known names: " + known + ".";
}

} // namespace ebm
