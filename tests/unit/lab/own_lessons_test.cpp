#include "../temporary_folder.h"
#include "tests/unit/failure.h"

#include "core/data/describe.h"
#include "core/lab/lessons.h"

#include <fstream>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;

/// What a lecturer writes by hand, with the slips that hands make.

namespace {

std::string own_lesson(const std::string& steps, const std::string& title = "Mine") {
    return "---\ntitle: " + title +
           "\nabout: A **strong** sentence.\nminutes: 5\nscene: double_well\nlayout: landscape\n---\n" +
           steps;
}

} // namespace

DOCTEST_TEST_CASE("a lesson that is empty or not UTF-8 is refused with the line") {
    const auto refusal = [](const std::string& text) {
        return tests::failure_of([&] { parse_lesson(text, "x/mine.md"); });
    };
    for (const char* nothing : {"", "\n \n"})
        DOCTEST_CHECK(tests::contains(refusal(nothing), "The lesson is empty (x/mine.md, line 1)"));
    // "für" in Latin-1.
    const std::string latin = own_lesson("## First\nText.\nEin Text f\xFCr alle.\n");
    DOCTEST_CHECK(tests::contains(refusal(latin), "This line is not UTF-8 (x/mine.md, line 10)"));
    DOCTEST_CHECK(refusal(own_lesson("## First\nEin Text für alle.\n")) == "no error");
}

DOCTEST_TEST_CASE(
    "an empty file and one in Latin-1 are lessons by their name, so that they are told what they lack") {
    const tests::TemporaryFolder folder;
    const auto written = [&](const char* name, const std::string& text) {
        std::ofstream(folder.path / name, std::ios::binary) << text;
        return folder.path / name;
    };
    for (const auto& path : {written("empty.md", ""), written("latin.md", own_lesson("## A\nf\xFCr\n"))})
        DOCTEST_CHECK(is_lesson_file(path, data::describe(path.string())));
    DOCTEST_CHECK_FALSE(
        is_lesson_file(folder.path / "none.md", data::describe((folder.path / "none.md").string())));
    const auto other = written("empty.txt", "");
    DOCTEST_CHECK_FALSE(is_lesson_file(other, data::describe(other.string())));
}

DOCTEST_TEST_CASE("marks in a lesson's title and sentence are not shown as they are written") {
    const Lesson lesson = parse_lesson(own_lesson("## First\nText.\n", "The *pull* of `E`, 2 * 3"), "x.md");
    DOCTEST_CHECK(lesson.title == "The pull of E, 2 * 3");
    DOCTEST_CHECK(lesson.about == "A strong sentence.");
}

DOCTEST_TEST_CASE("a numbered list is one, and a sentence that goes on with a number is none") {
    const Lesson lesson =
        parse_lesson(own_lesson("## First\nDo this:\n1. Press Run\nand wait.\n2. Look.\n\n10) Later.\n\n"
                                "It was in\n2019. Then more.\n3.5 is a number.\n"),
                     "x.md");
    const auto& blocks = lesson.steps.at(0).blocks;
    using Kind = LessonStep::Block::Kind;
    DOCTEST_REQUIRE(blocks.size() == 5);
    DOCTEST_CHECK(blocks[0].kind == Kind::paragraph);
    DOCTEST_CHECK(blocks[1].kind == Kind::item);
    DOCTEST_CHECK(blocks[1].number == "1.");
    DOCTEST_CHECK(blocks[1].text == "Press Run and wait.");
    DOCTEST_CHECK(blocks[2].number == "2.");
    DOCTEST_CHECK(blocks[3].number == "10)");
    DOCTEST_CHECK(blocks[4].kind == Kind::paragraph);
    DOCTEST_CHECK(blocks[4].number.empty());
    DOCTEST_CHECK(blocks[4].text == "It was in 2019. Then more. 3.5 is a number.");
}

DOCTEST_TEST_CASE("a person's own lesson that is broken is kept with its name and line until it is mended") {
    const tests::TemporaryFolder folder;
    std::ofstream(folder.path / "good_one.md") << own_lesson("## First\nText.\n");
    std::ofstream(folder.path / "bad_one.md") << own_lesson("## First\nText.\nhnit: Look.\n");
    std::vector<BrokenLesson> broken;
    DOCTEST_CHECK(read_lessons(folder.path, &broken).size() == 1);
    DOCTEST_REQUIRE(broken.size() == 1);
    DOCTEST_CHECK(broken[0].file == folder.path / "bad_one.md");
    DOCTEST_CHECK(broken[0].why == "A step has no 'hnit' (bad_one.md, line 10). Did you mean hint?");

    const auto listed = [&] {
        std::vector<std::string> names;
        for (const BrokenLesson& one : broken_lessons())
            if (one.file == folder.path / "bad_one.md") names.push_back(one.why);
        return names;
    };
    for (const char* what : {"First", "Second"}) // said anew, in the place of what was said before
        add_broken_lesson(folder.path / "bad_one.md", Error(what, "", "Mend it."));
    DOCTEST_CHECK(listed() == std::vector<std::string>{"Second. Mend it."});
    add_own_lesson(parse_lesson(own_lesson("## First\nText.\n"), folder.path / "bad_one.md"));
    DOCTEST_CHECK(listed().empty());
}

DOCTEST_TEST_CASE("a step that waits for something always says for what") {
    std::size_t told = 0;
    for (const Lesson& lesson : built_in_lessons())
        for (std::size_t i = 0; i < lesson.steps.size(); ++i) {
            if (lesson.steps[i].when.empty()) continue;
            DOCTEST_CAPTURE(lesson.name);
            DOCTEST_CAPTURE(lesson.steps[i].title);
            Snapshot snapshot;
            snapshot.state = State::running;
            snapshot.scene = lesson_scene(lesson, i);
            snapshot.settings = snapshot.scene.settings;
            snapshot.iteration = iterations_before(lesson, i);
            LessonRun run(lesson, i);
            run.look(snapshot, [](std::string_view) { return false; });
            DOCTEST_REQUIRE_FALSE(run.met());
            DOCTEST_CHECK_FALSE(run.counted(snapshot).empty());
            ++told;
        }
    DOCTEST_CHECK(told > 40);
}

DOCTEST_TEST_CASE("how far a step is says where it stands, and what is wanted unless that is the question") {
    Snapshot snapshot;
    snapshot.state = State::running;
    snapshot.kind.plane = true;
    snapshot.chains.positions = {1, 0, -1, 0, -1, 0, -1, 0};
    const auto told = [&](const std::string& step) {
        const Lesson lesson = parse_lesson(own_lesson("## First\n" + step), "x.md");
        snapshot.scene = lesson_scene(lesson);
        snapshot.settings = snapshot.scene.settings;
        LessonRun run(lesson);
        run.look(snapshot, [](std::string_view) { return false; });
        return run.counted(snapshot);
    };
    const std::string wait = "when: right < 0.01\nshow: run\n";
    DOCTEST_CHECK(told(wait) == "share of the chains with x > 0: 25 % now, below 1 % wanted");
    DOCTEST_CHECK(told("How many?\n- [x] None\n- [ ] All\n" + wait) ==
                  "share of the chains with x > 0: 25 % now");
    DOCTEST_CHECK(told("when: setting sampler.jump_share >= 0.1 and right > 0.4\nshow: run\n") ==
                  "Uniform jumps");
    DOCTEST_CHECK(told("when: KL < 0.1\nshow: run\n") ==
                  "KL(data‖model): not known yet, below 0.1 nats wanted");
}
