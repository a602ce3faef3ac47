#include "core/lab/ood_table.h"

#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/lab/laboratory.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

/// Checkpoints of two tiny models of the same pictures, the second a flow, and one of the plane.
struct TinyModels {
    TemporaryFolder folder;
    std::string pictures = at("pictures.idx"), energy = at("energy.safetensors"),
                flow = at("flow.safetensors"), plane = at("plane.safetensors");

    TinyModels() {
        data::IdxArray images{{200, 8, 8}, {}};
        for (int i = 0; i < 200 * 64; ++i)
            images.values.push_back(static_cast<std::uint8_t>((i * 37 + i / 64 * 11) % 251));
        files::write_atomically(pictures, data::format_idx(images));
        Scene scene = small_picture_scene(pictures);
        save(scene, energy);
        scene.settings.model.energy = "flow";
        scene.settings.model.width = 8;
        scene.settings.model.flow_steps = 1;
        scene.settings.sampler.mode = SamplerMode::coupled;
        scene.settings.sampler.step_size = 1e-5;
        save(scene, flow);
        save(small_scene(), plane);
    }
    std::string at(const char* name) const { return (folder.path / name).string(); }
    static void save(const Scene& scene, const std::string& path) {
        Laboratory laboratory(plain);
        laboratory.apply(OpenScene{scene, false});
        train(laboratory, 2);
        laboratory.apply(SaveCheckpoint{path});
    }
    OodTableSettings asked() const {
        OodTableSettings settings;
        settings.models = {energy, flow};
        settings.scores = {"energy", "recovery", "typicality"};
        settings.most = 6;
        return settings;
    }
};

double auroc_of(const std::vector<ScoreSet>& sets, const std::string& name) {
    const auto set = std::ranges::find(sets, name, &ScoreSet::name);
    return set == sets.end() ? -1 : set->auroc;
}

} // namespace

DOCTEST_TEST_CASE("Table of what models know: the numbers are those of the models alone, row by row") {
    const TinyModels models;
    Laboratory laboratory(plain);
    std::vector<std::string> met;
    double share = -1;
    const OodTableView table =
        laboratory.ood_table(models.asked(), [&](double done, const std::string& model) {
            DOCTEST_CHECK(done >= share);
            share = done;
            if (met.empty() || met.back() != model) met.push_back(model);
            return true;
        });
    DOCTEST_CHECK(met == std::vector{models.energy, models.flow});
    DOCTEST_CHECK(table.done);
    DOCTEST_REQUIRE(table.rows.size() == 6);
    Laboratory alone(plain);
    for (const std::string& model : {models.energy, models.flow}) {
        alone.apply(OpenCheckpoint{model});
        const Evaluation evaluation =
            alone.evaluate({}, 6, {ScoreKind::energy, ScoreKind::recovery, ScoreKind::typicality});
        for (const auto& view : evaluation.scores) {
            const auto row = std::ranges::find_if(table.rows, [&](const OodRow& one) {
                return one.model == model && one.score == view->score;
            });
            DOCTEST_REQUIRE(row != table.rows.end());
            DOCTEST_CHECK(row->positive == view->positive);
            DOCTEST_CHECK(row->fitted_on == view->fitted_on);
            for (const ScoreSet& set : view->sets)
                if (set.meaning == SetMeaning::ood)
                    DOCTEST_CHECK(auroc_of(row->sets, set.name) == doctest::Approx(set.auroc));
        }
    }
    const std::vector<std::string> sets = ood_set_names(table.rows);
    DOCTEST_CHECK(std::ranges::find(sets, "Inverted") != sets.end());
    DOCTEST_CHECK(ood_lines(table.rows).size() == 6 * sets.size());
    DOCTEST_CHECK(contains(ood_note(table.rows), "positive class Held-out data (n 6), fits on 10 others"));
    // Stopped, it is what there is.
    int asked = 0;
    const OodTableView stopped = laboratory.ood_table(models.asked(), [&](double, const std::string& model) {
        ++asked;
        return model == models.energy;
    });
    DOCTEST_CHECK_FALSE(stopped.done);
    DOCTEST_CHECK(stopped.rows.size() == 3);
    DOCTEST_CHECK(stopped.model == models.flow);
    DOCTEST_CHECK(asked > 3);
}

DOCTEST_TEST_CASE("Table of what models know: a score that one model cannot give is a dash that says why") {
    const TinyModels models;
    Laboratory laboratory(plain);
    OodTableSettings settings = models.asked();
    settings.scores = {"log_p", "energy"};
    const OodTableView table = laboratory.ood_table(settings, {});
    DOCTEST_REQUIRE(table.rows.size() == 4);
    DOCTEST_CHECK(contains(table.rows[0].problem, "not normalised"));
    DOCTEST_CHECK(ood_cell(table.rows[0], "Inverted") == "–");
    DOCTEST_CHECK(table.rows[2].problem.empty());
    DOCTEST_CHECK(ood_cell(table.rows[2], "Inverted") != "–");
    const std::vector<std::string> remarks = ood_remarks(table.rows);
    DOCTEST_REQUIRE(!remarks.empty());
    DOCTEST_CHECK(contains(remarks.front(), models.energy + ": The model is not normalised"));
    const auto lines = ood_lines(table.rows);
    DOCTEST_CHECK(lines.front().size() == ood_columns().size());
    DOCTEST_CHECK(contains(lines.front().back(), "not normalised"));
}

DOCTEST_TEST_CASE("Table of what models know: what is not there is said before anything is scored") {
    const TinyModels models;
    Laboratory laboratory(plain);
    int scored = 0;
    const auto refusal_of = [&](const OodTableSettings& settings) {
        return failure_of([&] {
            laboratory.ood_table(settings, [&](double, const std::string&) {
                ++scored;
                return true;
            });
        });
    };
    OodTableSettings settings = models.asked();
    settings.models.push_back(models.at("none.safetensors"));
    DOCTEST_CHECK(contains(refusal_of(settings), "none.safetensors"));
    settings.models.back() = "fashion_mnist_covnet";
    DOCTEST_CHECK(contains(refusal_of(settings), "fashion_mnist_convnet")); // the nearest name
    settings.models.back() = models.plane;
    DOCTEST_CHECK(contains(refusal_of(settings), "is a model of the plane"));
    settings.models.back() = "two_moons";
    DOCTEST_CHECK(contains(refusal_of(settings), "holds no trained model"));
    settings = models.asked();
    settings.scores = {"recovry"};
    DOCTEST_CHECK(contains(refusal_of(settings), "recovery"));
    settings = models.asked();
    settings.sets = {{"mine", models.at("no_such_folder")}};
    DOCTEST_CHECK(contains(refusal_of(settings), "no_such_folder"));
    settings.sets = {{"mine", models.pictures}, {"mine", models.pictures}};
    DOCTEST_CHECK(contains(refusal_of(settings), "Two out-of-distribution sets are named mine"));
    const auto saved = [&](const char* name, std::int64_t side) {
        data::IdxArray images{{3, side, side}, {}};
        images.values.assign(static_cast<std::size_t>(3 * side * side), 200);
        files::write_atomically(models.at(name), data::format_idx(images));
        return models.at(name);
    };
    settings.sets = {{"mine", models.pictures}, {"larger", saved("larger.idx", 9)}};
    DOCTEST_CHECK(contains(refusal_of(settings), "The out-of-distribution set larger cannot be scored"));
    files::write_atomically(models.at("empty.csv"), std::string_view(""));
    settings.sets = {{"nothing", models.at("empty.csv")}};
    DOCTEST_CHECK(contains(refusal_of(settings), "empty.csv"));
    settings.sets = {{"Held-out data", models.pictures}};
    DOCTEST_CHECK(contains(refusal_of(settings), "of the program's own"));
    DOCTEST_CHECK(scored == 0);
    // What goes away while others are scored takes no row of theirs with it.
    settings = models.asked();
    const OodTableView table = laboratory.ood_table(settings, [&](double, const std::string&) {
        std::filesystem::remove(models.flow);
        return true;
    });
    DOCTEST_CHECK(table.done);
    DOCTEST_REQUIRE(table.rows.size() == 4);
    DOCTEST_CHECK(table.rows[2].opened);
    DOCTEST_CHECK_FALSE(table.rows[3].opened);
    DOCTEST_CHECK(contains(table.rows[3].problem, "flow.safetensors"));
}

DOCTEST_TEST_CASE("Table of what models know: sets of a person's own, and settings of every model") {
    const TinyModels models;
    Laboratory laboratory(plain);
    OodTableSettings settings = models.asked();
    settings.sets = {{"mine", models.pictures}};
    settings.changes = {{"view.scored", "5"}, {"sampler.step_size", "3"}};
    settings.models = {models.energy};
    const OodTableView table = laboratory.ood_table(settings, {});
    const std::vector<std::string> sets = ood_set_names(table.rows);
    DOCTEST_CHECK(sets.back() == "mine");
    DOCTEST_CHECK(auroc_of(table.rows.front().sets, "mine") >= 0);
    // Recovery moves by the sampler, so its numbers follow the settings.
    settings.changes = {};
    const OodTableView plain_table = laboratory.ood_table(settings, {});
    const auto recovery = [](const OodTableView& view) {
        return std::ranges::find(view.rows, ScoreKind::recovery, &OodRow::score)->sets.front().mean;
    };
    DOCTEST_CHECK(recovery(table) != recovery(plain_table));
    settings.changes = {{"model.channels", "5"}};
    const OodTableView refused = laboratory.ood_table(settings, {});
    DOCTEST_REQUIRE(refused.rows.size() == 1);
    DOCTEST_CHECK(contains(refused.rows.front().problem, "belongs to the model as it was trained"));
}

DOCTEST_TEST_CASE(
    "Table of what models know: a row waits neither for a fit nor for steps that it does not need") {
    const TinyModels models;
    OodTableSettings settings = models.asked();
    settings.models = {models.energy};
    settings.scores = {"recovery", "typicality", "density_of_states", "energy"};
    settings.most = 40;
    ComputeDevice device;
    OodTable table(settings, device, OodTable::beside_the_window);
    using Kinds = std::vector<ScoreKind>;
    std::vector<Kinds> met;
    double share = 0;
    while (table.left()) {
        table.advance();
        DOCTEST_CHECK(table.done() >= share);
        share = table.done();
        Kinds kinds;
        for (const OodRow& row : table.view(false).rows)
            kinds.push_back(row.score);
        if (met.empty() || met.back() != kinds) met.push_back(kinds);
    }
    DOCTEST_CHECK(share == 1);
    // What costs least comes first, each in its place in the order that was asked for.
    const std::vector<Kinds> wanted = {
        {},
        {ScoreKind::energy},
        {ScoreKind::typicality, ScoreKind::energy},
        {ScoreKind::recovery, ScoreKind::typicality, ScoreKind::energy},
        {ScoreKind::recovery, ScoreKind::typicality, ScoreKind::density_of_states, ScoreKind::energy}};
    DOCTEST_CHECK((met == wanted));
}

DOCTEST_TEST_CASE("Table of what models know: a set that one model cannot take leaves the others' numbers") {
    const TinyModels models;
    data::IdxArray images{{200, 9, 9}, {}};
    for (int i = 0; i < 200 * 81; ++i)
        images.values.push_back(static_cast<std::uint8_t>((i * 37 + i / 64 * 11) % 251));
    files::write_atomically(models.at("larger.idx"), data::format_idx(images));
    const std::string larger = models.at("larger.safetensors");
    TinyModels::save(small_picture_scene(models.at("larger.idx")), larger);
    Laboratory laboratory(plain);
    OodTableSettings settings = models.asked();
    settings.models = {models.energy, larger};
    settings.scores = {"energy", "mass"};
    settings.sets = {{"small", models.pictures}, {"large", models.at("larger.idx")}};
    const OodTableView table = laboratory.ood_table(settings, {});
    DOCTEST_REQUIRE(table.rows.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        DOCTEST_CHECK(table.rows[i].opened);
        DOCTEST_CHECK(table.rows[i].problem.empty());
        DOCTEST_CHECK((ood_cell(table.rows[i], "small") == "–") == (i >= 2));
        DOCTEST_CHECK((ood_cell(table.rows[i], "large") == "–") == (i < 2));
        DOCTEST_CHECK(ood_cell(table.rows[i], "Inverted") != "–");
    }
    const std::vector<std::string> remarks = ood_remarks(table.rows);
    DOCTEST_REQUIRE(remarks.size() == 2);
    DOCTEST_CHECK(contains(remarks[0], models.energy +
                                           ": large has no numbers: the model cannot take it. The samples "
                                           "have 9 × 9 pixels"));
}

DOCTEST_TEST_CASE("Table of what models know: beside a run it goes on while it is shown") {
    const TinyModels models;
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    const auto show = [&](bool shown) {
        ShownViews views{};
        views[static_cast<std::size_t>(View::ood_table)] = shown;
        laboratory.apply(ShowViews{views});
    };
    show(false);
    laboratory.apply(StartOodTable{models.asked()});
    laboratory.work(std::chrono::milliseconds(20));
    DOCTEST_REQUIRE(look(laboratory).ood_table);
    DOCTEST_CHECK(look(laboratory).ood_table->share == 0);
    show(true);
    laboratory.apply(PauseOodTable{true});
    laboratory.work(std::chrono::milliseconds(20));
    DOCTEST_CHECK(look(laboratory).ood_table->share == 0);
    DOCTEST_CHECK(look(laboratory).ood_table->paused);
    laboratory.apply(PauseOodTable{false});
    bool partly = false;
    for (int i = 0; i < 20000 && !look(laboratory).ood_table->done; ++i) {
        laboratory.work(std::chrono::milliseconds(1));
        const auto view = look(laboratory).ood_table;
        partly = partly || (!view->rows.empty() && !view->done);       // each row as soon as it is there
        if (i == 3) laboratory.apply(OpenScene{small_scene(), false}); // it is not of this scene
    }
    DOCTEST_CHECK(partly);
    DOCTEST_CHECK(look(laboratory).ood_table->rows.size() == 6);
    laboratory.apply(EndOodTable{});
    DOCTEST_CHECK_FALSE(look(laboratory).ood_table);
}
