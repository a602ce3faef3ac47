#include "app/cli/score_report.h"

#include "app/cli/text.h"
#include "core/measure/scores.h"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* every_score = "all";

/// "0.874"; a dash for what is not known.
std::string rate(double value) {
    return std::isfinite(value) ? fmt::format("{:.3f}", value) : "–";
}

std::string interval(const lab::ScoreSet& set) {
    return std::isfinite(set.auroc_low) ? fmt::format("{:.3f} – {:.3f}", set.auroc_low, set.auroc_high) : "–";
}

std::string n_of(const lab::ScoreSet& set) {
    return count(set.count) + (set.count < set.total ? " of " + count(set.total) : "");
}

std::string energies_table(const lab::ScoresView& energies, bool with_auroc) {
    std::vector<Table::Column> columns = {{"set"}, {"n", true}, {"mean E", true}, {"sd E", true}};
    if (with_auroc)
        for (const char* title : {"AUROC", "95 % interval", "AUPR", "FPR95"})
            columns.push_back({title, true});
    Table table(columns);
    for (const lab::ScoreSet& set : energies.sets) {
        std::vector<std::string> cells = {set.name, n_of(set), number(set.mean), number(set.sd)};
        if (with_auroc) {
            const bool ood = set.meaning == lab::SetMeaning::ood;
            for (const std::string& cell : {rate(set.auroc), interval(set), rate(set.aupr), rate(set.fpr95)})
                cells.push_back(ood ? cell : "");
        }
        table.add(std::move(cells));
    }
    return table.text();
}

std::string scores_table(const ScoreReport& report) {
    Table table({{"score"},
                 {"set"},
                 {"n", true},
                 {"AUROC", true},
                 {"95 % interval", true},
                 {"AUPR", true},
                 {"FPR95", true}});
    for (const auto& view : report.asked)
        for (const lab::ScoreSet& set : view->sets)
            if (set.meaning == lab::SetMeaning::ood)
                table.add({std::string(measure::score_info(view->score).name), set.name, n_of(set),
                           rate(set.auroc), interval(set), rate(set.aupr), rate(set.fpr95)});
    return table.text();
}

/// What a reader of one score's numbers must know.
std::string remarks_of(const lab::ScoresView& view) {
    const measure::ScoreInfo& info = measure::score_info(view.score);
    const char* values = view.energies() ? "energies are" : "scores are";
    std::string text;
    if (!view.problem.empty()) return fmt::format("{}: {}\n", info.name, view.problem);
    for (const lab::ScoreSet& set : view.sets) {
        const std::string who = view.energies() ? set.name : fmt::format("{}, {}", info.name, set.name);
        if (set.not_finite > 0)
            text +=
                fmt::format("{}: {} of {} {} not finite, which counts as most unlike the data; mean and sd "
                            "leave them out.\n",
                            who, count(set.not_finite), count(set.count), values);
        if (set.meaning != lab::SetMeaning::ood) continue;
        if (!set.why_no_auroc.empty())
            text += fmt::format("{}: no AUROC, because {}.\n", who, set.why_no_auroc);
        if (!set.why_no_interval.empty())
            text += fmt::format("{}: no interval, because {}.\n", who, set.why_no_interval);
        if (!set.remark.empty()) text += fmt::format("{}: {}\n", info.name, set.remark);
    }
    if (view.fit_not_finite > 0)
        text +=
            fmt::format("{}: {} more held-out samples are not fitted on, because a statistic of theirs is "
                        "not finite.\n",
                        info.name, count(view.fit_not_finite));
    return text;
}

Json roc(const lab::ScoreSet& set) {
    return {{"false_positive_rate", set.roc_fpr}, {"true_positive_rate", set.roc_tpr}};
}

void put_ood(Json& list, const lab::ScoresView& view) {
    for (const lab::ScoreSet& set : view.sets) {
        if (set.meaning != lab::SetMeaning::ood) continue;
        Json row = {{"name", set.name},
                    {"score", measure::score_info(view.score).name},
                    {"n", set.count},
                    {"not_finite", set.not_finite}};
        put(row, "auroc", set.auroc, set.why_no_auroc);
        const std::string& reason = set.why_no_auroc.empty() ? set.why_no_interval : set.why_no_auroc;
        put(row, "auroc_low", set.auroc_low, reason);
        put(row, "auroc_high", set.auroc_high, reason);
        put(row, "aupr", set.aupr, set.why_no_auroc);
        put(row, "fpr95", set.fpr95, set.why_no_auroc);
        if (!set.remark.empty()) row["remark"] = set.remark;
        row["roc"] = roc(set);
        list.push_back(std::move(row));
    }
}

} // namespace

void add_scores(CLI::App& app, std::vector<std::string>& names, const std::string& help) {
    app.add_option("--score", names, help)
        ->type_name("NAME[,NAME…]|all")
        ->allow_extra_args(false)
        ->delimiter(',');
}

std::vector<ScoreKind> chosen_scores(const lab::Laboratory& laboratory,
                                     const std::vector<std::string>& names) {
    std::vector<ScoreKind> kinds;
    const auto add = [&](ScoreKind kind) {
        if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    };
    for (const std::string& name : names)
        if (name == every_score)
            std::ranges::for_each(laboratory.possible_scores(), add);
        else
            add(measure::score_named(name).kind);
    return kinds;
}

std::string scores_in_words() {
    std::string text =
        "Scores (higher = more like the data), their cost in passes of the network, and the source:\n";
    for (const measure::ScoreInfo& info : measure::score_kinds()) {
        std::string needs;
        const auto need = [&](bool needed, const char* words) {
            if (needed) needs += (needs.empty() ? " Needs " : " and ") + std::string(words);
        };
        need(info.needs.fit, "a fit on held-out data");
        need(info.needs.classes, "classes");
        need(info.needs.density, "a normalised model");
        need(info.needs.ensemble, "a scene with members");
        need(info.needs.pictures, "pictures");
        text += "  " +
                wrapped(fmt::format("{}: {}. {}. {}.{}", info.name, info.formula, info.cost, info.source,
                                    needs.empty() ? "" : needs + "."),
                        98, 6) +
                "\n";
    }
    return text;
}

std::string scores_text(const ScoreReport& report) {
    const lab::ScoresView& energies = report.energies;
    if (energies.sets.empty()) return "No data sets to compare.\n";
    const bool only_energy = report.asked.size() == 1 && report.asked.front()->energies();
    std::string text = energies_table(energies, only_energy) + "\n";
    if (!only_energy) text += scores_table(report) + "\n";
    for (const auto& view : report.asked)
        text += remarks_of(*view);
    if (std::ranges::any_of(energies.sets, [](const lab::ScoreSet& set) { return set.count < set.total; }))
        text +=
            fmt::format("Of larger sets an even part was scored{}. --all scores every sample.\n",
                        energies.classes > 10 ? fmt::format(", the smaller because each sample is computed "
                                                            "under all {} classes",
                                                            count(energies.classes))
                                              : "");
    if (energies.overlap) text += wrapped(measure::in_words(*energies.overlap), 100, 0) + "\n";
    if (energies.classes > 0) {
        text += fmt::format("E of a sample without class: {}.\n", energies.minimum_over_classes
                                                                      ? "the lowest E(x, y) of all classes y"
                                                                      : "−log Σ_y exp(−E(x, y))");
        if (energies.classified > 0)
            text +=
                fmt::format("The class of lowest energy is right for {:.1f} % of the held-out data (n {}).\n",
                            100 * energies.accuracy, count(energies.classified));
    }
    const auto fitted =
        std::ranges::find_if(report.asked, [](const auto& view) { return view->fitted_on > 0; });
    if (fitted != report.asked.end())
        text += fmt::format("Fits are on {} held-out samples, every second one; the others are the positive "
                            "class.\n",
                            count((*fitted)->fitted_on));
    if (!energies.positive.empty())
        text += fmt::format(
            "AUROC, its 95 % interval (DeLong), AUPR and FPR at 95 % TPR: {}positive class: {} (n {}).\n"
            "AUROC 1 = told apart, 0.5 = not at all, below 0.5 = the set looks likelier than the positive "
            "class.\n",
            only_energy ? "score −E; " : "", energies.positive, count(energies.positive_count));
    return text;
}

void put_scores(Json& json, const ScoreReport& report) {
    const lab::ScoresView& energies = report.energies;
    const bool only_energy = report.asked.size() == 1 && report.asked.front()->energies();
    std::string names;
    for (const auto& view : report.asked)
        names += (names.empty() ? "" : ",") + std::string(measure::score_info(view->score).name);
    json["score"] = only_energy ? "-E" : names;
    if (energies.classes > 0) {
        json["class_score"] = energies.minimum_over_classes ? "minimum" : "log_sum";
        put(json, "accuracy", energies.accuracy, "the held-out data have no labels");
        json["accuracy_n"] = energies.classified;
    }
    if (energies.positive.empty())
        put_unknown(json, "positive_class", "there are no held-out data and no samples to compare with");
    else
        json["positive_class"] = energies.positive;
    json["positive_n"] = energies.positive_count;
    json["histogram_edges"] = energies.edges;
    json["sets"] = json["ood"] = json["fits"] = Json::array();
    for (const lab::ScoreSet& set : energies.sets) {
        Json entry = {{"name", set.name}, {"n", set.count}, {"total", set.total}};
        put(entry, "energy_mean", set.mean, "no energy is finite");
        put(entry, "energy_sd", set.sd, "fewer than two energies are finite");
        entry["not_finite"] = set.not_finite;
        entry["histogram"] = {{"density", set.density}, {"below", set.below}, {"above", set.above}};
        json["sets"].push_back(std::move(entry));
    }
    if (energies.overlap) {
        const measure::Overlap& overlap = *energies.overlap;
        Json& entry = json["overlap"];
        entry = {{"training_n", overlap.training},    {"held_out_n", overlap.held_out},
                 {"not_finite", overlap.not_finite},  {"share", overlap.share},
                 {"alike_low", overlap.alike_low},    {"alike_high", overlap.alike_high},
                 {"training_likelier", overlap.auroc}};
        put(entry, "training_likelier_low", overlap.auroc_low, "a set has a single sample");
        put(entry, "training_likelier_high", overlap.auroc_high, "a set has a single sample");
    } else {
        put_unknown(json, "overlap", "there are no training data, or no held-out data");
    }
    for (const auto& view : report.asked) {
        put_ood(json["ood"], *view);
        if (!measure::score_info(view->score).needs.fit) continue;
        Json fit = {{"score", measure::score_info(view->score).name},
                    {"n", view->fitted_on},
                    {"not_finite", view->fit_not_finite}};
        if (!view->problem.empty()) fit["problem"] = view->problem;
        json["fits"].push_back(std::move(fit));
    }
}

void put(Json& json, const std::string& key, double value, const std::string& reason) {
    json[key] = std::isfinite(value) ? Json(value) : Json();
    if (!std::isfinite(value)) json[key + "_reason"] = reason;
}

void put_unknown(Json& json, const std::string& key, const std::string& reason) {
    json[key] = Json();
    json[key + "_reason"] = reason;
}

} // namespace ebm::cli
