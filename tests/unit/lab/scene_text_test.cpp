#include "core/lab/scene_text.h"
#include "tests/unit/failure.h"

#include "core/base/base64.h"
#include "core/base/files.h"

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;

namespace {

Scene opened(const std::string& text) {
    std::vector<std::string> warnings;
    Scene scene = parse_scene_text(text, warnings);
    DOCTEST_CHECK(warnings.empty());
    return scene;
}

std::string refusal(const std::string& text) {
    return tests::failure_of([&] { opened(text); });
}

} // namespace

DOCTEST_TEST_CASE("every built-in scene survives being pasted") {
    for (const Scene& scene : built_in_scenes()) {
        DOCTEST_CAPTURE(scene.name);
        if (!scene.settings.data.path.empty()) continue; // a file, see below
        const std::string text = scene_text(scene);
        DOCTEST_CHECK(is_scene_text(text));
        DOCTEST_CHECK(text.size() < 2000);
        const Scene back = opened(" " + text.substr(0, 30) + "\n  " + text.substr(30) + "\n");
        DOCTEST_CHECK(back.settings == scene.settings);
        DOCTEST_CHECK(back.title == scene.title);
        DOCTEST_CHECK(back.checkpoint == scene.checkpoint);
    }
}

DOCTEST_TEST_CASE("nonsense, damage and other versions are refused in words") {
    Scene scene;
    scene.name = scene.title = "x";
    scene.settings.sampler.step_size = 0.123;
    const std::string text = scene_text(scene);
    DOCTEST_CHECK_FALSE(is_scene_text("hello"));
    DOCTEST_CHECK(refusal("hello").find("no text of a scene") != std::string::npos);
    DOCTEST_CHECK(refusal("ebmlab-scene-2:abcd").find("another version") != std::string::npos);
    DOCTEST_CHECK(refusal("ebmlab-scene-1:").find("damaged") != std::string::npos);
    DOCTEST_CHECK(refusal(text + "!").find("sign that none has: '!'") != std::string::npos);
    DOCTEST_CHECK(refusal(std::string(200'000, 'A')).find("too long") != std::string::npos);
    const std::size_t begin = std::string("ebmlab-scene-1:").size();
    for (std::size_t end = begin; end + 1 < text.size(); ++end)
        DOCTEST_CHECK(refusal(text.substr(0, end)).find("damaged") != std::string::npos);
    for (std::size_t i = begin + 20; i + 2 < text.size(); ++i) {
        std::string damaged = text;
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        DOCTEST_CAPTURE(damaged);
        DOCTEST_CHECK(refusal(damaged).find("damaged") != std::string::npos);
    }
}

DOCTEST_TEST_CASE("a text of a stranger opens no file of this machine") {
    const auto text_of = [](const Scene& scene) { // as somebody would write it by hand
        const std::string json = scene_json(scene);
        return "ebmlab-scene-1:" + base64(files::gzip(files::as_bytes(json)));
    };
    const auto with = [](auto&& change) {
        Scene scene = find_scene("ring_and_wells");
        change(scene);
        return scene;
    };
    DOCTEST_CHECK(refusal(text_of(with([](Scene&) {}))) == "no error");
    for (const char* file : {"/etc/people.csv", "../people.csv", "a/../../people.csv", "~/people.csv"}) {
        DOCTEST_CAPTURE(file);
        for (const Scene& scene : {with([&](Scene& s) { s.settings.data.path = file; }),
                                   with([&](Scene& s) { s.checkpoint = file; }), with([&](Scene& s) {
                                       s.parts[0] = {"", file, ""};
                                   }),
                                   with([&](Scene& s) {
                                       s.parts[0] = {file, "", ""};
                                   })})
            DOCTEST_CHECK(tests::contains(refusal(text_of(scene)), std::string("(") + file + ")"));
    }
}

DOCTEST_TEST_CASE("a scene that reads a file of this machine is not made a text") {
    Scene scene;
    scene.settings.data.path = "/home/somebody/people.csv";
    DOCTEST_CHECK(tests::failure_of([&] { scene_text(scene); }).find("/home/somebody/people.csv") !=
                  std::string::npos);
}
