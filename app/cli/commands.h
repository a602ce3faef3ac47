#pragma once

#include <functional>

namespace CLI {
class App;
}

/// The subcommands. Each adds itself with its options, help and examples to `program`, and puts what it does
/// into `action` when it was chosen. An action returns the exit code or throws Error.
namespace ebm::cli {

using Action = std::function<int()>;

/// Exit codes, also printed by `--help`.
constexpr int exit_done = 0, exit_error = 1, exit_usage = 2, exit_interrupted = 130;

void add_train(CLI::App& program, Action& action);
void add_sample(CLI::App& program, Action& action);
void add_energy(CLI::App& program, Action& action);
void add_evaluate(CLI::App& program, Action& action);
void add_inpaint(CLI::App& program, Action& action);
void add_nearest(CLI::App& program, Action& action);
/// `table`, whose subcommands print the tables of the README anew.
void add_table(CLI::App& program, Action& action);
void add_table_ood(CLI::App& table, Action& action);
void add_table_samples(CLI::App& table, Action& action);
void add_render(CLI::App& program, Action& action);
void add_export(CLI::App& program, Action& action);
void add_data(CLI::App& program, Action& action);
/// list, get and check, the subcommands of `data`.
void add_data_sets(CLI::App& data, Action& action);
void add_describe(CLI::App& program, Action& action);
void add_params(CLI::App& program, Action& action);
void add_lessons(CLI::App& program, Action& action);
void add_race(CLI::App& program, Action& action);
void add_scenes(CLI::App& program, Action& action);
void add_bench(CLI::App& program, Action& action);

} // namespace ebm::cli
