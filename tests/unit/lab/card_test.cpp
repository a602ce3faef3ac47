#include "../energy/fake_card.h"
#include "small_scene.h"

#include "core/energy/device.h"
#include "core/lab/session.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using namespace ebm::lab;

/// A card in every session until the end of the scope, which fails after some calls.
class Cards {
public:
    explicit Cards(int* calls_left = nullptr) {
        open_cards_by([calls_left](cuda::Precision) {
            auto card = std::make_unique<tests::FakeCard>();
            card->calls_left = calls_left;
            return card;
        });
    }
    ~Cards() { open_cards_by({}); }
};

/// Until `done` says so of a snapshot, or the run stops.
const Snapshot& wait_until(Session& session, const std::function<bool(const Snapshot&)>& done) {
    for (int i = 0; i < 20'000; ++i) {
        const Snapshot& snapshot = session.latest();
        if (done(snapshot)) return snapshot;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return session.latest();
}

std::vector<float> energies_after(Laboratory& laboratory, int iterations) {
    while (tests::look(laboratory).iteration < iterations)
        laboratory.train_iteration();
    return tests::probe(laboratory);
}

} // namespace

DOCTEST_TEST_CASE("Card: auto takes it, and says so; the CPU is taken back") {
    const Cards cards;
    Session session({1, "auto", true});
    session.send(OpenScene{tests::small_scene(), false});
    session.wait();
    DOCTEST_CHECK(session.latest().device == "Fake card");
    DOCTEST_CHECK(session.latest().device_note.empty());
    session.send(UseDevice{"cpu"});
    session.wait();
    DOCTEST_CHECK(session.latest().device == "CPU");
}

DOCTEST_TEST_CASE("Card: a failure stops the run with its state, and it goes on where it was on the CPU") {
    // Without a failure, on the CPU, whose kernels the card has.
    Laboratory whole({1, "cpu", false});
    whole.apply(OpenScene{tests::small_scene(), false});
    const std::vector<float> expected = energies_after(whole, 40);

    for (const int calls : {1, 17, 30, 31, 32}) {
        DOCTEST_CAPTURE(calls);
        int calls_left = 1 << 30;
        const Cards cards(&calls_left);
        Laboratory laboratory({1, "cuda", false});
        laboratory.apply(OpenScene{tests::small_scene(), false});
        DOCTEST_REQUIRE(tests::look(laboratory).device == "Fake card");
        calls_left = calls;
        bool failed = false;
        try {
            energies_after(laboratory, 40);
        } catch (const Error& error) {
            failed = std::string(error.what()).find("The GPU failed while running a kernel") == 0;
        }
        DOCTEST_CHECK(failed);
        DOCTEST_CHECK(tests::look(laboratory).iteration < 40);
        laboratory.apply(UseDevice{"cpu"});
        DOCTEST_CHECK(energies_after(laboratory, 40) == expected);
    }
}

DOCTEST_TEST_CASE("Card: in a session its failure is one sentence, and the run can be saved and go on") {
    int calls_left = 1 << 30;
    const Cards cards(&calls_left);
    Session session({1, "cuda", true});
    session.send(OpenScene{tests::small_scene(), false});
    session.wait();
    DOCTEST_REQUIRE(session.latest().device == "Fake card");
    calls_left = 60;
    session.send(Run{});
    const Snapshot& failed = wait_until(session, [](const Snapshot& s) { return s.state == State::failed; });
    DOCTEST_REQUIRE(failed.state == State::failed);
    DOCTEST_REQUIRE(failed.problem);
    DOCTEST_CHECK(failed.problem->text ==
                  "The GPU failed while running a kernel (CUDA error 719, unspecified launch "
                  "failure).");
    const std::int64_t stopped_at = failed.iteration;
    DOCTEST_CHECK(stopped_at > 0);
    const auto file = std::filesystem::temp_directory_path() / "ebmlab_card_test.safetensors";
    session.send(SaveCheckpoint{file.string()});
    session.wait();
    DOCTEST_CHECK(std::filesystem::exists(file));
    std::filesystem::remove(file);
    session.send(UseDevice{"cpu"});
    session.wait();
    DOCTEST_CHECK(session.latest().state == State::paused);
    DOCTEST_CHECK(session.latest().iteration == stopped_at);
    session.send(Run{});
    DOCTEST_CHECK(wait_until(session, [&](const Snapshot& s) {
                      return s.iteration > stopped_at + 3;
                  }).iteration > stopped_at + 3);
}
