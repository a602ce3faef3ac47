#include "core/lab/ood_table.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/reader.h"
#include "core/density/density.h"
#include "core/lab/model_file.h"
#include "core/lab/sample_files.h"
#include "core/lab/trained_model.h"
#include "core/store/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::lab {
namespace {

constexpr const char* every_score_of_it = "all";

/// Whether a score takes the training's steps from every sample, which costs most of all.
bool moves_samples(ScoreKind kind) {
    return kind == ScoreKind::recovery || kind == ScoreKind::density_of_states ||
           kind == ScoreKind::denoising;
}

Error of_the_plane(const std::string& model) {
    return Error(fmt::format("{} is a model of the plane, and the table is of pictures", model), "models",
                 "Name models of pictures.");
}

/// The scene with the changes, which must leave its model the one that was trained.
Scene changed_scene(const std::string& name, const OodTableSettings& wanted) {
    Scene scene = find_scene(name);
    const Settings before = scene.settings;
    for (const auto& [key, value] : wanted.changes)
        setting(key).set_text(scene.settings, value);
    validate(scene.settings);
    if (!scene.checkpoint.empty()) require_same_model(before, scene.settings, scene.checkpoint);
    return scene;
}

/// Of a model that was trained; settings of another model are refused.
void change_trained(SceneRun& run, const OodTableSettings& wanted) {
    for (const auto& [key, value] : wanted.changes) {
        const Setting& row = setting(key);
        Settings changed = run.settings();
        row.set_text(changed, value);
        if (row.is_default(changed, run.settings())) continue;
        if (row.effect != Effect::now)
            throw Error(fmt::format("{} belongs to the model as it was trained and cannot be changed", key),
                        fmt::format("there {}, asked for {}", row.text(run.settings()), row.text(changed)),
                        "Leave it out, or train a new model with it.");
        run.change(row, changed);
    }
}

} // namespace

std::vector<std::string> shipped_picture_models() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const Scene& scene : built_in_scenes())
        if (!scene.checkpoint.empty() && scene.settings.data.set == "fashion_mnist" &&
            scene.settings.model.energy != "classifier" &&
            std::filesystem::exists(assets_folder() / scene.checkpoint, ignored))
            names.push_back(scene.name);
    return names;
}

OodTable::OodTable(const OodTableSettings& settings, ComputeDevice& device, const Pieces& pieces)
    : device_(device), pieces_(pieces) {
    view_.settings = settings;
    if (view_.settings.models.empty()) view_.settings.models = shipped_picture_models();
    for (const std::string& score : settings.scores)
        if (score != every_score_of_it) measure::score_named(score);
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& [name, path] : settings.sets) {
        if (is_reserved_name(name))
            throw Error(fmt::format("{} is the name of a set of the program's own", name), "",
                        "Give the out-of-distribution set another name.");
        if (std::ranges::find(names, name) != names.end())
            throw Error(fmt::format("Two out-of-distribution sets are named {}", name), "",
                        "Give each a name of its own.");
        if (!std::filesystem::exists(path, ignored))
            throw Error("The out-of-distribution set is not there", path, "Check the path.");
        names.push_back(name);
    }
    std::vector<TrainedModel> models;
    for (const std::string& model : view_.settings.models) {
        if (!is_checkpoint(model)) changed_scene(model, view_.settings); // says what cannot be changed
        models.push_back(look_at_model(model));
        if (models.back().plane) throw of_the_plane(model);
    }
    look_at_sets(models);
}

/// Throws Error for a set that no model can take, and warns of models that cannot take one: before minutes go
/// into the others.
void OodTable::look_at_sets(const std::vector<TrainedModel>& models) {
    for (const auto& [name, path] : view_.settings.sets) {
        const data::Records records = data::read_records(path);
        std::vector<std::string> cannot;
        std::optional<Error> why;
        std::int64_t looked_at = 0;
        for (std::size_t i = 0; i < models.size(); ++i) {
            if (models[i].shape.empty()) continue;
            ++looked_at;
            std::vector<std::string> notes; // which are told when the set is taken
            try {
                data::encoded(records, models[i].coding.value_or(data::Coding()), models[i].shape, notes);
            } catch (const Error& error) {
                cannot.push_back(view_.settings.models[i]);
                why = error;
            }
        }
        if (!why) continue;
        if (static_cast<std::int64_t>(cannot.size()) == looked_at && looked_at == std::ssize(models))
            throw Error(
                fmt::format("The out-of-distribution set {} cannot be scored: {}", name, why->what_happened),
                why->where, why->what_to_do);
        log::warning("The out-of-distribution set {} is left out of the rows of {}: {}", name,
                     fmt::join(cannot, ", "), why->what());
    }
}

std::string OodTable::model() const {
    return left() ? view_.settings.models[next_] : "";
}

double OodTable::done() const {
    const double models = static_cast<double>(view_.settings.models.size());
    if (models == 0) return 1;
    constexpr double first_group = 0.1; // of the work where there are two: twenty steps take most of the time
    const double of_task = task_ ? task_->done() : 0;
    const bool two = task_ && asked_.size() > groups_.front().size();
    const double of_model = !two                 ? of_task
                            : groups_.size() > 1 ? first_group * of_task
                                                 : first_group + (1 - first_group) * of_task;
    return (static_cast<double>(next_) + of_model) / models;
}

void OodTable::advance() {
    if (!left()) return;
    const std::string model = this->model();
    try {
        if (!task_) return open(model);
        if (task_->left()) task_->advance();
        if (!told_ && (task_->only_fits() || !task_->left())) {
            add_rows(false);
            told_ = true;
        }
        if (task_->left()) return;
        add_rows(true);
        groups_.erase(groups_.begin());
        if (!groups_.empty()) return begin_task();
    } catch (const Error& error) {
        OodRow row;
        row.model = model;
        row.opened = false;
        row.problem = error.what();
        view_.rows.push_back(std::move(row));
    }
    task_.reset();
    ++next_;
}

void OodTable::open(const std::string& model) {
    const std::unique_ptr<SceneRun> before = std::move(run_);
    if (is_checkpoint(model)) {
        run_ = std::make_unique<SceneRun>(store::read_checkpoint(model), model, device_, before.get(),
                                          std::vector<AddedSet>{});
        change_trained(*run_, view_.settings);
    } else {
        const Scene scene = changed_scene(model, view_.settings);
        run_ =
            std::make_unique<SceneRun>(scene, scene.settings, device_, before.get(), std::vector<AddedSet>{});
    }
    if (run_->kind().plane) throw of_the_plane(model);
    data_ = run_->data();
    data_->train = data_->train_labels = torch::Tensor(); // the table has no column for it
    add_sets();
    first_row_ = static_cast<std::ptrdiff_t>(view_.rows.size());
    asked_ = scores();
    groups_.assign(2, {});
    for (const ScoreKind kind : asked_)
        groups_[moves_samples(kind)].push_back(kind);
    std::erase_if(groups_, [](const auto& group) { return group.empty(); });
    begin_task();
}

/// Of the group that is next.
void OodTable::begin_task() {
    const std::int64_t to_fit = fitted_rows(data_->held_out.defined() ? data_->held_out.size(0) : 0).size(0);
    const bool fits = std::ranges::any_of(asked_, [&](ScoreKind kind) {
        return measure::score_info(kind).needs.fit && !score_problem(kind, run_->model(), to_fit);
    });
    told_ = false;
    task_ = std::make_unique<ScoresTask>(run_->model(), *data_, torch::Tensor(), torch::Tensor(),
                                         ScoreQuery{.settings = run_->in_force(),
                                                    .kinds = groups_.front(),
                                                    .most = view_.settings.most,
                                                    .iteration = run_->iteration(),
                                                    .spare_half = fits},
                                         run_->density() ? pieces_.of_density : pieces_.of_energy);
}

/// Not to the run's own data, which the next model may share. One that this model cannot take is told in its
/// rows, and takes nothing from the others.
void OodTable::add_sets() {
    left_out_.clear();
    for (const auto& [name, path] : view_.settings.sets) {
        try {
            if (free_name(name, *data_) != name)
                throw Error(fmt::format("Two out-of-distribution sets are named {}", name), "",
                            "Give each a name of its own.");
            data_->ood.emplace_back(name, to_tensor(read_samples(path, data_->kind, data_->coding)));
        } catch (const Error& error) {
            ScoreSet set{};
            set.name = name;
            set.meaning = SetMeaning::ood;
            set.mean = set.sd = set.auroc = set.fpr95 = set.auroc_low = set.auroc_high = set.aupr =
                std::nan("");
            set.why_no_auroc = fmt::format("the model cannot take it. {}", error.what());
            left_out_.push_back(std::move(set));
        }
    }
}

/// What is asked of a model if nothing is said: a density has no chains in its training, and the steps that
/// recovery and density of states take cost most of all.
std::vector<ScoreKind> OodTable::scores() const {
    std::vector<ScoreKind> kinds;
    const std::int64_t fits = fitted_rows(data_->held_out.defined() ? data_->held_out.size(0) : 0).size(0);
    const auto add = [&](ScoreKind kind) {
        if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    };
    const auto add_if_possible = [&](ScoreKind kind) {
        if (!score_problem(kind, run_->model(), fits)) add(kind);
    };
    for (const std::string& name : view_.settings.scores) {
        if (name != every_score_of_it)
            add(measure::score_named(name).kind);
        else
            for (const measure::ScoreInfo& info : measure::score_kinds())
                add_if_possible(info.kind);
    }
    if (!kinds.empty()) return kinds;
    for (const ScoreKind kind :
         {ScoreKind::energy, ScoreKind::mass, ScoreKind::typicality, ScoreKind::complexity})
        add_if_possible(kind);
    if (!run_->density())
        for (const ScoreKind kind : {ScoreKind::recovery, ScoreKind::density_of_states})
            add_if_possible(kind);
    return kinds;
}

/// Among those of the model that are there, in the order in which the scores were asked for.
void OodTable::add_rows(bool of_fits) {
    const auto place = [&](ScoreKind kind) { return std::ranges::find(asked_, kind); };
    for (const auto& view : task_->views(of_fits)) {
        OodRow row;
        row.model = model();
        row.score = view->score;
        row.problem = view->problem;
        row.positive = view->positive;
        row.positive_count = view->positive_count;
        row.fitted_on = view->fitted_on;
        for (const ScoreSet& set : view->sets) {
            if (set.meaning != SetMeaning::ood) continue;
            row.sets.push_back(set);
            row.sets.back().density.clear();
            row.sets.back().roc_fpr.clear();
            row.sets.back().roc_tpr.clear();
        }
        if (row.problem.empty()) row.sets.insert(row.sets.end(), left_out_.begin(), left_out_.end());
        const auto after =
            std::find_if(view_.rows.begin() + first_row_, view_.rows.end(),
                         [&](const OodRow& other) { return place(other.score) > place(row.score); });
        view_.rows.insert(after, std::move(row));
    }
}

OodTableView OodTable::view(bool paused) const {
    OodTableView view = view_;
    view.model = model();
    view.share = done();
    view.paused = paused;
    view.done = !left();
    return view;
}

} // namespace ebm::lab
