#pragma once

namespace ebm::cli {

/// The whole program: runs the subcommand that the arguments name, or opens the window. Returns the exit
/// code; errors are one line on standard error.
int run_command_line(int argument_count, char** arguments);

} // namespace ebm::cli
