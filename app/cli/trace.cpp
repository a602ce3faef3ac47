#include "app/cli/trace.h"

#include "core/base/error.h"
#include "core/data/plane.h"
#include "core/measure/histogram.h"
#include "core/store/npz_writer.h"
#include "core/store/table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace ebm::cli {
namespace {

const std::vector<std::string> trace_columns = {
    "step",           "energy_mean_nat", "energy_sd_nat", "energies_not_finite",
    "accepted_share", "ess_bulk",        "r_hat",         "mode_crossings"};
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

} // namespace

const char* const trace_help =
    "Write what happens at each step: .csv, one row a step from 0 on (energy_mean_nat and energy_sd_nat over "
    "the chains whose energy is finite, energies_not_finite counts the others, accepted_share, ess_bulk and "
    "r_hat over the latest 512 steps of the first 64 chains at every "
    "hundredth "
    "part of the run and nan between, mode_crossings so far); or .npz with these as arrays of the same "
    "names, and "
    "states [steps + 1, chains, …], energies [steps + 1, chains], accepted [steps, chains]";

Trace::Trace(std::string path, const lab::SampleKind& kind, std::int64_t chains, int steps,
             const data::PlaneSet* modes)
    : path_(std::move(path)), kind_(kind), chains_(chains), steps_(steps),
      history_(kind.plane ? std::vector<std::string>{"energy", "x", "y"}
                          : std::vector<std::string>{"energy", "mean pixel"}) {
    const std::string extension = std::filesystem::path(path_).extension().string();
    if (extension != ".csv" && extension != ".npz")
        throw Error("A trace is not written to this kind of file", path_, "Use .csv or .npz.");
    const double bytes = 4.0 * static_cast<double>(chains) * (kind.elements() + 1) * (steps + 1.0);
    if (extension == ".npz" && bytes > 2e9)
        throw Error("The trace would need more than 2 GB", path_,
                    "Use fewer chains or steps, or .csv, which holds no states.");
    if (modes && modes->mode_of) crossings_ = std::make_unique<measure::ModeCrossings>(modes->mode_of);
}

void Trace::add(const lab::ObservedStep& step) {
    const auto elements = static_cast<std::size_t>(kind_.elements());
    if (path_.ends_with(".npz")) {
        states_.insert(states_.end(), step.states.begin(), step.states.end());
        energies_.insert(energies_.end(), step.energies.begin(), step.energies.end());
        accepted_.insert(accepted_.end(), step.accepted.begin(), step.accepted.end());
    }
    const std::size_t watched = std::min(step.energies.size(), measure::ChainHistory::most_chains);
    std::vector<std::vector<float>> values(kind_.plane ? 3 : 2);
    for (std::size_t chain = 0; chain < watched; ++chain) {
        const std::span<const float> x = step.states.subspan(chain * elements, elements);
        values[0].push_back(step.energies[chain]);
        if (kind_.plane) {
            values[1].push_back(x[0]);
            values[2].push_back(x[1]);
        } else {
            double sum = 0;
            for (const float pixel : x)
                sum += pixel;
            values[1].push_back(static_cast<float>(sum / static_cast<double>(elements)));
        }
    }
    history_.add(values);
    measure::Mixing mixing;
    mixing.effective_samples = mixing.r_hat = unknown;
    if (step.step == steps_ || step.step % std::max(1, steps_ / 100) == 0) mixing = history_.mixing();
    if (crossings_) crossings_->add(step.states);
    const measure::Moments energy = measure::moments(step.energies);
    float accepted = unknown;
    if (!step.accepted.empty())
        accepted = static_cast<float>(std::count(step.accepted.begin(), step.accepted.end(), 1)) /
                   static_cast<float>(step.accepted.size());
    rows_.insert(rows_.end(), {static_cast<float>(step.step), static_cast<float>(energy.mean),
                               static_cast<float>(energy.sd), static_cast<float>(energy.not_finite), accepted,
                               static_cast<float>(mixing.effective_samples), static_cast<float>(mixing.r_hat),
                               crossings_ ? static_cast<float>(crossings_->total()) : unknown});
}

void Trace::write() const {
    if (path_.ends_with(".csv")) {
        store::write_table(path_, trace_columns, rows_);
        return;
    }
    const auto rows = static_cast<std::int64_t>(rows_.size() / trace_columns.size());
    std::vector<std::int64_t> shape = kind_.shape(chains_);
    shape.insert(shape.begin(), rows);
    std::vector<store::NamedArray> arrays = {store::named_array("states", shape, states_),
                                             store::named_array("energies", {rows, chains_}, energies_),
                                             store::named_array("accepted", {rows - 1, chains_}, accepted_)};
    for (std::size_t column = 0; column < trace_columns.size(); ++column) {
        std::vector<float> values;
        for (std::size_t i = column; i < rows_.size(); i += trace_columns.size())
            values.push_back(rows_[i]);
        arrays.push_back(store::named_array(trace_columns[column], {rows}, values));
    }
    store::write_npz(path_, arrays);
}

} // namespace ebm::cli
