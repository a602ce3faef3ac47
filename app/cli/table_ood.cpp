#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_report.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/files.h"
#include "core/lab/ood_table_view.h"
#include "core/measure/scores.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::cli {
namespace {

struct OodTableOptions : ComputeOptions {
    std::string out;
    std::vector<std::string> sets, changes;
    lab::OodTableSettings table;
};

/// NAME=FILE, or a file or folder whose own name is the set's. A path may hold the sign itself.
lab::OodTableSettings::Set set_of(const std::string& text) {
    const std::size_t equals = text.find('=');
    std::error_code ignored;
    if (equals != std::string::npos && equals > 0 && !std::filesystem::exists(text, ignored))
        return {text.substr(0, equals), text.substr(equals + 1)};
    const std::filesystem::path path = std::filesystem::absolute(text).lexically_normal();
    return {(path.has_filename() ? path : path.parent_path()).stem().string(), text};
}

std::string quoted(const std::string& cell) {
    std::string text = "\"";
    for (const char letter : cell)
        text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return text + "\"";
}

std::string as_csv(const std::vector<lab::OodRow>& rows) {
    const auto words = [](const std::string& column) {
        return column == "model" || column == "set" || column == "positive_class" || column == "problem";
    };
    const std::vector<std::string>& columns = lab::ood_columns();
    std::string text = fmt::format("{}\n", fmt::join(columns, ","));
    for (const std::vector<std::string>& line : lab::ood_lines(rows)) {
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < columns.size(); ++i)
            cells.push_back(words(columns[i]) && !line[i].empty() ? quoted(line[i]) : line[i]);
        text += fmt::format("{}\n", fmt::join(cells, ","));
    }
    return text;
}

std::string published_table() {
    std::string text = fmt::format("\n{}\n\n| set | PixelCNN++ | Glow | EBM |\n|---|---|---|---|\n",
                                   lab::published_ood_title);
    for (const lab::PublishedOod& row : lab::published_ood())
        text += fmt::format("| {} | {} | {} | {} |\n", row.set, row.pixelcnn, row.glow, row.ebm);
    return text + fmt::format("\n{}\n", lab::published_ood_protocol);
}

std::string as_markdown(const std::vector<lab::OodRow>& rows) {
    const std::vector<std::string> sets = lab::ood_set_names(rows);
    std::string text = "| model | score |", line = "\n|---|---|";
    for (const std::string& set : sets) {
        text += " " + set + " |";
        line += "---|";
    }
    text += line + "\n";
    for (const lab::OodRow& row : rows) {
        text += fmt::format("| {} | {} |", row.model,
                            row.opened ? measure::score_info(row.score).name : std::string_view("–"));
        for (const std::string& set : sets)
            text += " " + lab::ood_cell(row, set) + " |";
        text += "\n";
    }
    text += "\n" + lab::ood_note(rows) + "\n";
    for (const std::string& remark : lab::ood_remarks(rows))
        text += "\n" + remark + "\n";
    return text + published_table();
}

int table_of_ood(const OodTableOptions& options) {
    std::vector<std::string> inputs = options.table.models;
    lab::OodTableSettings settings = options.table;
    for (const std::string& set : options.sets) {
        settings.sets.push_back(set_of(set));
        inputs.push_back(settings.sets.back().path);
    }
    check_output(options.out, {".csv", ".md"}, inputs);
    settings.changes = parse_changes(options.changes);
    lab::Laboratory laboratory(options.laboratory());
    Progress progress("Scoring", "%", 0, 100);
    const lab::OodTableView table =
        laboratory.ood_table(settings, [&](double share, const std::string& model) {
            progress.update(static_cast<std::int64_t>(100 * share), model);
            return true;
        });
    progress.update(static_cast<std::int64_t>(100 * table.share));
    progress.finish();
    for (const std::string& remark : lab::ood_remarks(table.rows))
        print(stderr, fmt::format("ebmlab: warning: {}\n", remark));
    const bool csv = options.out.ends_with(".csv") || options.out.ends_with(".CSV");
    const std::string text = csv ? as_csv(table.rows) : as_markdown(table.rows);
    files::write_atomically(options.out, std::string_view(text));
    const auto failed = std::ranges::count(table.rows, false, &lab::OodRow::opened);
    const auto all = static_cast<std::int64_t>(table.settings.models.size());
    report(options.out, fmt::format("Wrote the AUROC of {} to {}.",
                                    failed == 0 ? counted(all, "model")
                                                : fmt::format("{} of {} models", all - failed, all),
                                    output_name(options.out)));
    return failed > 0 ? exit_error : exit_done;
}

} // namespace

void add_table_ood(CLI::App& table, Action& action) {
    auto* app = table.add_subcommand("ood", "AUROC of models of pictures, score by score and set by set");
    auto options = std::make_shared<OodTableOptions>();
    app->add_option("--out", options->out,
                    "A line for each model, score and set (CSV), or a table for people "
                    "with the published figures below it (Markdown)")
        ->type_name("FILE.csv|.md")
        ->required();
    app->add_option(
           "--models", options->table.models,
           "Scenes with a trained model, or checkpoints; default: those of Fashion-MNIST that come with "
           "the program")
        ->type_name("NAME|FILE.safetensors,…")
        ->delimiter(',');
    add_scores(
        *app, options->table.scores,
        "Scores, several with commas; default: energy, mass, typicality, complexity, and of energies that "
        "chains were trained with also recovery and density_of_states. What a model cannot give is a dash, "
        "with "
        "the reason below");
    app->add_option(
           "--ood", options->sets,
           "Another out-of-distribution set, a file or folder; named by itself unless a name is given")
        ->type_name("[NAME=]FILE|FOLDER")
        ->allow_extra_args(false);
    app->add_option("--most", options->table.most,
                    "Samples of each set that are scored, evenly taken; 0 = all")
        ->type_name("N")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    add_changes(*app, options->changes);
    add_compute_options(*app, *options);
    app->footer(
        "Examples:\n"
        "  ebmlab table ood --out ood.md\n"
        "  ebmlab table ood --score energy --ood my_pictures/ --ood bags=bags.npy --out mine.csv\n"
        "  ebmlab table ood --models fashion_mnist_classes --set view.class_score=minimum --out ood.md\n"
        "  ebmlab table ood --models fashion_mnist_convnet,runs/a/last.safetensors --score energy,mass "
        "--out ood.csv\n"
        "\n" +
        table.get_footer());
    app->callback([options, &action] { action = [options] { return table_of_ood(*options); }; });
}

} // namespace ebm::cli
