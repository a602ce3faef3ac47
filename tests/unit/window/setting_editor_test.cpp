#include "app/window/setting_editor.h"

#include <doctest/doctest.h>

#include <vector>

using namespace ebm;
using window::SettingEditor;

namespace {

struct Bench {
    lab::Snapshot snapshot;
    SettingEditor editor;
    std::vector<lab::ChangeSetting> sent;
    double now = 0;

    Bench() {
        snapshot.scene.name = "demo";
        frame();
    }
    void frame(double seconds = 0.016) {
        now += seconds;
        editor.begin_frame(
            snapshot, [this](lab::Command command) { sent.push_back(std::get<lab::ChangeSetting>(command)); },
            now);
    }
    /// What the engine does with a command.
    void answer() {
        for (const auto& change : sent)
            answer(change);
    }
    void answer(const lab::ChangeSetting& change) {
        setting(change.key).set_text(snapshot.settings, change.value);
        snapshot.changes_handled = change.number;
    }
};

const Setting& steps() {
    return setting("sampler.steps");
}

} // namespace

DOCTEST_TEST_CASE("setting editor: a change is sent at once and shown until the engine agrees") {
    Bench b;
    b.editor.change_number(steps(), 40);
    DOCTEST_REQUIRE(b.sent.size() == 1);
    DOCTEST_CHECK(b.sent[0].key == "sampler.steps");
    DOCTEST_CHECK(b.sent[0].value == "40");
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 40);
    b.frame();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 40);
    b.answer();
    b.frame();
    b.snapshot.settings.sampler.steps = 41; // somebody else changed it later
    b.frame();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 41);
}

DOCTEST_TEST_CASE("setting editor: a refused or unanswered change gives way to the engine's value") {
    Bench b;
    b.editor.change_number(steps(), 40);
    b.snapshot.changes_handled = b.sent.back().number;
    b.frame();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 20);

    b.editor.change_number(steps(), 50);
    b.frame();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 50);
    b.frame(5);
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 20);
}

DOCTEST_TEST_CASE(
    "setting editor: an answer to an earlier edit of the same value is not taken for that of the last") {
    Bench b;
    for (const int k : {30, 40, 30})
        b.editor.change_number(steps(), k);
    for (const std::size_t answered : {0u, 1u, 2u}) {
        b.answer(b.sent[answered]);
        b.frame();
        DOCTEST_CHECK(b.editor.shown().sampler.steps == 30);
    }
    b.snapshot.settings.sampler.steps = 41; // somebody else, later
    b.frame();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 41);
}

DOCTEST_TEST_CASE("setting editor: undo and redo send the values before and after the drag") {
    Bench b;
    for (const int k : {21, 22, 30})
        b.editor.change_number(steps(), k);
    b.editor.release();
    b.editor.undo();
    DOCTEST_CHECK(b.sent.back().value == "20");
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 20);
    b.editor.redo();
    DOCTEST_CHECK(b.sent.back().value == "30");
    const auto count = b.sent.size();
    b.editor.redo();
    DOCTEST_CHECK(b.sent.size() == count);
}

DOCTEST_TEST_CASE("setting editor: reset goes back to the scene's value and can be undone") {
    Bench b;
    b.editor.change_number(steps(), 40);
    b.editor.release();
    DOCTEST_CHECK(b.editor.changed(steps()));
    DOCTEST_CHECK(b.editor.changed_count() == 1);
    b.editor.reset(steps());
    DOCTEST_CHECK_FALSE(b.editor.changed(steps()));
    b.editor.undo();
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 40);
}

DOCTEST_TEST_CASE("setting editor: an impossible value is sent for the engine to refuse, and not shown") {
    Bench b;
    b.editor.change(steps(), "many");
    DOCTEST_REQUIRE(b.sent.size() == 1);
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 20);
    DOCTEST_CHECK(b.editor.history().next_undo() == nullptr);
}

DOCTEST_TEST_CASE("setting editor: another scene forgets the history and what was pending") {
    Bench b;
    b.editor.change_number(steps(), 40);
    b.editor.release();
    b.snapshot.scene.name = "other";
    b.frame();
    DOCTEST_CHECK(b.editor.history().next_undo() == nullptr);
    DOCTEST_CHECK(b.editor.shown().sampler.steps == 20);
}

DOCTEST_TEST_CASE("setting editor: dragging a setting that starts the scene anew sends it once, at release") {
    Bench b;
    const Setting& width = setting("model.width");
    for (const int units : {70, 90, 128}) {
        b.editor.drag_number(width, units);
        b.frame();
        DOCTEST_CHECK(b.editor.shown().model.width == units);
    }
    DOCTEST_CHECK(b.sent.empty());
    b.editor.release();
    DOCTEST_REQUIRE(b.sent.size() == 1);
    DOCTEST_CHECK(b.sent[0].value == "128");
    b.editor.undo();
    DOCTEST_CHECK(b.sent.back().value == "64");
}
