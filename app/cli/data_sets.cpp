#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/data/catalogue.h"
#include "core/data/check.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_json(const Json& json) {
    std::fputs((json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stdout);
}

// ---- list ----

std::string presence(const data::CatalogueSet& set, const data::SetState& state) {
    if (set.generated()) return "made by the program";
    if (state.present) return "present in " + state.folder.string();
    std::string text = state.folder.empty() ? "missing; set EBMLAB_DATA to a folder for it"
                                            : "missing; expected in " + state.folder.string();
    if (state.begun > 0) text += fmt::format("; {} are there", files::size_in_words(state.begun));
    return text;
}

std::string source(const data::CatalogueSet& set) {
    if (set.by_hand()) return "by hand from " + set.page;
    return fmt::format("{} from {}", files::size_in_words(set.bytes()), set.page);
}

int list_sets(bool json) {
    Json sets = Json::array();
    std::string text;
    for (const data::CatalogueSet& set : data::catalogue()) {
        const data::SetState state = data::state_of(set);
        if (json) {
            Json row = {{"name", set.name},
                        {"title", set.title},
                        {"contents", set.contents},
                        {"licence", set.licence},
                        {"page", set.page},
                        {"bytes", set.bytes()},
                        {"generated", set.generated()},
                        {"by_hand", set.by_hand()},
                        {"present", state.present},
                        {"folder", state.folder.string()},
                        {"bytes_begun", state.begun}};
            sets.push_back(std::move(row));
            continue;
        }
        text += fmt::format("{}: {}\n", set.name, set.title);
        text += "    " + wrapped(set.contents + ".", 106, 4) + "\n";
        text += "    " + presence(set, state) + "\n";
        if (!set.generated()) text += fmt::format("    {}; licence: {}\n", source(set), set.licence);
    }
    if (json)
        print_json(sets);
    else
        print(stdout, text);
    return exit_done;
}

// ---- get ----

/// Shows what get_set is at, a line for each file.
class GetReport {
public:
    /// False once the person wants it to end.
    bool update(const data::GetStage& stage) {
        const char* tasks[] = {"Downloading", "Checking", "Unpacking"};
        const std::string task =
            fmt::format("{} {} (kB)", tasks[static_cast<std::size_t>(stage.kind)], stage.file);
        const auto done = static_cast<std::int64_t>(stage.done / 1000);
        if (task != task_) {
            task_ = task;
            progress_.reset();
            progress_.emplace(task, "kB", done, static_cast<std::int64_t>(stage.total / 1000));
        }
        progress_->update(done);
        return !interrupted();
    }

private:
    std::string task_;
    std::optional<Progress> progress_;
};

struct GetOptions {
    std::string name, folder;
};

int get_set(const GetOptions& options) {
    const data::CatalogueSet& set = data::catalogue_set(options.name);
    catch_interrupts();
    data::Got got{};
    {
        GetReport report;
        got = data::get_set(set, options.folder,
                            [&](const data::GetStage& stage) { return report.update(stage); });
    }
    const data::SetState state = data::state_of(set, options.folder);
    if (got == data::Got::stopped) {
        print(stderr, "Stopped. What has come is kept, and the same command goes on.\n");
        return exit_interrupted;
    }
    if (set.generated())
        print(stdout, fmt::format("{} are made by the program; there is nothing to get.\n", set.title));
    else
        print(stdout, fmt::format("{} {} in {}.\n", set.title,
                                  got == data::Got::present ? "is there already," : "is complete,",
                                  state.folder.string()));
    return exit_done;
}

// ---- check ----

std::string shape_in_words(const data::DataReport& report) {
    if (!report.pictures())
        return fmt::format("row{} of {}", report.count == 1 ? "" : "s",
                           counted(report.shape.at(0), "number"));
    const std::int64_t channels = report.shape[0];
    const char* many = report.count == 1 ? "" : "s";
    const std::string kind = channels == 1 ? fmt::format("grey picture{}", many)
                             : channels == 3
                                 ? fmt::format("colour picture{}", many)
                                 : fmt::format("picture{} of {}", many, counted(channels, "channel"));
    return fmt::format("{} of {} × {} pixels", kind, report.shape[1], report.shape[2]);
}

std::string report_text(const std::string& path, const data::DataReport& report) {
    std::string text = fmt::format("{}: {} {}\n", path, count(report.count), shape_in_words(report));
    if (report.held_out > 0)
        text += fmt::format("  {} to train on, {} held out\n", count(report.count - report.held_out),
                            count(report.held_out));
    if (!report.columns.empty()) text += fmt::format("  columns: {}\n", fmt::join(report.columns, ", "));
    if (std::isfinite(report.low) && std::isfinite(report.high)) // what is not is said below
        text += fmt::format("  values: {} to {}, mean {}\n", number(report.low), number(report.high),
                            number(report.mean));
    if (!report.transform.empty()) text += "  for a model: " + report.transform + "\n";
    if (!report.classes.empty()) {
        text += "  " + counted(report.classes.size(), "class") + ":\n";
        std::size_t widest = 0;
        for (const data::DataReport::Class& found : report.classes)
            widest = std::max(widest, width(found.name));
        constexpr std::ptrdiff_t most_empty = 20;
        const std::ptrdiff_t empty = std::ranges::count(report.classes, 0, &data::DataReport::Class::count);
        for (const data::DataReport::Class& found : report.classes) {
            if (found.count == 0 && empty > most_empty) continue;
            text += fmt::format("    {}{}  {}\n", found.name, std::string(widest - width(found.name), ' '),
                                count(found.count));
        }
        if (empty > most_empty) text += fmt::format("    without samples: {}\n", counted(empty, "class"));
    }
    if (report.unclassified > 0) text += fmt::format("  without a class: {}\n", count(report.unclassified));
    for (const std::string& note : report.notes)
        text += "  " + note + "\n";
    return text;
}

Json report_json(const std::string& path, const data::DataReport& report) {
    Json json = {{"path", path}, {"ok", report.problems.empty()}, {"problems", report.problems}};
    if (report.count == 0) return json;
    json["count"] = report.count;
    json["held_out"] = report.held_out;
    json["shape"] = report.shape;
    if (!report.columns.empty()) json["columns"] = report.columns;
    json["low"] = report.low;
    json["high"] = report.high;
    json["mean"] = report.mean;
    json["transform"] = report.transform;
    Json classes = Json::array();
    for (const data::DataReport::Class& found : report.classes)
        classes.push_back({{"name", found.name}, {"count", found.count}});
    json["classes"] = std::move(classes);
    json["without_class"] = report.unclassified;
    json["notes"] = report.notes;
    return json;
}

struct CheckOptions {
    std::string path, columns, crop, colours;
    std::optional<int> size;
    bool json = false;

    data::PictureForm form() const {
        std::vector<std::pair<std::string, std::string>> changes;
        if (size) changes.emplace_back("data.size", std::to_string(*size));
        if (!crop.empty()) changes.emplace_back("data.crop", crop);
        if (!colours.empty()) changes.emplace_back("data.colours", colours);
        Settings settings;
        change(settings, changes);
        return data::picture_form(settings);
    }
};

int check(const CheckOptions& options) {
    const data::DataReport report = data::check_data(options.path, options.columns, options.form());
    if (options.json) {
        print_json(report_json(options.path, report));
    } else {
        if (report.count > 0) print(stdout, report_text(options.path, report));
        std::fflush(stdout);
        for (const std::string& problem : report.problems)
            print(stderr, "ebmlab: " + printable(problem) + "\n");
    }
    return report.problems.empty() ? exit_done : exit_error;
}

} // namespace

void add_data_sets(CLI::App& data, Action& action) {
    auto* list =
        data.add_subcommand("list", "List the known sets: whether each is there, where it is expected, "
                                    "its size and its licence");
    auto json = std::make_shared<bool>(false);
    list->add_flag("--json", *json, "As JSON, for programs");
    list->callback([json, &action] { action = [json] { return list_sets(*json); }; });

    auto* get = data.add_subcommand("get", "Download a set, or go on with a download that was cut, check and "
                                           "unpack it");
    auto getting = std::make_shared<GetOptions>();
    get->add_option("name", getting->name, "A name from `ebmlab data list`")->type_name("NAME")->required();
    get->add_option("--to", getting->folder,
                    "Put it there, even if it is elsewhere already; default: a folder of its name in "
                    "$EBMLAB_DATA, else in ~/.local/share/ebmlab/data, where it is found by its name")
        ->type_name("FOLDER");
    get->footer(
        "Size and checksum are compared with the published ones, and nothing is in place before it is "
        "whole. Ctrl-C\nkeeps what has come for the next time. With "
        "EBMLAB_DATA_MIRROR=https://HOST/FOLDER/ the files come from there.\n"
        "\n"
        "Examples:\n"
        "  ebmlab data get cifar10\n"
        "  ebmlab data get svhn --to /scratch/svhn\n");
    get->callback([getting, &action] { action = [getting] { return get_set(*getting); }; });

    auto* checking =
        data.add_subcommand("check", "Read a file or folder as a training would, and say what is in "
                                     "it and what is wrong");
    auto options = std::make_shared<CheckOptions>();
    checking->add_option("path", options->path, "A file, FILE.npz:NAME or a folder of pictures")
        ->type_name("PATH")
        ->required();
    add_columns(*checking, options->columns);
    checking
        ->add_option(
            "--size", options->size,
            "Bring pictures to so many pixels a side, as the setting data.size does; 0 = as they are")
        ->type_name("N");
    checking->add_option("--crop", options->crop, "How, as data.crop says")->type_name("centre|top_left");
    checking->add_option("--colours", options->colours, "Grey or colour, as data.colours says")
        ->type_name("as_they_are|grey|colour");
    checking->add_flag("--json", options->json, "As JSON, for programs");
    checking->footer("Exit code 1 if something is wrong.\n\nExamples:\n  ebmlab data check my_pictures/\n"
                     "  ebmlab data check dtd/ --size 32 --colours colour\n"
                     "  ebmlab data check people.csv --columns height,weight --json");
    checking->callback([options, &action] { action = [options] { return check(*options); }; });
}

} // namespace ebm::cli
