#include "app/cli/command_line.h"
#include "app/cli/terminal.h"
#include "core/base/memory.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <fcntl.h>
#include <initializer_list>
#include <new>
#include <string_view>
#include <typeinfo>
#include <unistd.h>

namespace {

/// Where a standard stream is closed, the next file that is opened would take its place, and messages would
/// be written into it. The other direction of /dev/null makes every use of the stream the error that it is.
void occupy_standard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0)
            (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

std::terminate_handler usual_end = nullptr;

/// What LibTorch does when it is loaded ends the program with a message of its own where the current folder
/// was deleted.
void refuse_deleted_folder() {
    char folder[4096];
    if (::getcwd(folder, sizeof folder) || errno != ENOENT) return;
    constexpr char sentence[] =
        "ebmlab: The current folder was deleted. Change to another folder and try again.\n";
    (void)!::write(STDERR_FILENO, sentence, sizeof sentence - 1);
    ::_exit(1);
}

/// Constructors of libraries, and threads, have nobody who catches what they throw.
[[noreturn]] void end_for_want_of_memory() {
    const std::type_info* thrown = abi::__cxa_current_exception_type();
    if (thrown && *thrown == typeid(std::bad_alloc)) {
        constexpr char sentence[] =
            "ebmlab: There is not enough memory. Close other programs, or raise the limit (`ulimit -v`).\n";
        (void)!::write(STDERR_FILENO, sentence, sizeof sentence - 1);
        ::_exit(1);
    }
    usual_end();
    std::abort();
}

/// Of the quarter of a second in which libraries start, a training takes no signal amiss.
void await_training_signals(int argument_count, char** arguments) {
    if (argument_count > 1 && std::string_view(arguments[1]) == "train") ebm::cli::await_training_signals();
}

void before_any_library(int argument_count, char** arguments, char**) {
    usual_end = std::set_terminate(end_for_want_of_memory);
    refuse_deleted_folder();
    await_training_signals(argument_count, arguments);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)(int, char**,
                                                                             char**) = before_any_library;

} // namespace

int main(int argument_count, char** arguments) {
    occupy_standard_streams();
    ebm::keep_freed_memory();
    std::signal(SIGXFSZ, SIG_IGN); // a file that would grow beyond `ulimit -f` is an error of the write
    return ebm::cli::run_command_line(argument_count, arguments);
}
