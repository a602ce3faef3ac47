#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/store/npz_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct RaceOptions : ModelOptions {
    std::vector<std::string> samplers, steps;
    lab::RaceSettings race;
    std::optional<std::uint64_t> seed;
    std::optional<std::int64_t> warm_up;
    std::string init = "noise", trace;
    bool json = false;
};

/// `name=λ` of --step. Throws Error.
void set_step(std::vector<lab::Runner>& runners, const std::string& text) {
    const std::size_t equals = text.find('=');
    double step = 0;
    std::size_t read = 0;
    try {
        if (equals != std::string::npos) step = std::stod(text.substr(equals + 1), &read);
    } catch (const std::exception&) {
        read = 0;
    }
    if (equals == std::string::npos || read != text.size() - equals - 1 || !std::isfinite(step) || step <= 0)
        throw Error(fmt::format("'{}' is no step of a sampler", text), "--step",
                    "Give a name and a number above 0, as in --step mala=0.1.");
    for (lab::Runner& runner : runners)
        if (runner.sampler == text.substr(0, equals)) {
            runner.step = step;
            return;
        }
    throw Error(fmt::format("'{}' does not take part", text.substr(0, equals)), "--step",
                "Name one of --samplers.");
}

/// "–" for what is not known.
std::string share(double value) {
    return std::isfinite(value) ? fmt::format("{:.1f} %", 100 * value) : "–";
}

std::string as_text(const lab::Laboratory& laboratory, const lab::RaceView& view) {
    std::string text = laboratory.scene().title +
                       (view.iteration > 0 ? fmt::format(", iteration {}\n", count(view.iteration)) : "\n");
    const auto say = [&text](const std::string& line) { text += wrapped(line, 100, 0) + "\n"; };
    say(fmt::format(
        "exp(−E/T) at T = {}{}: {} from {}, {} gradient evaluations each, of which {} are warm-up",
        number(view.temperature),
        view.box ? fmt::format(" on the box from {} to {}", number(view.box_low), number(view.box_high))
                 : std::string(),
        view.settings.chains == 1 ? "1 chain" : count(view.settings.chains) + " chains",
        view.settings.start == lab::ChainStart::data ? "data" : "noise", count(view.settings.gradients),
        count(view.settings.warm_up)));
    text += "\n";
    std::vector<Table::Column> columns = {
        {"sampler"},   {"step", true},   {"draws", true}, {"accepted", true},
        {"ESS", true}, {"worst of"},     {"ESS/s", true}, {"ESS/1000 gradients", true},
        {"R̂", true},   {"split R̂", true}};
    if (!view.mode_shares.empty()) columns.push_back({"modes off by", true});
    Table table(columns);
    for (const lab::RaceLane& lane : view.lanes) {
        std::vector<std::string> cells = {lane.title,
                                          number(lane.step, 3) + (lane.step_found ? "" : " (given)"),
                                          count(lane.draws),
                                          share(lane.acceptance),
                                          number(lane.effective_samples),
                                          lane.slowest.empty() ? "–" : lane.slowest,
                                          number(lane.per_second),
                                          number(1000 * lane.per_gradient),
                                          number(lane.r_hat, 5),
                                          number(lane.split_r_hat, 5)};
        if (!view.mode_shares.empty()) cells.push_back(share(lane.mode_distance));
        table.add(std::move(cells));
    }
    text += table.text() + "\n";
    for (const lab::RaceLane& lane : view.lanes) {
        if (!lane.problem.empty()) say(fmt::format("{} stopped: {}", lane.title, lane.problem));
        if (!lane.why_unknown.empty())
            say(fmt::format("{}: no ESS and no R̂, because {}.", lane.title, lane.why_unknown));
        if (!lane.exact)
            say(fmt::format("{} refuses nothing: its density is off by an amount that grows with its step.",
                            lane.title));
        if (std::isfinite(lane.swap_acceptance))
            say(fmt::format("{}: {} of the exchanges between neighbours were accepted.", lane.title,
                            share(lane.swap_acceptance)));
        if (lane.divergences > 0)
            say(fmt::format("{}: {} moves flew off.", lane.title, count(lane.divergences)));
    }
    if (!view.mode_shares.empty()) {
        std::string shares;
        for (const double one : view.mode_shares)
            shares += " " + share(one);
        say("Modes: shares of the density are" + shares +
            ", by quadrature; off by: total variation of the draws.");
    }
    say("ESS (bulk, the statistic that mixes worst) and R̂ (rank-normalised) are ArviZ's defaults.");
    if (std::ranges::any_of(view.lanes, &lab::RaceLane::step_found))
        say("Steps without “given” were found in a dry run of 300 draws, which is not counted.");
    return text;
}

/// null for what is not a number.
Json value(double number) {
    return std::isfinite(number) ? Json(number) : Json(nullptr);
}

std::string as_json(const lab::Laboratory& laboratory, const lab::RaceView& view) {
    Json json;
    json["scene"] = laboratory.scene().name;
    json["iteration"] = view.iteration;
    json["temperature"] = view.temperature;
    json["box"] = view.box ? Json{{"low", view.box_low}, {"high", view.box_high}} : Json(nullptr);
    json["chains"] = view.settings.chains;
    json["gradients"] = view.settings.gradients;
    json["warm_up"] = view.settings.warm_up;
    json["seed"] = view.settings.seed;
    json["mode_shares"] = view.mode_shares;
    json["samplers"] = Json::array();
    for (const lab::RaceLane& lane : view.lanes) {
        Json row = {{"name", lane.sampler},
                    {"exact", lane.exact},
                    {"step", lane.step},
                    {"step_found", lane.step_found},
                    {"gradients", lane.gradients},
                    {"draws", lane.draws},
                    {"seconds", lane.seconds},
                    {"acceptance", value(lane.acceptance)},
                    {"swap_acceptance", value(lane.swap_acceptance)},
                    {"divergences", lane.divergences},
                    {"ess_bulk", value(lane.effective_samples)},
                    {"slowest", lane.slowest},
                    {"ess_per_second", value(lane.per_second)},
                    {"ess_per_gradient", value(lane.per_gradient)},
                    {"r_hat", value(lane.r_hat)},
                    {"split_r_hat", value(lane.split_r_hat)}};
        if (!lane.why_unknown.empty()) row["ess_bulk_reason"] = lane.why_unknown;
        if (!lane.problem.empty()) row["problem"] = lane.problem;
        if (!view.mode_shares.empty()) {
            row["mode_shares"] = lane.mode_shares;
            row["mode_none"] = lane.mode_none;
            row["mode_distance"] = value(lane.mode_distance);
        }
        json["samplers"].push_back(std::move(row));
    }
    return json.dump(2) + "\n";
}

void write_trace(const std::string& path, const std::vector<lab::RaceOutcome::Draws>& all) {
    if (path.ends_with(".npz")) {
        std::vector<store::NamedArray> arrays;
        for (const lab::RaceOutcome::Draws& draws : all)
            for (std::size_t s = 0; s < draws.statistics.size(); ++s)
                arrays.push_back(
                    store::named_array(draws.sampler + "_" + draws.statistics[s], {draws.chains, draws.draws},
                                       std::vector<float>(draws.values[s].begin(), draws.values[s].end())));
        store::write_npz(path, arrays);
        return;
    }
    std::string text = "sampler,chain,draw";
    for (const std::string& statistic : all.front().statistics)
        text += "," + statistic;
    text += "\n";
    for (const lab::RaceOutcome::Draws& draws : all)
        for (std::int64_t i = 0; i < draws.chains * draws.draws; ++i) {
            text += fmt::format("{},{},{}", draws.sampler, i / draws.draws, i % draws.draws);
            for (const std::vector<double>& values : draws.values)
                text += "," + exact(static_cast<float>(values[static_cast<std::size_t>(i)]));
            text += "\n";
        }
    files::write_atomically(path, text);
}

int race(RaceOptions options) {
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    if (!options.trace.empty())
        check_output(options.trace, {".csv", ".npz"},
                     {options.checkpoint, options.scene, laboratory.settings().data.path});
    lab::RaceSettings settings = options.race;
    for (const std::string& name : options.samplers)
        settings.runners.push_back({name, 0});
    if (settings.runners.empty())
        for (const lab::SamplerInfo& sampler : lab::sampler_infos())
            settings.runners.push_back({sampler.name, 0});
    for (const std::string& step : options.steps)
        set_step(settings.runners, step);
    settings.seed = options.seed.value_or(static_cast<std::uint64_t>(laboratory.settings().train.seed));
    settings.warm_up = options.warm_up.value_or(settings.gradients / 10);
    settings.start = options.init == "data" ? lab::ChainStart::data : lab::ChainStart::noise;
    catch_interrupts();
    lab::RaceOutcome outcome;
    {
        Progress progress("Racing", "gradient evaluations of each chain", 0, settings.gradients);
        outcome = laboratory.race(settings, [&](double done) {
            progress.update(static_cast<std::int64_t>(done * static_cast<double>(settings.gradients)));
            return !interrupted();
        });
    }
    if (interrupted()) {
        print(stderr, "Interrupted: nothing was written.\n");
        return exit_interrupted;
    }
    if (!options.trace.empty()) write_trace(options.trace, outcome.draws);
    print(files::is_stream(options.trace) && !options.trace.empty() ? stderr : stdout,
          options.json ? as_json(laboratory, outcome.view) : as_text(laboratory, outcome.view));
    return exit_done;
}

} // namespace

void add_race(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "race", "Samplers side by side on one energy: the same starts, seed and gradient evaluations");
    auto options = std::make_shared<RaceOptions>();
    add_model_options(*app, *options);
    std::string names;
    for (const lab::SamplerInfo& sampler : lab::sampler_infos())
        names += (names.empty() ? "" : ",") + sampler.name;
    app->add_option("--samplers", options->samplers, "Who takes part, with commas; default: " + names)
        ->type_name("NAME[,NAME…]")
        ->allow_extra_args(false)
        ->delimiter(',');
    app->add_option("--gradients", options->race.gradients,
                    "Gradient evaluations of each chain of each sampler, warm-up included")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{10}, std::int64_t{100'000'000}).description(""))
        ->capture_default_str();
    app->add_option("--warm-up", options->warm_up,
                    "How many of them come before the draws that count; default: a tenth")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}).description(""));
    app->add_option("--chains", options->race.chains, "Chains of each sampler")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000).description(""))
        ->capture_default_str();
    app->add_option("--init", options->init, "Where all chains start: uniform noise in the box, or data")
        ->type_name("noise|data")
        ->check(CLI::IsMember({"noise", "data"}).description(""))
        ->capture_default_str();
    app->add_option(
           "--step", options->steps,
           "Step of one sampler (λ of Langevin moves, ε of leapfrogs); default: found in a dry run that "
           "is neither counted nor timed, and frozen then")
        ->type_name("NAME=STEP")
        ->allow_extra_args(false);
    app->add_option("--leapfrogs", options->race.leapfrogs, "Leapfrog steps of a Hamiltonian move")
        ->type_name("L")
        ->check(CLI::Range(1, 10'000).description(""))
        ->capture_default_str();
    app->add_option("--replicas", options->race.replicas, "Temperatures of tempering")
        ->type_name("N")
        ->check(CLI::Range(2, 1'000).description(""))
        ->capture_default_str();
    app->add_option("--hottest", options->race.hottest, "Temperature of its hottest replica, in units of T")
        ->type_name("RATIO")
        ->check(real_number(1.0001, 1e6))
        ->capture_default_str();
    app->add_option("--seed", options->seed, "Key of every random number; default: the model's seed")
        ->type_name("N");
    app->add_option(
           "--trace", options->trace,
           "Write every draw that counts: .npz with arrays SAMPLER_x, SAMPLER_y, SAMPLER_energy (of pictures "
           "SAMPLER_energy, SAMPLER_mean) [chain, draw], as arviz.from_dict takes them; .csv with columns "
           "sampler, chain, draw and these")
        ->type_name("FILE.npz|FILE.csv");
    app->add_flag("--json", options->json, "Print JSON; what is unknown is null");
    app->footer(
        "Chains sample exp(-E/T) on the sampler's box, T = sampler.temperature (1 as published), without\n"
        "jumps and spread. ESS is the bulk ESS of the statistic that mixes worst.\n"
        "Examples:\n"
        "  ebmlab race --scene gaussian_mixture --gradients 5000 --chains 32\n"
        "  ebmlab race --scene double_well --samplers mala,hmc --step mala=0.2 --json\n"
        "  ebmlab race --scene ring --trace draws.npz\n"
        "\n" +
        program.get_footer());
    app->callback([options, &action] { action = [options] { return race(*options); }; });
}

} // namespace ebm::cli
