#include "core/data/labels.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/store/table.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace ebm::data {

bool natural_less(const std::string& a, const std::string& b) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t i = 0, k = 0;
    while (i < a.size() && k < b.size()) {
        if (!digit(a[i]) || !digit(b[k])) {
            if (a[i] != b[k]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[k]);
            ++i;
            ++k;
            continue;
        }
        while (i < a.size() && a[i] == '0')
            ++i;
        while (k < b.size() && b[k] == '0')
            ++k;
        const std::size_t first_i = i, first_k = k;
        while (i < a.size() && digit(a[i]))
            ++i;
        while (k < b.size() && digit(b[k]))
            ++k;
        if (i - first_i != k - first_k) return i - first_i < k - first_k;
        const int order = a.compare(first_i, i - first_i, b, first_k, k - first_k);
        if (order != 0) return order < 0;
    }
    return a.size() - i != b.size() - k ? a.size() - i < b.size() - k : a < b;
}

namespace {

void require_one_each(std::int64_t labels, const Records& records, const std::string& source) {
    if (labels != records.count())
        throw Error(fmt::format("{} for {}", counted(labels, "label"), counted(records.count(), "sample")),
                    source, "Give one label for each sample.");
}

} // namespace

void set_labels(Records& records, const torch::Tensor& numbers, const std::string& source) {
    if (numbers.dim() != 1 && !(numbers.dim() == 2 && numbers.size(1) == 1))
        throw Error(fmt::format("The labels have {} dimensions where one is needed", numbers.dim()), source,
                    "Give one label for each sample.");
    require_one_each(numbers.size(0), records, source);
    const torch::Tensor exact = numbers.reshape({-1}).to(torch::kDouble).contiguous();
    const auto* first = exact.const_data_ptr<double>();
    const std::int64_t count = exact.numel();
    std::int64_t largest = -1;
    for (std::int64_t i = 0; i < count; ++i) {
        if (first[i] >= 0 && first[i] < static_cast<double>(most_classes) &&
            first[i] == std::floor(first[i])) {
            largest = std::max(largest, static_cast<std::int64_t>(first[i]));
            continue;
        }
        throw Error(fmt::format("The label of record {} is {:g}, which is no class", i + 1, first[i]), source,
                    fmt::format("Give whole numbers from 0 to {}.", most_classes - 1));
    }
    std::vector<bool> used(static_cast<std::size_t>(largest + 1));
    for (std::int64_t i = 0; i < count; ++i)
        used[static_cast<std::size_t>(first[i])] = true;
    const bool from_one = largest > 0 && !used[0] && std::count(used.begin(), used.end(), true) == largest;
    records.labels = exact.to(torch::kLong) - (from_one ? 1 : 0);
    records.classes.clear();
    for (std::int64_t k = from_one ? 1 : 0; k <= largest; ++k)
        records.classes.push_back(fmt::format("{}", k));
}

void set_labels(Records& records, const std::vector<std::string>& names, const std::string& source) {
    require_one_each(static_cast<std::int64_t>(names.size()), records, source);
    std::map<std::string, std::int64_t> labels;
    for (const std::string& name : names)
        labels.emplace(name, 0);
    if (labels.size() > static_cast<std::size_t>(most_classes))
        throw Error(fmt::format("There are {} different classes, more than {}", labels.size(), most_classes),
                    source, "Choose a column with fewer different values.");
    records.classes.clear();
    for (const auto& [name, label] : labels)
        records.classes.push_back(name);
    std::ranges::sort(records.classes, natural_less);
    for (std::size_t k = 0; k < records.classes.size(); ++k)
        labels[records.classes[k]] = static_cast<std::int64_t>(k);
    records.labels = torch::empty({static_cast<std::int64_t>(names.size())}, torch::kLong);
    for (std::size_t i = 0; i < names.size(); ++i)
        records.labels.data_ptr<std::int64_t>()[i] = labels[names[i]];
}

void match_classes(Records& records, const std::vector<std::string>& classes) {
    if (records.classes == classes || !records.labels.defined()) return;
    std::vector<std::int64_t> label_of;
    const torch::Tensor there = records.labels.masked_select(records.labels >= 0)
                                    .bincount({}, static_cast<std::int64_t>(records.classes.size()));
    for (std::size_t k = 0; k < records.classes.size(); ++k) {
        const auto found = std::ranges::find(classes, records.classes[k]);
        label_of.push_back(found == classes.end() ? -1 : found - classes.begin());
        if (found != classes.end() || there[static_cast<std::int64_t>(k)].item<std::int64_t>() == 0) continue;
        std::vector<std::string> known;
        for (const std::string& name : classes)
            if (known.size() < 12) known.push_back(store::clean_name(name));
        throw Error(fmt::format("The model has {}, and {} is none of them", counted(classes.size(), "class"),
                                store::clean_name(records.classes[k])),
                    records.source,
                    fmt::format("Give data of its classes: {}{}.", fmt::join(known, ", "),
                                known.size() < classes.size() ? ", …" : ""));
    }
    const torch::Tensor to = torch::tensor(label_of, torch::kLong);
    // −1: a record without a class, which stays one.
    records.labels =
        torch::where(records.labels < 0, records.labels, to.index_select(0, records.labels.clamp_min(0)));
    records.classes = classes;
}

} // namespace ebm::data
