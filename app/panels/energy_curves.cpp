#include "app/panels/energy_curves.h"

#include "core/base/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::panels {

using namespace window;

namespace {

constexpr std::string_view difference_name = "difference"; ///< of two scalars, so that no field has it

/// A line of a plot: a scalar of the record by its name in record_fields().
struct Line {
    std::string_view field;
    const char* name;
    Meaning meaning = Meaning::text;
    Dash dash = Dash::solid;
    bool shown = true;
    std::string_view sd = {}; ///< the scalar that is the width of its band; empty for none
};

/// Plots of several scalars, or of one with words of its own.
struct Group {
    const char *id, *name, *meaning;
    bool shown, zero_line;
    std::vector<Line> lines;
};

const std::vector<Group>& groups() {
    static const std::vector<Group> all = {
        {"energies",
         "Energies",
         "energy (low = likely), mean ± sd of a batch",
         true,
         false,
         {{"positive_energy_nat", "E⁺ data", Meaning::data, Dash::solid, true, "positive_energy_sd_nat"},
          {"negative_energy_nat", "E⁻ negatives", Meaning::samples, Dash::solid, true,
           "negative_energy_sd_nat"}}},
        {"difference",
         "d = E⁺ − E⁻",
         "d > 0: negatives lie below the data",
         true,
         true,
         {{difference_name, "d"}}},
        {"gradient",
         "|∇ₓE|",
         "mean over the chains' steps, before clipping",
         false,
         false,
         {{"gradient_norm_mean_nat_per_x", "mean", Meaning::samples},
          {"gradient_norm_max_nat_per_x", "largest", Meaning::samples, Dash::dotted, false}}},
        {"acceptance",
         "Acceptance",
         "share of proposals that are taken",
         false,
         false,
         {{"accepted_share", "moves", Meaning::samples},
          {"accepted_jump_share", "jumps", Meaning::noise, Dash::dashed}}},
        {"loss",
         "Loss",
         "d + α (E⁺² + E⁻²), and w times the class loss; says little by itself",
         false,
         true,
         {{"loss_nat", "loss"}}},
        {"weights",
         "|∇θ loss|",
         "gradient of all weights, before clipping",
         false,
         false,
         {{"parameter_gradient_norm", "norm"}}},
        {"shares",
         "Shares",
         "of the elements of x⁻",
         false,
         false,
         {{"clipped_share", "clipped", Meaning::attention},
          {"clamped_share", "clamped", Meaning::failure, Dash::dashed}}}};
    return all;
}

const Group weights_group = {"weights", "|∇θ loss|", "gradient of all weights, before clipping",
                             true,      false,       {{"parameter_gradient_norm", "norm"}}};
const Group rate_group = {"rate", "Learning rate", "of the optimizer",
                          false,  false,           {{"learning_rate", "η"}}};

const std::vector<Group>& score_matching_groups() {
    static const std::vector<Group> all = {
        {"loss",
         "Noise that is not found",
         "share of the noise that ∇E does not take away, mean of a batch; 1 = all of it",
         true,
         false,
         {{"loss_nat", "share", Meaning::data}}},
        {"energies",
         "Energy of the data",
         "energy (low = likely), mean ± sd of a batch; its zero is arbitrary",
         true,
         false,
         {{"positive_energy_nat", "E⁺ data", Meaning::data, Dash::solid, true, "positive_energy_sd_nat"}}},
        weights_group,
        rate_group};
    return all;
}

const std::vector<Group>& class_groups() {
    static const std::vector<Group> all = {{"loss",
                                            "−log p(y|x) of the data",
                                            "nats a sample, mean of a batch",
                                            true,
                                            false,
                                            {{"loss_nat", "−log p(y|x)", Meaning::data}}},
                                           weights_group,
                                           rate_group};
    return all;
}

const std::vector<Group>& likelihood_groups() {
    static const std::vector<Group> all = {{"loss",
                                            "−log p of the data",
                                            "nats a sample, mean of a batch (low = likely)",
                                            true,
                                            false,
                                            {{"loss_nat", "−log p", Meaning::data}}},
                                           {"bits",
                                            "Bits per dimension",
                                            "−log₂ p of a picture, a channel value",
                                            false,
                                            false,
                                            {{"bits_per_dimension", "bits", Meaning::data}}},
                                           weights_group,
                                           rate_group};
    return all;
}

const std::vector<Group>& groups_of(Learning learning) {
    switch (learning) {
    case Learning::likelihood:
        return likelihood_groups();
    case Learning::score_matching:
        return score_matching_groups();
    case Learning::classes:
        return class_groups();
    case Learning::contrast:
    case Learning::nothing:
        break;
    }
    return groups();
}

ReadValue reader(std::string_view name) {
    if (name == difference_name) return [](const Record& record) { return record.difference(); };
    for (const RecordField& field : record_fields())
        if (field.name == name)
            return [member = field.member](const Record& record) { return record.*member; };
    throw Error(fmt::format("There is no scalar '{}' in a record", name), "", "Name one of record_fields().");
}

/// `value` + `factor` · `width`
ReadValue edge(const ReadValue& value, const ReadValue& width, float factor) {
    return [=](const Record& record) { return value(record) + factor * width(record); };
}

} // namespace

std::vector<Plot> make_plots(Learning learning, bool bounded) {
    std::vector<Plot> plots;
    std::vector<std::string_view> used;
    for (const Group& group : groups_of(learning)) {
        plots.push_back({group.id, group.name, group.meaning, group.shown, group.zero_line, {}, {}});
        if (const std::string_view id = group.id; bounded && (id == "loss" || id == "bits"))
            plots.back().meaning += "; at most: a bound, of a VAE after its warm-up";
        for (const Line& line : group.lines) {
            const ReadValue value = reader(line.field);
            ReadValue low, high;
            if (!line.sd.empty()) {
                low = edge(value, reader(line.sd), -1);
                high = edge(value, reader(line.sd), 1);
                used.push_back(line.sd);
            }
            plots.back().curves.emplace_back(line.name, line.meaning, line.dash, value, low, high);
            plots.back().curves.back().shown = line.shown;
            used.push_back(line.field);
        }
    }
    if (learning != Learning::contrast) return plots;
    for (const RecordField& field : record_fields()) {
        if (field.member == &Record::bits_per_dimension) continue; // of likelihood alone
        if (std::ranges::find(used, field.name) != used.end()) continue;
        plots.push_back({std::string(field.name),
                         std::string(field.label),
                         fmt::format("column {} of log.csv", field.name),
                         false,
                         false,
                         {},
                         {}});
        plots.back().curves.emplace_back(std::string(field.label), Meaning::text, Dash::solid,
                                         reader(field.name));
    }
    return plots;
}

} // namespace ebm::panels
