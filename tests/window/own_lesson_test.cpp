#include "core/lab/lessons.h"
#include "tests/window/stage.h"

#include <fstream>

/// A lecturer's own lesson: a file that is dropped on the window.
namespace ebm::test {

static void add_own_lesson_tests(Stage& stage) {
    const auto write = [&stage](const char* file, const std::string& title, const std::string& panel) {
        const std::filesystem::path path = stage.folder.path / file;
        std::ofstream(path)
            << "---\ntitle: " << title << "\nabout: Mine.\nminutes: 3\nscene: double_well\nlayout: " << panel
            << "\nset: sampler.chains 20\n---\n## First\nA **strong** word, an *italic* one and "
               "`code`:\n- one thing\n- another\n\nThen run.\nwhen: steps >= 5\nhint: Press `Run`."
               "\nshow: chains 5\n## Last\nThe end.\n";
        return path.string();
    };

    stage.test("lesson", "a file that is dropped opens as a lesson, is listed, and its progress is kept",
               [&stage, write](ImGuiTestContext* context) {
                   stage.shell->open_path(write("lecture.md", "A lecture", "landscape sampler"));
                   stage.wait(context, "its scene", [](const lab::Snapshot& s) {
                       const lab::Lesson* lesson = lab::find_lesson("lecture");
                       return lesson && s.scene.description == lab::lesson_description(*lesson) &&
                              s.chains.count == 20;
                   });
                   context->Yield(4);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("A strong word, an italic one and code:") != std::string::npos);
                   IM_CHECK(words.find("**") == std::string::npos);
                   IM_CHECK(words.find("- one") == std::string::npos);
                   stage.enter(context, "lesson", "step");
                   context->ItemClick("###show_me");
                   stage.wait(context, "progress", [&](const lab::Snapshot&) {
                       const auto& kept = stage.shell->preferences().lessons;
                       return kept.contains("lecture") && kept.at("lecture") == 1;
                   });
                   context->SetRef("//###lesson");
                   context->ItemClick("lessons/##button");
                   context->Yield(4);
                   const std::string list = stage.words(context);
                   const std::size_t heading = list.find("Your own lessons");
                   IM_CHECK(heading != std::string::npos);
                   IM_CHECK(list.find("1 of 2 steps done", heading) != std::string::npos);
                   IM_CHECK(context->ItemExists("lecture/lesson"));
                   stage.shell->preferences().open_panels["lesson"] = false;
                   context->Yield(4);
               });

    stage.test(
        "lesson", "a lesson that is broken stands in the list with its reason, and goes when it is mended",
        [&stage, write](ImGuiTestContext* context) {
            const auto refused = [&](const std::string& path, const char* why) {
                stage.shell->open_path(path);
                stage.wait(context, why, [&](const lab::Snapshot&) {
                    return stage.shell->notice().text.find(why) != std::string::npos;
                });
            };
            const std::string empty = (stage.folder.path / "nothing.md").string();
            std::ofstream(empty).close();
            refused(empty, "The lesson is empty");
            const std::string path = write("slip.md", "A slip", "landscape");
            std::ofstream(path, std::ios::app) << "1. one\nhnit: Look.\n";
            refused(path, "A step has no 'hnit'");
            stage.show(context, "lesson");
            std::string words = stage.words(context);
            const std::size_t own = words.find("Your own lessons");
            IM_CHECK(own != std::string::npos);
            for (const char* word : {"slip.md", "A step has no 'hnit' (slip.md, line 21). Did you mean hint?",
                                     "nothing.md", "The lesson is empty (nothing.md, line 1)"})
                IM_CHECK(words.find(word, own) != std::string::npos);
            IM_CHECK(!context->ItemExists("slip/lesson"));
            stage.shell->open_path(write("slip.md", "A slip", "landscape"));
            stage.wait(context, "the lesson", [](const lab::Snapshot& s) {
                const lab::Lesson* lesson = lab::find_lesson("slip");
                return lesson && s.scene.description == lab::lesson_description(*lesson);
            });
            context->SetRef("//###lesson");
            context->ItemClick("lessons/##button");
            context->Yield(4);
            words = stage.words(context);
            IM_CHECK(words.find("(slip.md, line") == std::string::npos);
            IM_CHECK(words.find("nothing.md") != std::string::npos);
            IM_CHECK(context->ItemExists("slip/lesson"));
            stage.shell->preferences().open_panels["lesson"] = false;
            context->Yield(4);
        });

    stage.test("lesson", "a dropped lesson that names a panel that is not there is refused in words",
               [&stage, write](ImGuiTestContext* context) {
                   stage.shell->open_path(write("other.md", "Another", "landscap"));
                   stage.wait(context, "a sentence", [&](const lab::Snapshot&) {
                       return stage.shell->notice().text.find("There is no panel 'landscap'") !=
                              std::string::npos;
                   });
                   IM_CHECK(stage.shell->notice().text.find("Did you mean landscape?") != std::string::npos);
                   IM_CHECK(lab::find_lesson("other") == nullptr);
               });
}

static const bool added_own_lesson = add_tests(add_own_lesson_tests);

} // namespace ebm::test
