#include "core/base/system_error.h"

#include "tests/unit/failure.h"

#include <cerrno>
#include <doctest/doctest.h>
#include <new>
#include <stdexcept>
#include <system_error>

namespace ebm {

DOCTEST_TEST_CASE("ordinary conditions of the system are sentences") {
    const auto words = [](const std::exception& error) {
        const auto problem = explained(error);
        return problem ? std::string(problem->what()) : std::string();
    };
    DOCTEST_CHECK(words(std::bad_alloc()).find("not enough memory") != std::string::npos);
    DOCTEST_CHECK(
        words(std::runtime_error("[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't "
                                 "allocate memory: you tried to allocate 4000 bytes."))
            .find("not enough memory") != std::string::npos);
    DOCTEST_CHECK(words(std::system_error(EAGAIN, std::generic_category())).find("no more threads") !=
                  std::string::npos);
    DOCTEST_CHECK(words(std::filesystem::filesystem_error("", "/locked/file",
                                                          std::error_code(EACCES, std::generic_category())))
                      .find("permission is denied (/locked/file)") != std::string::npos);
    DOCTEST_CHECK(!explained(std::logic_error("a mistake")));
    for (const int code : {ENAMETOOLONG, ELOOP, EACCES, EROFS, ENOSPC, EMFILE, ENOMEM, EPIPE, EBADF})
        DOCTEST_CHECK(system_error("It failed", "file", code).what_to_do != "Check the path and try again.");
    require_threads(3);
}

} // namespace ebm
