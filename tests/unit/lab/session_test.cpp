#include "core/lab/session.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace ebm;
using namespace ebm::lab;

namespace {

Scene ring_scene() {
    Scene scene;
    scene.name = scene.title = "ring";
    scene.settings.data.set = "none";
    scene.settings.model.energy = "ring";
    scene.settings.sampler.chains = 16;
    scene.settings.view.resolution = 32;
    return scene;
}

} // namespace

DOCTEST_TEST_CASE("Commands are applied in order and answered by a snapshot") {
    Session session({1, "cpu", true});
    DOCTEST_CHECK(session.latest().state == State::empty);
    session.send(OpenScene{ring_scene(), false});
    session.send(StepChains{2});
    session.wait();
    const Snapshot& snapshot = session.latest();
    DOCTEST_CHECK(snapshot.state == State::paused);
    DOCTEST_CHECK(snapshot.chains.age.at(0) == 2);
    DOCTEST_CHECK_FALSE(snapshot.problem);
}

DOCTEST_TEST_CASE("A command that fails becomes a problem in words and the session goes on") {
    Session session({1, "cpu", true});
    session.send(Run{});
    session.wait();
    DOCTEST_REQUIRE(session.latest().problem);
    DOCTEST_CHECK(session.latest().problem->remedy == "Open a scene first.");
    Scene unknown = ring_scene();
    unknown.settings.model.energy = "rign";
    session.send(OpenScene{unknown, false});
    session.wait();
    DOCTEST_REQUIRE(session.latest().problem);
    DOCTEST_CHECK(session.latest().problem->number == 2);
    session.send(OpenScene{ring_scene(), false});
    session.wait();
    DOCTEST_CHECK_FALSE(session.latest().problem);
    DOCTEST_CHECK(session.latest().state == State::ready);
}

DOCTEST_TEST_CASE("A snapshot stays as it is until the reader asks for the next") {
    Session session({1, "cpu", true});
    session.send(OpenScene{ring_scene(), true});
    session.wait();
    const Snapshot& held = session.latest();
    const auto number = held.number;
    const auto positions = held.chains.positions;
    for (int i = 0; i < 5; ++i) {
        session.send(ChangeSetting{"sampler.step_size", "0.0" + std::to_string(i + 1)});
        session.wait();
    }
    DOCTEST_CHECK(held.number == number);
    DOCTEST_CHECK(held.chains.positions == positions);
    const Snapshot& newer = session.latest();
    DOCTEST_CHECK(newer.number > number);
    DOCTEST_CHECK(newer.settings.sampler.step_size == 0.05);
}

DOCTEST_TEST_CASE("A listener is called while it listens and never afterwards") {
    Session session({1, "cpu", true});
    session.send(OpenScene{ring_scene(), true});
    session.wait();
    for (int i = 0; i < 5; ++i) {
        std::atomic<int> begun = 0, ended = 0;
        session.on_publish([&] {
            ++begun;
            std::this_thread::sleep_for(std::chrono::milliseconds(3));
            ++ended;
        });
        while (begun == 0)
            std::this_thread::yield();
        session.on_publish({});
        const int heard = ended;
        DOCTEST_CHECK(heard > 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        DOCTEST_CHECK(ended == heard);
        DOCTEST_CHECK(begun == heard);
    }
}

DOCTEST_TEST_CASE("A device that is not there is a sentence, not a crash") {
    Session session({1, "cuda", true});
    session.send(OpenScene{ring_scene(), false});
    session.wait();
    DOCTEST_REQUIRE(session.latest().problem);
    DOCTEST_CHECK(session.latest().problem->text.find("CUDA") != std::string::npos);
}

DOCTEST_TEST_CASE("Each state refuses what makes no sense in it") {
    DOCTEST_CHECK(refusal(State::empty, OpenScene{}).empty());
    DOCTEST_CHECK_FALSE(refusal(State::empty, Run{}).empty());
    DOCTEST_CHECK_FALSE(refusal(State::running, StepChains{}).empty());
    DOCTEST_CHECK(refusal(State::paused, StepChains{}).empty());
    DOCTEST_CHECK(refusal(State::paused, Pause{}).empty()); // it may have paused by itself just now
    DOCTEST_CHECK_FALSE(refusal(State::failed, Pause{}).empty());
    DOCTEST_CHECK_FALSE(refusal(State::failed, Run{}).empty());
    DOCTEST_CHECK(refusal(State::failed, Reset{}).empty());
}
