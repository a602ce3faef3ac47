#include "../temporary_folder.h"
#include "tests/unit/failure.h"

#include "core/base/log.h"
#include "core/lab/lessons.h"
#include "core/lab/session.h"

#include <chrono>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;

namespace {

const std::string header = "---\n"
                           "title: A title\n"
                           "about: A sentence.\n"
                           "order: 3\n"
                           "minutes: 5\n"
                           "scene: double_well\n"
                           "layout: landscape sampler\n"
                           "set: sampler.chains 50\n"
                           "run: no\n"
                           "---\n";

const std::string good = header + "## First\n"
                                  "A paragraph\n"
                                  "of two lines.\n"
                                  "\n"
                                  "    E(x) = 0\n"
                                  "After it.\n"
                                  "- [ ] wrong\n"
                                  "- [x] right\n"
                                  "because: It is so.\n"
                                  "point: setting sampler.step_size\n"
                                  "when: steps >= 10 and setting view.field = density and not running\n"
                                  "hint: A hint.\n"
                                  "show: set view.field density\n"
                                  "show: chains 10\n"
                                  "## Second\n"
                                  "The end.\n";

std::string lesson_refusal(const std::string& text) {
    return tests::failure_of([&] { parse_lesson(text, "x/broken.md"); });
}

std::string with_step(const std::string& lines) {
    return header + "## Step\nText.\n" + lines;
}

/// Its scene, as it runs.
Snapshot running(const Lesson& lesson) {
    Snapshot snapshot;
    snapshot.state = State::running;
    snapshot.scene = lesson_scene(lesson);
    snapshot.settings = snapshot.scene.settings;
    return snapshot;
}

const auto no_panel = [](std::string_view) { return false; };

} // namespace

DOCTEST_TEST_CASE("a lesson is read from its file") {
    const Lesson lesson = parse_lesson(good, "folder/name.md");
    DOCTEST_CHECK(lesson.name == "name");
    DOCTEST_CHECK(lesson.title == "A title");
    DOCTEST_CHECK(lesson.minutes == 5);
    DOCTEST_CHECK_FALSE(lesson.run);
    DOCTEST_CHECK(lesson.layout == std::vector<std::string>{"landscape", "sampler"});
    DOCTEST_REQUIRE(lesson.steps.size() == 2);
    const LessonStep& step = lesson.steps[0];
    DOCTEST_REQUIRE(step.blocks.size() == 3);
    DOCTEST_CHECK(step.blocks[0].text == "A paragraph of two lines.");
    DOCTEST_CHECK(step.blocks[1].kind == LessonStep::Block::Kind::formula);
    DOCTEST_CHECK(step.blocks[1].text == "E(x) = 0");
    DOCTEST_CHECK(step.choices[1].right);
    DOCTEST_CHECK(step.because == "It is so.");
    DOCTEST_CHECK(step.point_kind == "setting");
    DOCTEST_REQUIRE(step.when.size() == 3);
    DOCTEST_CHECK(step.when[1].key == "view.field");
    DOCTEST_CHECK(step.when[2].compare == Comparison::Operator::is);
    DOCTEST_CHECK(step.show.size() == 2);
    DOCTEST_CHECK(lesson_scene(lesson).settings.sampler.chains == 50);
}

DOCTEST_TEST_CASE("a broken lesson is refused with file, line and remedy") {
    DOCTEST_CHECK(lesson_refusal(good) == "no error");
    const std::pair<std::string, const char*> broken[] = {
        {"# No header\n", "line 1"},
        {"---\ntitle: A\ntitel: B\n---\n", "line 3). Did you mean title?"},
        {"---\ntitle: A\n", "does not end"},
        {"---\ntitle: A\n---\n## S\n", "does not say 'about'"},
        {header, "no step"},
        {with_step("when: stebs >= 3\nshow: run\n"), "'stebs' (x/broken.md, line 13). Did you mean steps?"},
        {with_step("when: steps >= many\nshow: run\n"), "'many' is no number"},
        {with_step("when: setting sampler.stepsize > 1\nshow: run\n"), "sampler.step_size"},
        {with_step("when: steps 3\nshow: run\n"), "takes no key"},
        {with_step("when: running\n"), "nothing that shows how"},
        {with_step("show: dance\n"), "Show me cannot do 'dance'"},
        {with_step("show: drop 1 2\n"), "drop X Y COUNT SPREAD"},
        {with_step("show: drop 1 2 many 0\n"), "'many'"},
        {with_step("show: set sampler.kind nuts\n"), "line 13"},
        {with_step("point: button run\n"), "pointed at"},
        {with_step("- [ ] one\n- [ ] two\n"), "0 right answers"},
        {with_step("hnit: Look.\n"), "Did you mean hint?"},
        {with_step("pause: maybe\n"), "neither yes nor no"},
        {with_step("pause: yes\n"), "pauses at a condition and has none"},
        {with_step("layout: landscape\n"), "has 'layout' and opens no scene"},
        {with_step("scene: ring\n"), "scene of the header"},
        {with_step("## Next\nscene: ring\nset: sampler.stepsize 1\n"), "sampler.step_size"},
        {with_step("## Next\nscene: ring\nrun: maybe\n"), "neither yes nor no"},
        {header + "Text.\n", "before the first step"},
        {with_step("## Next\nscene: rnig\n"), "'rnig' (x/broken.md, line 14). Did you mean ring?"},
        {with_step("## Next\nscene: missing.json\n"), "x/missing.json"},
        {with_step("## Next\nscene: fashion_mnist_convnet\nwhen: auroc MNIST digts > 0.5\nshow: run\n"),
         "'MNIST digts' (x/broken.md, line 15). Did you mean MNIST digits?"},
        {with_step("when: auroc MNIST digits > 0.5\nshow: run\n"), "Known names: Uniform box."},
        {with_step("show: set sampler.box_low 5\n## Next\nText.\n"), "of step 'Next' cannot be opened"},
    };
    for (const auto& entry : broken) {
        DOCTEST_CAPTURE(entry.first);
        const std::string refusal = lesson_refusal(entry.first);
        DOCTEST_CAPTURE(refusal);
        DOCTEST_CHECK(refusal.find(entry.second) != std::string::npos);
        DOCTEST_CHECK(refusal.find("x/broken.md, line") != std::string::npos);
    }
}

DOCTEST_TEST_CASE("a condition may ask for an out-of-distribution set that a person adds") {
    DOCTEST_CHECK(lesson_refusal(with_step("when: auroc my points > 0.5\nshow: run\n")) == "no error");
    DOCTEST_CHECK(lesson_refusal(with_step("when: auroc Uniform box > 0.5\nshow: run\n")) == "no error");
}

DOCTEST_TEST_CASE("a lesson may bring a scene in a file beside it") {
    const tests::TemporaryFolder folder;
    Scene scene = find_scene("ring");
    scene.name = scene.title = "mine";
    std::ofstream(folder.path / "mine.json") << scene_json(scene);
    std::ofstream(folder.path / "lesson.md")
        << with_step("## Next\nThere.\nscene: mine.json\nset: sampler.chains 70\n");
    const Lesson lesson = read_lesson(folder.path / "lesson.md");
    DOCTEST_CHECK(lesson_scene(lesson, 1).title == "mine");
    DOCTEST_CHECK(lesson_scene(lesson, 1).settings.sampler.chains == 70);
}

DOCTEST_TEST_CASE("items of a list are blocks of their own") {
    const Lesson lesson =
        parse_lesson(with_step("Before.\n- one\nand more\n- two\n\nAfter.\n- [ ] no\n- [x] yes\n"), "x.md");
    const auto& blocks = lesson.steps[0].blocks;
    using Kind = LessonStep::Block::Kind;
    DOCTEST_REQUIRE(blocks.size() == 4);
    DOCTEST_CHECK(blocks[1].text == "one and more");
    DOCTEST_CHECK(blocks[1].kind == Kind::item);
    DOCTEST_CHECK(blocks[2].kind == Kind::item);
    DOCTEST_CHECK(blocks[3].text == "After.");
    DOCTEST_CHECK(blocks[3].kind == Kind::paragraph);
    DOCTEST_CHECK(lesson.steps[0].choices.size() == 2);
}

DOCTEST_TEST_CASE("what a lesson names and the window does not have is told with its line") {
    const WindowIds ids{{"landscape", "sampler", "histograms"}, {"run", "step_line"}};
    const auto refusal = [&](const std::string& lines) {
        return tests::failure_of([&] { check_mentions(parse_lesson(with_step(lines), "x/broken.md"), ids); });
    };
    DOCTEST_CHECK(refusal("point: action step_line\n") == "no error");
    for (const auto& [lines, words] :
         {std::pair("point: panel histogram\n", "There is no panel 'histogram' (x/broken.md, line 13). Did "
                                                "you mean histograms?"),
          std::pair("point: action stepline\n", "There is no action 'stepline'"),
          std::pair("show: open samplers\n", "There is no panel 'samplers' (x/broken.md, line 13)"),
          std::pair("when: panel landscap\nshow: run\n", "Did you mean landscape?"),
          std::pair("## Next\nscene: ring\nlayout: landscape energies\n", "There is no panel 'energies'")}) {
        DOCTEST_CAPTURE(lines);
        DOCTEST_CHECK(tests::contains(refusal(lines), words));
    }
}

DOCTEST_TEST_CASE("a lesson of one's own has a name of its own, and is replaced when it is read again") {
    const std::size_t before = own_lessons().size();
    add_own_lesson(parse_lesson(good, "mine.md"));
    DOCTEST_REQUIRE(find_lesson("mine") != nullptr);
    std::string changed = good;
    changed.replace(changed.find("A title"), 7, "Another");
    add_own_lesson(parse_lesson(changed, "elsewhere/mine.md"));
    DOCTEST_CHECK(own_lessons().size() == before + 1);
    DOCTEST_CHECK(find_lesson("mine")->title == "Another");
    DOCTEST_CHECK(is_lesson_scene(lesson_scene(*find_lesson("mine"))));
    const std::string refusal =
        tests::failure_of([&] { add_own_lesson(parse_lesson(good, "x/density.md")); });
    DOCTEST_CHECK(tests::contains(refusal, "A built-in lesson is called 'density', too (x/density.md)"));
}

DOCTEST_TEST_CASE("a broken lesson is left out and the log says where it is broken") {
    const tests::TemporaryFolder folder;
    std::ofstream(folder.path / "good.md") << good;
    std::ofstream(folder.path / "bad.md") << with_step("hnit: Look.\n");
    const std::uint64_t before = log::next_index();
    const auto lessons = read_lessons(folder.path);
    DOCTEST_REQUIRE(lessons.size() == 1);
    DOCTEST_CHECK(lessons[0].name == "good");
    DOCTEST_CHECK(log::next_index() == before + 1);
}

DOCTEST_TEST_CASE("a prediction may be wrong, a question must be answered rightly") {
    const Lesson lesson = parse_lesson(good + "- [ ] no\n- [x] yes\n", "x.md");
    Snapshot snapshot;
    snapshot.state = State::paused;
    snapshot.scene = lesson_scene(lesson);
    LessonRun run(lesson);
    DOCTEST_CHECK_FALSE(run.look(snapshot, no_panel));
    snapshot.settings.view.field = FieldKind::density;
    run.look(snapshot, no_panel);
    snapshot.chain_steps = 10;
    DOCTEST_CHECK_FALSE(run.look(snapshot, no_panel)); // met, but nothing was predicted
    DOCTEST_CHECK(run.met());
    snapshot.chain_steps = 0;
    run.choose(0);
    DOCTEST_CHECK(run.is_done(0)); // once met, a condition stays met
    DOCTEST_CHECK_FALSE(run.predicted());
    DOCTEST_CHECK(run.next(snapshot));
    run.choose(0);
    DOCTEST_CHECK_FALSE(run.is_done(1));
    run.choose(1);
    DOCTEST_CHECK(run.is_done(1));
    DOCTEST_CHECK_FALSE(run.next(snapshot));
}

DOCTEST_TEST_CASE("a step that says so pauses the run once, when its condition holds") {
    for (const bool pauses : {true, false}) {
        const Lesson lesson = parse_lesson(
            with_step(std::string("when: steps >= 10\nshow: chains 10\n") + (pauses ? "pause: yes\n" : "")),
            "x.md");
        Snapshot snapshot = running(lesson);
        LessonRun run(lesson);
        run.look(snapshot, no_panel);
        DOCTEST_CHECK_FALSE(run.take_pause());
        snapshot.chain_steps = 10;
        run.look(snapshot, no_panel);
        DOCTEST_CHECK(run.take_pause() == pauses);
        snapshot.chain_steps = 20;
        run.look(snapshot, no_panel);
        DOCTEST_CHECK_FALSE(run.take_pause());
    }
}

DOCTEST_TEST_CASE("a step that asks for chains from elsewhere is not done by chains that just run on") {
    const Lesson* lesson = find_lesson("pictures");
    DOCTEST_REQUIRE(lesson != nullptr);
    Snapshot snapshot = running(*lesson);
    LessonRun run(*lesson);
    run.go(3, snapshot);
    DOCTEST_REQUIRE(run.step().title == "Start from data");
    snapshot.chain_steps = 1000;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met());
    snapshot.chains.start = ChainStart::buffer;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met()); // steps before that do not count
    snapshot.chain_steps = 1050;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK(run.met());
}

DOCTEST_TEST_CASE(
    "steps count from when everything is set as the step asks, and its line says what is missing") {
    const Lesson lesson = parse_lesson(
        with_step(
            "- [x] yes\n- [ ] no\nwhen: setting sampler.temperature = 2 and slow and acceptance > 0.5 and "
            "steps >= 100\nhint: A hint.\nshow: set sampler.temperature 2\n"),
        "x.md");
    Snapshot snapshot = running(lesson);
    LessonRun run(lesson);
    const auto look_at = [&](std::int64_t steps) {
        snapshot.chain_steps = steps;
        run.look(snapshot, no_panel);
        return run.counted(snapshot);
    };
    look_at(0);
    run.choose(1);
    DOCTEST_CHECK(run.predicted());
    DOCTEST_CHECK(look_at(500) == "Temperature, then 100 steps");
    snapshot.settings.sampler.temperature = 2;
    DOCTEST_CHECK(look_at(510) == "slow motion, then 100 steps");
    snapshot.pace.speed = Speed::slow;
    DOCTEST_CHECK(look_at(530) == "20 of 100 steps");
    DOCTEST_CHECK_FALSE(run.met());
    DOCTEST_CHECK(look_at(700) == "100 steps done; not all that the step asks for has come about yet");
    snapshot.reading.acceptance = 0.9f;
    look_at(701);
    DOCTEST_CHECK(run.met());
}

DOCTEST_TEST_CASE("a step that asks for a reset is not done by the run that was there before") {
    const Lesson lesson =
        parse_lesson(with_step("when: reset and iteration >= 50\nhint: A hint.\nshow: reset\n"), "x.md");
    Snapshot snapshot = running(lesson);
    LessonRun run(lesson);
    const auto look_at = [&](std::int64_t iteration) {
        snapshot.iteration = iteration;
        run.look(snapshot, no_panel);
    };
    look_at(130);
    DOCTEST_CHECK(run.counted(snapshot) == "a reset, then 50 iterations");
    look_at(190);
    DOCTEST_CHECK_FALSE(run.met());
    look_at(20);
    DOCTEST_CHECK(run.counted(snapshot) == "20 of 50 iterations");
    look_at(50);
    DOCTEST_CHECK(run.met());
    // Another scene's iterations are not counted.
    snapshot.scene.description = "another";
    DOCTEST_CHECK(run.counted(snapshot).empty());
}

DOCTEST_TEST_CASE("a step that waits for nothing but a count pauses exactly there") {
    const auto pause_at = [](const std::string& when, const std::string& pause = "pause: yes\n") {
        const Lesson lesson =
            parse_lesson(with_step("when: " + when + "\n" + pause + "show: chains 10\n"), "x.md");
        Snapshot snapshot = running(lesson);
        snapshot.iteration = 40;
        snapshot.chain_steps = 700;
        LessonRun run(lesson);
        run.look(snapshot, no_panel);
        return run.pause_at(snapshot);
    };
    DOCTEST_CHECK(pause_at("steps >= 500") == PauseAt{1200, -1});
    DOCTEST_CHECK(pause_at("iterations >= 100") == PauseAt{-1, 140});
    DOCTEST_CHECK(pause_at("iteration >= 1000") == PauseAt{-1, 1000});
    DOCTEST_CHECK(pause_at("setting sampler.chains = 50 and steps >= 5") == PauseAt{705, -1});
    DOCTEST_CHECK(pause_at("steps >= 500", "") == PauseAt{});
    DOCTEST_CHECK(pause_at("setting sampler.chains = 60 and steps >= 500") == PauseAt{}); // not set yet
    DOCTEST_CHECK(pause_at("steps >= 500 and spread < 1") == PauseAt{1200, -1});
    DOCTEST_CHECK(pause_at("spread < 1") == PauseAt{}); // nobody knows when
}

DOCTEST_TEST_CASE("chains that were there before are not restarted, however far they run") {
    Snapshot snapshot;
    snapshot.chain_steps = 600;
    snapshot.chains.age = {500, 500};
    const LessonView view{snapshot, 0, 500, 0, false, {}};
    Comparison restarted;
    restarted.name = "restarted";
    restarted.compare = Comparison::Operator::at_least;
    restarted.number = 1;
    DOCTEST_CHECK_FALSE(holds(restarted, view));
    snapshot.chains.age = {500, 40}; // one was dropped
    DOCTEST_CHECK_FALSE(holds(restarted, view));
    snapshot.chains.age = {60, 60};
    DOCTEST_CHECK(holds(restarted, view));
}

DOCTEST_TEST_CASE("a point that was dropped before a step began is not the one that it asks for") {
    const Lesson lesson =
        parse_lesson(with_step("when: dropped and steps >= 3\nhint: A hint.\nshow: chains 10\n"), "x.md");
    Snapshot snapshot = running(lesson);
    snapshot.chains.drops = 2;
    LessonRun run(lesson);
    for (const std::int64_t steps : {0, 10, 20}) {
        snapshot.chain_steps = steps;
        run.look(snapshot, no_panel);
    }
    DOCTEST_CHECK(run.counted(snapshot) == "a point that is dropped, then 3 steps");
    snapshot.chains.drops = 3;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met());
    snapshot.chain_steps = 23;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK(run.met());
}

DOCTEST_TEST_CASE("numbers of another score than the one that is asked for complete nothing") {
    ScoreSet set;
    set.name = "digits";
    set.auroc = 0.9;
    ScoresView scores;
    scores.score = ScoreKind::recovery;
    scores.sets = {set};
    Snapshot snapshot;
    snapshot.scores = std::make_shared<const ScoresView>(scores);
    snapshot.settings.view.score = ScoreKind::mass;
    Comparison auroc;
    auroc.name = "auroc";
    auroc.key = "digits";
    auroc.compare = Comparison::Operator::above;
    auroc.number = 0.7;
    const LessonView view{snapshot, 0, 0, 0, false, {}};
    DOCTEST_CHECK_FALSE(holds(auroc, view));
    snapshot.settings.view.score = ScoreKind::recovery;
    DOCTEST_CHECK(holds(auroc, view));
}

DOCTEST_TEST_CASE(
    "no lesson asks for more iterations of a training that may have ended while somebody read") {
    for (const Lesson& lesson : built_in_lessons()) {
        DOCTEST_CAPTURE(lesson.name);
        bool goes_on = lesson.run;
        for (const LessonStep& step : lesson.steps) {
            DOCTEST_CAPTURE(step.title);
            if (step.opens) goes_on = step.opens->run;
            const bool counts = std::ranges::any_of(
                step.when, [](const Comparison& comparison) { return comparison.name == "iterations"; });
            DOCTEST_CHECK_FALSE((counts && goes_on));
            const bool runs =
                std::ranges::any_of(step.show, [](const Deed& deed) { return deed.word == "run"; });
            goes_on = !step.pause && (runs || goes_on);
        }
    }
}

DOCTEST_TEST_CASE("a lesson looks only at the scene that it opened") {
    const Lesson lesson = parse_lesson(good, "x.md");
    Snapshot snapshot;
    snapshot.state = State::paused;
    snapshot.scene = find_scene("double_well");
    snapshot.settings.view.field = FieldKind::density;
    snapshot.chain_steps = 100;
    LessonRun run(lesson);
    run.look(snapshot, no_panel);
    snapshot.chain_steps = 200;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met());
    snapshot.scene = lesson_scene(lesson);
    run.look(snapshot, no_panel);
    snapshot.chain_steps = 210;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK(run.met());
}

DOCTEST_TEST_CASE("every lesson ends with a question whose answer is found by doing") {
    for (const Lesson& lesson : built_in_lessons()) {
        if (lesson.name == "tour") continue; // a look round, with a thing to do in each step
        DOCTEST_CAPTURE(lesson.name);
        const auto last = std::find_if(lesson.steps.rbegin(), lesson.steps.rend(),
                                       [](const LessonStep& step) { return !step.choices.empty(); });
        DOCTEST_REQUIRE(last != lesson.steps.rend());
        DOCTEST_CHECK_FALSE(last->when.empty());
        DOCTEST_CHECK(last + 1 != lesson.steps.rend());
        DOCTEST_CHECK(lesson.steps.back().title == "In the paper");
    }
}

DOCTEST_TEST_CASE("a step may open another scene, in which those after it are taken") {
    const Lesson lesson = parse_lesson(good + "## Third\n"
                                              "Elsewhere.\n"
                                              "scene: two_moons\n"
                                              "layout: energies\n"
                                              "set: sampler.chains 60\n"
                                              "when: iterations >= 30\n"
                                              "show: set sampler.step_size 0.5\n"
                                              "show: run\n"
                                              "## Fourth\n"
                                              "There too.\n"
                                              "when: iterations >= 5\n"
                                              "show: run\n",
                                       "x.md");
    DOCTEST_CHECK(opening_step(lesson, 1) == 0);
    DOCTEST_CHECK(opening_step(lesson, 3) == 2);
    DOCTEST_CHECK(opening(lesson, 1).layout.front() == "landscape");
    DOCTEST_CHECK(opening(lesson, 3).layout.front() == "energies");
    DOCTEST_CHECK(lesson_scene(lesson, 1).settings.sampler.chains == 50);
    DOCTEST_CHECK(lesson_scene(lesson, 1).settings.view.field == FieldKind::density); // the first step's deed
    DOCTEST_CHECK(lesson_scene(lesson, 2).settings.sampler.chains == 60);
    DOCTEST_CHECK(lesson_scene(lesson, 2).settings.sampler.step_size != 0.5f);
    DOCTEST_CHECK(lesson_scene(lesson, 3).settings.sampler.step_size == 0.5f);
    DOCTEST_CHECK(lesson_description(lesson, 1) != lesson_description(lesson, 2));
    DOCTEST_CHECK(lesson_description(lesson, 3) == lesson_description(lesson, 2));
    DOCTEST_CHECK(iterations_before(lesson, 3) == 30);

    // A lesson that is left at its last step goes on there, in the state that the steps before lead to.
    Session session({1, "cpu", true});
    for (const Command& command : opening_commands(lesson, 3))
        session.send(command);
    LessonRun run(lesson, 3, 2);
    DOCTEST_CHECK(run.is_done(1));
    DOCTEST_CHECK_FALSE(run.is_done(2));
    DOCTEST_CHECK(run.step().title == "Fourth");
    const auto until = [&](auto&& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!done() && std::chrono::steady_clock::now() < end) {
            session.send(ShowViews{all_views});
            session.wait();
            run.look(session.latest(), no_panel);
        }
    };
    until([&] { return session.latest().iteration >= 30; });
    DOCTEST_CHECK_FALSE(run.met()); // what came before does not count
    session.send(StepTraining{5});
    until([&] { return run.met(); });
    DOCTEST_CHECK(run.met());
}

DOCTEST_TEST_CASE("what a step asks for does not count in the scene of the step before") {
    const Lesson lesson = parse_lesson(
        good + "## Third\nElsewhere.\nscene: ring\nwhen: steps >= 10\nshow: chains 10\n", "x.md");
    Snapshot snapshot;
    snapshot.state = State::paused;
    snapshot.scene = lesson_scene(lesson);
    LessonRun run(lesson);
    run.go(2, snapshot);
    snapshot.chain_steps = 20;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met());
    snapshot.scene = lesson_scene(lesson, 2);
    snapshot.chain_steps = 5;
    run.look(snapshot, no_panel);
    snapshot.chain_steps = 14;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK_FALSE(run.met()); // nine steps
    DOCTEST_CHECK(run.counted(snapshot) == "9 of 10 steps");
    snapshot.chain_steps = 15;
    run.look(snapshot, no_panel);
    DOCTEST_CHECK(run.met());
}
