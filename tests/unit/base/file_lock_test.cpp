#include "core/base/file_lock.h"

#include "core/base/error.h"
#include "tests/unit/child_process.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace ebm::files {

DOCTEST_TEST_CASE("A lock keeps others out, names its holder and ends with it") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "lock";
    DOCTEST_CHECK(!is_locked(path));
    {
        auto lock = FileLock::take(path);
        DOCTEST_REQUIRE(lock);
        DOCTEST_CHECK(is_locked(path));
        DOCTEST_CHECK(!FileLock::take(path));
        DOCTEST_CHECK(lock_holder(path).starts_with(fmt::format("process {}", ::getpid())));
        const FileLock moved = std::move(*lock);
        lock.reset();
        DOCTEST_CHECK(is_locked(path));
    }
    DOCTEST_CHECK(!std::filesystem::exists(path));
    DOCTEST_CHECK(FileLock::take(path));
}

DOCTEST_TEST_CASE("A killed process leaves no lock") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "lock";
    tests::ChildProcess holder([&] {
        static const auto lock = FileLock::take(path);
        if (!lock) throw std::runtime_error("no lock");
    });
    DOCTEST_CHECK(!FileLock::take(path));
    DOCTEST_CHECK(lock_holder(path).starts_with(fmt::format("process {}", holder.id())));
    holder.kill();
    DOCTEST_CHECK(std::filesystem::exists(path));
    DOCTEST_CHECK(!is_locked(path));
    DOCTEST_CHECK(FileLock::take(path));
}

DOCTEST_TEST_CASE("A lock where no file can be made is an error, not a lock") {
    DOCTEST_CHECK_THROWS_AS(FileLock::take("/nowhere/lock"), Error);
}

} // namespace ebm::files
