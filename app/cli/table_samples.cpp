#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/lab/sample_judge.h"
#include "core/lab/trained_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* control = "training data";

struct SampleTableOptions : ComputeOptions {
    std::vector<std::string> models = {"fashion_mnist_convnet", "fashion_mnist_classes",
                                       "fashion_mnist_flow_trained", "fashion_mnist_vae_trained",
                                       "fashion_mnist_pixelcnn_trained"};
    std::string classifier = "fashion_mnist_classifier", out;
    std::string init; ///< empty: normalised models draw their samples, chains of the others start from noise
    std::vector<std::string> changes;
    std::int64_t count = 1000;
    std::int64_t reference = 0;
    std::string inception, sampler;
    std::optional<int> steps; ///< nothing: none where a model draws its samples itself, else 600
    std::uint64_t seed = 3;
    bool json = false;
};

constexpr int usual_steps = 600;

struct SampleRow {
    std::string name, sampler; ///< sampler: in words; empty for the control
    std::string start;         ///< noise, data, buffer or model; empty for the control
    int steps = 0;
    /// Of the chains; NaN where nothing moves or the sampler has no such number.
    double step_size = std::nan(""), noise = std::nan(""), temperature = std::nan("");
    std::int64_t iteration = 0;
    lab::SampleQuality quality;
};

/// A scene, or a checkpoint by the ending of its name.
void open(lab::Laboratory& laboratory, const SampleTableOptions& options, const std::string& model,
          const std::vector<std::string>& changes) {
    ModelOptions opening;
    static_cast<ComputeOptions&>(opening) = options;
    (model.ends_with(".safetensors") ? opening.checkpoint : opening.scene) = model;
    opening.changes = changes;
    open_model(laboratory, opening);
}

bool as_published(const Settings& settings) {
    return settings.sampler.kind != SamplerKind::mala && settings.sampler.mode == SamplerMode::published;
}

/// Everything that the samples depend on beside the model and the seed.
std::string sampler_words(const Settings& settings, const SampleRow& row, bool conditional, bool density) {
    const auto& s = settings.sampler;
    const std::string weights = settings.train.use_average ? ", averaged weights" : "";
    if (row.start == "model" && row.steps == 0)
        return (density ? "drawn by the model itself, without chains"
                        : "as the decoder makes them, without steps") +
               weights;
    std::string text = fmt::format("{}, λ {}",
                                   s.kind == SamplerKind::mala ? "MALA"
                                   : as_published(settings)    ? "Langevin as published"
                                                               : "Langevin",
                                   number(s.step_size));
    if (as_published(settings)) text += fmt::format(", noise {}", number(s.noise));
    if (s.step_spread > 1) text += fmt::format(", spread {}", number(s.step_spread));
    if (s.gradient_clip > 0) text += fmt::format(", clip {}", number(s.gradient_clip));
    if (s.drift_limit > 0) text += fmt::format(", drift limit {}", number(s.drift_limit));
    text += fmt::format(", {} steps from {}", count(row.steps),
                        row.start == "model" ? "what the model makes itself" : row.start);
    if (s.restart_share > 0 || (conditional && s.relabel_share > 0))
        text += fmt::format(", every {} steps {:g} % start anew and {:g} % are asked for another class "
                            "(not in the last {})",
                            s.steps, 100 * s.restart_share, conditional ? 100 * s.relabel_share : 0.0,
                            10 * s.steps);
    return text + weights;
}

SampleRow row_of(const lab::SampleJudge& judge, const SampleTableOptions& options, const std::string& model) {
    lab::Laboratory laboratory(options.laboratory());
    open(laboratory, options, model, options.sampler.empty() ? options.changes : std::vector<std::string>());
    if (!options.sampler.empty()) {
        take_sampler(laboratory, options.sampler);
        change_live(laboratory, parse_changes(options.changes));
    }
    const std::vector<std::string> classes = laboratory.classes();
    const bool density = laboratory.is_density();
    const Settings& settings = laboratory.settings();
    SampleRow row;
    row.name = laboratory.scene().name;
    row.iteration = laboratory.iteration();
    row.start = !options.init.empty() ? options.init : density ? "model" : "noise";
    row.steps = options.steps.value_or(row.start == "model" && density ? 0 : usual_steps);
    if (row.start == "model" && !laboratory.makes_samples())
        throw Error(fmt::format("{} draws no samples without chains", row.name), "--init model",
                    "Leave --init out: its chains start from noise then, and other models draw theirs.");
    if (row.steps > 0) {
        warn_of_unmixed(settings, row.steps);
        row.step_size = settings.sampler.step_size;
        if (as_published(settings)) row.noise = settings.sampler.noise;
        row.temperature = laboratory.chain_temperature();
    }
    row.sampler = sampler_words(settings, row, !classes.empty(), density);
    const lab::ChainStart start = row.start == "data"     ? lab::ChainStart::data
                                  : row.start == "buffer" ? lab::ChainStart::buffer
                                  : row.start == "model"  ? lab::ChainStart::model
                                                          : lab::ChainStart::noise;
    // Pixels of a model that draws them one after the other.
    const lab::SampleKind kind = laboratory.kind();
    const bool drawn = row.steps == 0 && row.start == "model";
    Progress progress("Sampling " + row.name, drawn ? "pixels" : "steps", 0,
                      drawn ? options.count * kind.height * kind.width : row.steps);
    const lab::Samples samples = laboratory.sample(options.count, row.steps, start, nullptr, options.seed,
                                                   [&](int step) { progress.update(step); });
    progress.finish();
    row.quality = judge.judge(samples, classes);
    return row;
}

std::string percent(double share) {
    return std::isnan(share) ? "–" : fmt::format("{:.1f} %", 100 * share);
}

std::vector<std::string> cells(const SampleRow& row, std::size_t classes) {
    const lab::SampleQuality& q = row.quality;
    std::vector<std::string> list = {row.name,
                                     row.sampler.empty() ? "–" : count(row.iteration),
                                     count(q.n),
                                     percent(q.class_true),
                                     fmt::format("{} of {}", q.classes_found(), classes),
                                     number(q.frechet),
                                     number(1000 * q.kernel, 3) +
                                         (q.subsets > 1 ? " ± " + number(1000 * q.kernel_sd, 2) : ""),
                                     fmt::format("{:.4f}", q.roughness)};
    if (const auto& published = q.published) {
        list.push_back(
            fmt::format("{} ± {}", number(published->inception), number(published->inception_sd, 2)));
        list.push_back(number(published->fid));
        list.push_back(number(1000 * published->kid, 3) +
                       (published->kid_sd > 0 ? " ± " + number(1000 * published->kid_sd, 2) : ""));
    }
    return list;
}

std::vector<Table::Column> columns_of(const std::vector<SampleRow>& rows) {
    std::vector<Table::Column> columns = {{"samples"},
                                          {"iteration", true},
                                          {"n", true},
                                          {"class-true", true},
                                          {"classes found", true},
                                          {"Fréchet distance", true},
                                          {"kernel distance × 1000", true},
                                          {"roughness", true}};
    if (!rows.empty() && rows.front().quality.published)
        for (const char* title : {"Inception Score", "FID", "KID × 1000"})
            columns.push_back({title, true});
    return columns;
}

/// What the numbers mean and what they depend on.
std::string notes(const lab::SampleJudge& judge, const lab::Laboratory& classifier,
                  const SampleTableOptions& options, const std::vector<SampleRow>& rows) {
    std::string text =
        fmt::format("On our classifier {} (iteration {}; right for {} of {} held-out pictures): distances "
                    "are between its "
                    "features of samples and of held-out pictures, in units of the latter's root mean "
                    "square; the pictures' "
                    "roughness is {:.4f}. They are no FID and no KID of published tables. Seed {}.\n",
                    classifier.scene().name, count(classifier.iteration()), percent(judge.accuracy()),
                    count(judge.reference_count()), judge.reference_roughness(), options.seed);
    if (const auto& published = rows.front().quality.published)
        text += fmt::format(
            "Inception Score, FID and KID: pictures as bytes, resized as TensorFlow 1 does, by the network "
            "of {}; "
            "FID and KID from {} held-out pictures (FID is biased upwards where there are few), the score "
            "over {} splits, from logits without bias.\n",
            options.inception, count(published->reference), published->splits);
    for (const SampleRow& row : rows)
        if (!row.sampler.empty()) text += fmt::format("{}: {}.\n", row.name, row.sampler);
    return text;
}

std::string class_lines(const lab::SampleJudge& judge, const SampleRow& row) {
    const std::vector<std::string>& names = judge.classes();
    Table table({{"class asked for"}, {"n", true}, {"class-true", true}, {"taken for instead"}});
    for (std::size_t label = 0; label < names.size(); ++label) {
        const std::int64_t asked = row.quality.asked(label);
        if (asked == 0) continue;
        const std::vector<std::int64_t>& found = row.quality.confusion[label];
        std::size_t other = label == 0 ? 1 : 0;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (i != label && found[i] > found[other]) other = i;
        table.add({names[label], count(asked),
                   percent(static_cast<double>(found[label]) / static_cast<double>(asked)),
                   found[other] > 0 ? fmt::format("{} ({})", names[other], count(found[other])) : ""});
    }
    return row.name + "\n" + table.text();
}

std::string as_text(const lab::SampleJudge& judge, const lab::Laboratory& classifier,
                    const SampleTableOptions& options, const std::vector<SampleRow>& rows) {
    Table table(columns_of(rows));
    for (const SampleRow& row : rows)
        table.add(cells(row, judge.classes().size()));
    std::string text = table.text() + "\n";
    for (const SampleRow& row : rows)
        if (!row.quality.confusion.empty()) text += class_lines(judge, row) + "\n";
    const std::string explained = notes(judge, classifier, options, rows);
    for (std::size_t begin = 0; begin < explained.size();) {
        const std::size_t end = explained.find('\n', begin);
        text += wrapped(explained.substr(begin, end - begin), 100, 2) + "\n";
        begin = end + 1;
    }
    return text;
}

std::string as_markdown(const lab::SampleJudge& judge, const lab::Laboratory& classifier,
                        const SampleTableOptions& options, const std::vector<SampleRow>& rows) {
    std::string text = "|", line = "|";
    for (const Table::Column& column : columns_of(rows)) {
        text += " " + column.title + " |";
        line += column.number ? "---:|" : "---|";
    }
    text += "\n" + line + "\n";
    for (const SampleRow& row : rows) {
        text += "|";
        for (const std::string& cell : cells(row, judge.classes().size()))
            text += " " + cell + " |";
        text += "\n";
    }
    return text + "\n" + notes(judge, classifier, options, rows);
}

std::string quoted_if_needed(const std::string& cell) {
    if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
    std::string text = "\"";
    for (const char letter : cell)
        text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return text + "\"";
}

std::string as_csv(const lab::SampleJudge& judge, const lab::Laboratory& classifier,
                   const SampleTableOptions& options, const std::vector<SampleRow>& rows) {
    std::string text = "samples,iteration,n,class_true,classes_found,frechet,kernel,kernel_sd,roughness,"
                       "inception_score,inception_score_sd,fid,kid,kid_sd,start,steps,step_size,noise,"
                       "temperature,sampler,seed,classifier,classifier_iteration,reference_n,"
                       "inception_weights,inception_reference_n\n";
    const auto known = [](double value) { return std::isnan(value) ? std::string() : exact(value); };
    for (const SampleRow& row : rows) {
        const lab::SampleQuality& q = row.quality;
        const bool control = row.sampler.empty();
        std::vector<std::string> cells = {row.name,
                                          control ? "" : fmt::format("{}", row.iteration),
                                          fmt::format("{}", q.n),
                                          known(q.class_true),
                                          fmt::format("{}", q.classes_found()),
                                          exact(q.frechet),
                                          exact(q.kernel),
                                          exact(q.kernel_sd),
                                          exact(q.roughness)};
        const auto& p = q.published;
        for (const double value :
             {p ? p->inception : std::nan(""), p ? p->inception_sd : std::nan(""), p ? p->fid : std::nan(""),
              p ? p->kid : std::nan(""), p ? p->kid_sd : std::nan("")})
            cells.push_back(known(value));
        cells.insert(cells.end(),
                     {row.start, control ? "" : fmt::format("{}", row.steps), known(row.step_size),
                      known(row.noise), known(row.temperature), row.sampler,
                      control ? "" : fmt::format("{}", options.seed), classifier.scene().name,
                      fmt::format("{}", classifier.iteration()), fmt::format("{}", judge.reference_count()),
                      options.inception, p ? fmt::format("{}", p->reference) : ""});
        for (std::string& cell : cells)
            cell = quoted_if_needed(cell);
        text += fmt::format("{}\n", fmt::join(cells, ","));
    }
    return text;
}

std::string as_json(const lab::SampleJudge& judge, const lab::Laboratory& classifier,
                    const SampleTableOptions& options, const std::vector<SampleRow>& rows) {
    const auto known = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
    Json json = {{"classifier",
                  {{"scene", classifier.scene().name},
                   {"iteration", classifier.iteration()},
                   {"accuracy", known(judge.accuracy())},
                   {"n", judge.reference_count()}}},
                 {"classes", judge.classes()},
                 {"seed", options.seed},
                 {"reference_roughness", judge.reference_roughness()}};
    json["samples"] = Json::array();
    for (const SampleRow& row : rows) {
        const lab::SampleQuality& q = row.quality;
        Json entry = {{"name", row.name}, {"iteration", row.iteration}, {"n", q.n}};
        entry["sampler"] = row.sampler.empty() ? Json() : Json(row.sampler);
        if (!row.sampler.empty()) {
            entry["start"] = row.start;
            entry["steps"] = row.steps;
            entry["temperature"] = known(row.temperature);
        }
        entry["class_true"] = known(q.class_true);
        if (q.confusion.empty()) entry["class_true_reason"] = "the samples have no classes";
        entry["classes_found"] = q.classes_found();
        entry["found"] = q.found;
        entry["confusion"] = q.confusion;
        entry["frechet"] = q.frechet;
        entry["kernel"] = {
            {"mean", q.kernel}, {"sd", q.kernel_sd}, {"subsets", q.subsets}, {"subset_size", q.subset_size}};
        entry["roughness"] = q.roughness;
        if (const auto& p = q.published)
            entry["published"] = {
                {"inception_score", {{"mean", p->inception}, {"sd", p->inception_sd}, {"splits", p->splits}}},
                {"fid", p->fid},
                {"kid", {{"mean", p->kid}, {"sd", p->kid_sd}}},
                {"reference", p->reference}};
        json["samples"].push_back(std::move(entry));
    }
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Throws Error if the classifier cannot judge what the model makes.
void require_fitting(const lab::TrainedModel& model, const std::string& name,
                     const lab::Laboratory& classifier) {
    const std::vector<std::int64_t> shape = classifier.kind().shape();
    const auto words = [](const std::vector<std::int64_t>& of) {
        return fmt::format("{} × {} pixels, {}", of[1], of[2], of[0] == 1 ? "grey" : "colour");
    };
    if (!model.shape.empty() && model.shape != shape)
        throw Error(fmt::format("{} makes pictures of {}, and the classifier {} takes {}", name,
                                words(model.shape), classifier.scene().name, words(shape)),
                    "models", "Give with --classifier one that was trained on the same pictures.");
    if (!model.scene.settings.model.conditional) return;
    const std::vector<std::string> known = classifier.classes();
    for (const std::string& of_model : model.classes)
        if (std::ranges::find(known, of_model) == known.end())
            throw Error(fmt::format("{} has a class '{}', which the classifier {} does not know", name,
                                    of_model, classifier.scene().name),
                        "models", "Give with --classifier one that was trained on the same classes.");
}

int table_samples(const SampleTableOptions& options) {
    if (!options.out.empty()) check_output(options.out, {".md", ".csv"}, options.models);
    std::vector<lab::TrainedModel> models; // before minutes go into the classifier and the first of them
    for (const std::string& model : options.models) {
        models.push_back(lab::look_at_model(model));
        if (models.back().plane)
            throw Error(fmt::format("{} is a model of the plane, and the table is of pictures", model),
                        "models", "Name models of pictures.");
    }
    lab::Laboratory classifier(options.laboratory());
    open(classifier, options, options.classifier, {});
    for (std::size_t i = 0; i < models.size(); ++i)
        require_fitting(models[i], options.models[i], classifier);
    lab::SampleJudge judge(classifier, options.seed);
    std::vector<SampleRow> rows;
    std::unique_ptr<Progress> looking; // of the Inception network, which goes on to tell of the samples
    if (!options.inception.empty()) {
        looking =
            std::make_unique<Progress>("Looking at held-out pictures", "pictures", 0,
                                       options.reference > 0 ? options.reference : judge.reference_count());
        judge.use_inception(options.inception, options.reference, [&looking](std::int64_t done) {
            if (looking) looking->update(done);
        });
        looking.reset();
    }
    for (const std::string& model : options.models)
        rows.push_back(row_of(judge, options, model));
    // As many real pictures: what the numbers are at best.
    rows.emplace_back();
    rows.back().name = control;
    rows.back().quality = judge.judge(classifier.data(false, options.count), judge.classes());
    if (!options.out.empty()) {
        const bool csv = options.out.ends_with(".csv");
        files::write_atomically(options.out, csv ? as_csv(judge, classifier, options, rows)
                                                 : as_markdown(judge, classifier, options, rows));
        report(options.out,
               fmt::format("Wrote the table of {} models to {}.", rows.size() - 1, output_name(options.out)));
    }
    if (options.json)
        print(stdout, as_json(judge, classifier, options, rows));
    else if (options.out.empty())
        print(stdout, as_text(judge, classifier, options, rows));
    return exit_done;
}

} // namespace

void add_table_samples(CLI::App& table, Action& action) {
    auto* app = table.add_subcommand(
        "samples", "Samples of models as a classifier sees them: share of the class asked for, distance from "
                   "held-out pictures");
    auto options = std::make_shared<SampleTableOptions>();
    app->add_option("models", options->models, "Scenes with a trained model, or checkpoints (.safetensors)")
        ->type_name("NAME|FILE…")
        ->capture_default_str();
    app->add_option("--classifier", options->classifier,
                    "Scene or checkpoint of a classifier of the same pictures and classes")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    app->add_option("--count", options->count, "Samples of each model; of conditional ones, classes in turn")
        ->type_name("N")
        ->check(CLI::Range(2, 1'000'000).description(""))
        ->capture_default_str();
    app->add_option("--steps", options->steps,
                    "Steps of each chain, with the model's sampler settings; default 600, and none where a "
                    "normalised model draws its samples itself")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000).description(""));
    app->add_option("--sampler", options->sampler,
                    "Sample all models with the sampler settings of this scene, not with their own")
        ->type_name("NAME|FILE.json");
    app->add_option("--init", options->init,
                    "Where chains start; default model for normalised models, which then need no chains, and "
                    "noise for the others")
        ->check(CLI::IsMember({"noise", "data", "buffer", "model"}).description(""))
        ->type_name("noise|data|buffer|model");
    app->add_option("--seed", options->seed, "Key of every random number")
        ->type_name("N")
        ->capture_default_str();
    app->add_option("--inception", options->inception,
                    "Weights of the Inception network (see README): Inception Score, FID and KID too; some "
                    "tenths of a "
                    "second a picture")
        ->type_name("FILE.safetensors");
    app->add_option("--reference", options->reference,
                    "Of FID and KID: held-out pictures that are looked at, evenly taken; 0 = all")
        ->type_name("N")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    add_changes(*app, options->changes);
    app->add_option("--out", options->out, "Write the table as Markdown or CSV")
        ->type_name("FILE.md|FILE.csv");
    app->add_flag("--json", options->json,
                  "Print JSON: classifier, and samples with {name, n, sampler, start, steps, temperature, "
                  "class_true, confusion, found, "
                  "frechet, kernel, roughness, published}");
    add_compute_options(*app, *options);
    app->footer("Examples:\n"
                "  ebmlab table samples --out samples.md\n"
                "  ebmlab table samples fashion_mnist_classes --steps 1000 --set sampler.noise=0.01\n"
                "  ebmlab table samples runs/fashion/last.safetensors --classifier "
                "runs/classifier/last.safetensors\n");
    app->callback([options, &action] { action = [options] { return table_samples(*options); }; });
}

} // namespace ebm::cli
