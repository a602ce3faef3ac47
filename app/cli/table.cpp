#include "app/cli/commands.h"

#include <CLI/CLI.hpp>

namespace ebm::cli {

void add_table(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("table", "Compare trained models in a table");
    app->require_subcommand(1);
    add_table_ood(*app, action);
    add_table_samples(*app, action);
    app->footer("Examples:\n"
                "  ebmlab table ood --out ood.md\n"
                "  ebmlab table samples --out samples.md\n"
                "\n" +
                program.get_footer());
}

} // namespace ebm::cli
