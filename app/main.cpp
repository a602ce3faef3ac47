#include "app/cli/command_line.h"

int main(int argument_count, char** arguments) {
    return ebm::cli::run_command_line(argument_count, arguments);
}
