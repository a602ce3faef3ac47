#include "core/store/recovery.h"

#include "core/base/files.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>

namespace ebm::store {
namespace {

namespace fs = std::filesystem;

/// The state folder of a test.
struct StateFolder : tests::TemporaryFolder {
    StateFolder() { ::setenv("XDG_STATE_HOME", path.c_str(), 1); }
    ~StateFolder() { ::unsetenv("XDG_STATE_HOME"); }
    fs::path recovery() const { return path / "ebmlab" / "recovery"; }
    std::ptrdiff_t count(const char* ending) const {
        return std::count_if(fs::directory_iterator(recovery()), {},
                             [&](const auto& entry) { return entry.path().extension() == ending; });
    }
};

void write_own_file() {
    files::write_atomically(recovery::own_file(), "unsaved training");
}

} // namespace

DOCTEST_TEST_CASE("Recovery: the file of a killed process is found, that of a living one is left alone") {
    const StateFolder state;
    DOCTEST_CHECK(recovery::left_behind().empty());
    tests::ChildProcess living(write_own_file), killed(write_own_file);
    DOCTEST_CHECK(recovery::left_behind().empty());
    DOCTEST_CHECK(state.count(".safetensors") == 2);
    const auto rights = fs::status(state.recovery()).permissions();
    DOCTEST_CHECK((rights & fs::perms(0077)) == fs::perms::none);

    killed.kill();
    const auto files = recovery::left_behind();
    DOCTEST_REQUIRE(files.size() == 1);
    DOCTEST_CHECK(files[0].bytes == 16);
    for (const auto& entry : fs::directory_iterator(state.recovery()))
        recovery::remove(entry.path());
    DOCTEST_CHECK(recovery::left_behind().empty());
    DOCTEST_CHECK(state.count(".safetensors") == 1); // the living process keeps its own
    DOCTEST_CHECK(state.count(".lock") == 1);

    living.kill();
    DOCTEST_CHECK(recovery::left_behind().size() == 1);
}

DOCTEST_TEST_CASE("Recovery: a process that was killed without unsaved training leaves nothing for ever") {
    const StateFolder state;
    tests::ChildProcess idle([] { recovery::own_file(); });
    idle.kill();
    DOCTEST_CHECK(recovery::left_behind().empty());
    const tests::ChildProcess next([] { recovery::own_file(); });
    DOCTEST_CHECK(state.count(".lock") == 1);
}

DOCTEST_TEST_CASE("Recovery: nothing is lost any more once the file of this process is removed") {
    const StateFolder state;
    const tests::ChildProcess process([] {
        write_own_file();
        if (recovery::own_file() != recovery::own_file()) throw std::runtime_error("another name");
        recovery::remove_own_file();
    });
    DOCTEST_CHECK(state.count(".safetensors") == 0);
    DOCTEST_CHECK(state.count(".lock") == 1);
}

DOCTEST_TEST_CASE("Recovery: both runs of a killed process are found, run A first, and taken one by one") {
    const StateFolder state;
    const auto write_both = [] {
        files::write_atomically(recovery::own_file(recovery::Which::b), "of run B");
        write_own_file();
    };
    tests::ChildProcess alone(write_own_file);
    alone.kill();
    tests::ChildProcess both(write_both);
    DOCTEST_CHECK(recovery::left_behind().size() == 1);
    both.kill();
    const auto files = recovery::left_behind();
    DOCTEST_REQUIRE(files.size() == 3);
    const auto of_b = std::ranges::find(files, recovery::Which::b, &recovery::LeftBehind::run);
    DOCTEST_REQUIRE(of_b != files.end());
    DOCTEST_REQUIRE(of_b != files.begin());
    DOCTEST_CHECK(recovery::same_process(*of_b, *(of_b - 1)));
    DOCTEST_CHECK(of_b->bytes == 8);
    const auto locks = state.count(".lock");
    recovery::remove(of_b->path);
    DOCTEST_CHECK(recovery::left_behind().size() == 2);
    DOCTEST_CHECK(state.count(".lock") == locks); // run A still needs it

    // What is opened belongs to the process that opened it.
    tests::ChildProcess heir(
        [] { recovery::adopt(recovery::left_behind().front().path, recovery::own_file()); });
    DOCTEST_CHECK(recovery::left_behind().size() == 1);
    DOCTEST_CHECK(state.count(".safetensors") == 2);
    DOCTEST_CHECK(state.count(".lock") == locks); // that of the dead one went, the heir's came
    heir.kill();
    DOCTEST_CHECK(recovery::left_behind().size() == 2);
}

} // namespace ebm::store
