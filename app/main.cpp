#include "app/cli/command_line.h"

#include <csignal>
#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

namespace {

/// Where a standard stream is closed, the next file that is opened would take its place, and messages would
/// be written into it. The other direction of /dev/null makes every use of the stream the error that it is.
void occupy_standard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0)
            (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace

int main(int argument_count, char** arguments) {
    occupy_standard_streams();
    std::signal(SIGXFSZ, SIG_IGN); // a file that would grow beyond `ulimit -f` is an error of the write
    return ebm::cli::run_command_line(argument_count, arguments);
}
