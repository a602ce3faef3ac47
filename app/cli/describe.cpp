#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/printable.h"
#include "core/lab/part_description.h"
#include "core/lab/scene.h"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DescribeOptions {
    std::string scene;
    std::vector<std::string> changes;
    bool json = false;
};

/// "3 × 32 × 32", "2" for points.
std::string shape_text(int channels, int height, int width) {
    return height == 1 && width == 1 ? count(channels) : fmt::format("{} × {} × {}", channels, height, width);
}

std::string bytes_text(std::int64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value >= 1e9) return fmt::format("{:.2f} GB", value / 1e9);
    if (value >= 1e6) return fmt::format("{:.1f} MB", value / 1e6);
    return fmt::format("{:.1f} kB", value / 1e3);
}

std::string printed(const Json& json) {
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json model_json(const lab::ModelDescription& model) {
    Json json = {{"energy", model.energy},
                 {"sample", model.kind.plane
                                ? Json::array({2})
                                : Json::array({model.kind.channels, model.kind.height, model.kind.width})},
                 {"classes", model.classes},
                 {"parameters", model.parameters},
                 {"macs", model.multiply_adds}};
    json["layers"] = Json::array();
    for (const network::LayerFacts& layer : model.layers)
        json["layers"].push_back({{"name", layer.name},
                                  {"operation", layer.operation},
                                  {"shape", {layer.shape.channels, layer.shape.height, layer.shape.width}},
                                  {"parameters", layer.parameters},
                                  {"macs", layer.multiply_adds}});
    return json;
}

std::string as_json(const lab::Scene& scene, const lab::ModelDescription& model) {
    Json json = {{"scene", scene.name}};
    json.update(model_json(model));
    json["memory_bytes"] = Json::object();
    for (const auto& part : model.memory)
        if (part.mapped)
            json["mapped_bytes"] = part.bytes;
        else
            json["memory_bytes"][part.use] = part.bytes;
    json["memory_bytes"]["sum"] = model.memory_bytes();
    return printed(json);
}

/// "Residual network, 10 classes".
std::string energy_text(const lab::ModelDescription& model) {
    return model.energy + (model.classes > 0 ? fmt::format(", {} classes", count(model.classes)) : "");
}

std::string layers_text(const lab::ModelDescription& model) {
    Table table({{"layer"}, {"operation"}, {"result", true}, {"parameters", true}, {"multiply-adds", true}});
    table.add({"", "sample",
               model.kind.plane ? "2" : shape_text(model.kind.channels, model.kind.height, model.kind.width),
               "", ""});
    for (const network::LayerFacts& layer : model.layers)
        table.add({layer.name, layer.operation,
                   layer.shape.channels == 0
                       ? ""
                       : shape_text(layer.shape.channels, layer.shape.height, layer.shape.width),
                   layer.parameters > 0 ? count(layer.parameters) : "",
                   layer.multiply_adds > 0 ? count(layer.multiply_adds) : ""});
    return table.text();
}

std::string totals_text(std::int64_t parameters, std::int64_t multiply_adds) {
    return fmt::format("\nParameters                {}\nMultiply-adds of one E(x) {}\n", count(parameters),
                       count(multiply_adds));
}

std::string as_text(const lab::Scene& scene, const lab::ModelDescription& model) {
    std::string text = fmt::format("{}: {}", printable(scene.title), energy_text(model));
    if (model.layers.empty()) return text + ". It has no weights and is not trained.\n";
    text += "\n\n" + layers_text(model);
    text += totals_text(model.parameters, model.multiply_adds);
    text += "\nMemory of a training\n";
    for (const auto& part : model.memory)
        text += fmt::format("  {:<24}{:>10}{}\n", part.use, bytes_text(part.bytes),
                            part.mapped ? ", mapped from a file and not in the sum" : "");
    text += fmt::format("  {:<24}{:>10}\n", "sum", bytes_text(model.memory_bytes()));
    return text;
}

// ---- scenes that join several energies

struct Totals {
    std::int64_t parameters = 0, multiply_adds = 0;

    explicit Totals(const std::vector<lab::PartDescription>& parts) {
        for (const lab::PartDescription& part : parts) {
            parameters += part.model.parameters;
            multiply_adds += part.model.multiply_adds;
        }
    }
};

std::string joined_as(const lab::Scene& scene) {
    return setting("compose.as").text(scene.settings);
}

std::string as_json(const lab::Scene& scene, const std::vector<lab::PartDescription>& parts) {
    const Totals totals(parts);
    Json json = {{"scene", scene.name},
                 {"joined_as", joined_as(scene)},
                 {"parameters", totals.parameters},
                 {"macs", totals.multiply_adds},
                 {"memory_bytes", {{"weights", 4 * totals.parameters}}}};
    json["parts"] = Json::array();
    for (const lab::PartDescription& part : parts) {
        Json row = {{"title", part.title}, {"weight", part.weight}};
        row.update(model_json(part.model));
        json["parts"].push_back(std::move(row));
    }
    return printed(json);
}

std::string as_text(const lab::Scene& scene, const std::vector<lab::PartDescription>& parts) {
    std::string text = fmt::format("{}: {} energies, joined as {}. They are not trained together.\n",
                                   printable(scene.title), parts.size(), joined_as(scene));
    for (const lab::PartDescription& part : parts) {
        text += fmt::format("\n{}, weight {}: {}", printable(part.title), number(part.weight),
                            energy_text(part.model));
        text += part.model.layers.empty() ? part.model.parameters == 0 ? ". It has no weights.\n" : ".\n"
                                          : "\n\n" + layers_text(part.model);
    }
    const Totals totals(parts);
    if (totals.parameters == 0) return text;
    text += totals_text(totals.parameters, totals.multiply_adds);
    return text + fmt::format("Memory of the weights     {}\n", bytes_text(4 * totals.parameters));
}

int describe(const DescribeOptions& options) {
    lab::Scene scene = lab::find_scene(options.scene);
    change(scene.settings, parse_changes(options.changes));
    validate(scene.settings);
    if (!scene.parts.empty()) {
        const std::vector<lab::PartDescription> parts = lab::describe_parts(scene);
        print(stdout, options.json ? as_json(scene, parts) : as_text(scene, parts));
        return exit_done;
    }
    const lab::ModelDescription model =
        lab::describe_model(scene.settings, lab::data_outline(scene.settings));
    print(stdout, options.json ? as_json(scene, model) : as_text(scene, model));
    return exit_done;
}

} // namespace

void add_describe(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "describe", "Layers, parameters, multiply-adds and memory of a scene's model, before it is made");
    auto options = std::make_shared<DescribeOptions>();
    app->add_option("--scene", options->scene, "A built-in scene (ebmlab scenes) or a scene file")
        ->type_name("NAME|FILE.json")
        ->required();
    add_changes(*app, options->changes);
    app->add_flag(
        "--json", options->json,
        "Print JSON: parameters, macs of one energy of one sample, memory_bytes by use, mapped_bytes of "
        "data that are no memory, layers; of a scene that joins energies, its parts");
    app->footer("Examples:\n"
                "  ebmlab describe --scene fashion_mnist\n"
                "  ebmlab describe --scene cifar10_classes --set model.channels=64 --json\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return describe(*options); }; });
}

} // namespace ebm::cli
