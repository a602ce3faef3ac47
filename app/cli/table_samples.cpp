#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/lab/sample_judge.h"

#include <cmath>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* control = "training data";

struct SampleTableOptions : ComputeOptions {
    std::vector<std::string> models = {"fashion_mnist_convnet", "fashion_mnist_classes"};
    std::string classifier = "fashion_mnist_classifier", init = "noise", out;
    std::vector<std::string> changes;
    std::int64_t count = 1000;
    std::int64_t reference = 0;
    std::string inception, sampler;
    int steps = 600;
    std::uint64_t seed = 3;
    bool json = false;
};

struct SampleRow {
    std::string name, sampler;
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

/// Everything that the samples depend on beside the model and the seed.
std::string sampler_words(const Settings& settings, const SampleTableOptions& options, bool conditional) {
    const auto& s = settings.sampler;
    const bool mala = s.kind == SamplerKind::mala, published = !mala && s.mode == SamplerMode::published;
    std::string text = fmt::format("{}, λ {}",
                                   mala        ? "MALA"
                                   : published ? "Langevin as published"
                                               : "Langevin",
                                   number(s.step_size));
    if (published) text += fmt::format(", noise {}", number(s.noise));
    if (s.step_spread > 1) text += fmt::format(", spread {}", number(s.step_spread));
    if (s.gradient_clip > 0) text += fmt::format(", clip {}", number(s.gradient_clip));
    if (s.drift_limit > 0) text += fmt::format(", drift limit {}", number(s.drift_limit));
    text += fmt::format(", {} steps from {}", count(options.steps), options.init);
    if (s.restart_share > 0 || (conditional && s.relabel_share > 0))
        text += fmt::format(", every {} steps {:g} % start anew and {:g} % are asked for another class "
                            "(not in the last {})",
                            s.steps, 100 * s.restart_share, conditional ? 100 * s.relabel_share : 0.0,
                            10 * s.steps);
    return text + (settings.train.use_average ? ", averaged weights" : "");
}

SampleRow row_of(const lab::SampleJudge& judge, const SampleTableOptions& options, const std::string& model) {
    lab::Laboratory laboratory(options.laboratory());
    open(laboratory, options, model, options.sampler.empty() ? options.changes : std::vector<std::string>());
    if (!options.sampler.empty()) {
        take_sampler(laboratory, options.sampler);
        change_live(laboratory, parse_changes(options.changes));
    }
    warn_of_unmixed(laboratory.settings(), options.steps);
    const std::vector<std::string> classes = laboratory.classes();
    const lab::ChainStart start = options.init == "data"     ? lab::ChainStart::data
                                  : options.init == "buffer" ? lab::ChainStart::buffer
                                                             : lab::ChainStart::noise;
    const std::string name = laboratory.scene().name;
    Progress progress("Sampling " + name, "steps", 0, options.steps);
    const lab::Samples samples = laboratory.sample(options.count, options.steps, start, nullptr, options.seed,
                                                   [&](int step) { progress.update(step); });
    progress.finish();
    return {name, sampler_words(laboratory.settings(), options, !classes.empty()), laboratory.iteration(),
            judge.judge(samples, classes)};
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

std::string as_csv(const std::vector<SampleRow>& rows) {
    std::string text = "samples,iteration,n,class_true,classes_found,frechet,kernel,kernel_sd,roughness,"
                       "inception_score,inception_score_sd,fid,kid,kid_sd\n";
    for (const SampleRow& row : rows) {
        const lab::SampleQuality& q = row.quality;
        text += fmt::format("{},{},{},{},{},{},{},{},{}", row.name, row.iteration, q.n,
                            std::isnan(q.class_true) ? "" : exact(q.class_true), q.classes_found(),
                            exact(q.frechet), exact(q.kernel), exact(q.kernel_sd), exact(q.roughness));
        if (const auto& p = q.published)
            text += fmt::format(",{},{},{},{},{}\n", exact(p->inception), exact(p->inception_sd),
                                exact(p->fid), exact(p->kid), exact(p->kid_sd));
        else
            text += ",,,,,\n";
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

int table_samples(const SampleTableOptions& options) {
    if (!options.out.empty()) check_output(options.out, {".md", ".csv"}, options.models);
    for (const std::string& model : options.models) // before half a minute goes into the classifier
        if (!model.ends_with(".safetensors")) lab::find_scene(model);
    lab::Laboratory classifier(options.laboratory());
    open(classifier, options, options.classifier, {});
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
    rows.push_back({control, "", 0, judge.judge(classifier.data(false, options.count), judge.classes())});
    if (!options.out.empty()) {
        const bool csv = options.out.ends_with(".csv");
        files::write_atomically(options.out,
                                csv ? as_csv(rows) : as_markdown(judge, classifier, options, rows));
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
    app->add_option("--steps", options->steps, "Steps of each chain, with the model's sampler settings")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    app->add_option("--sampler", options->sampler,
                    "Sample all models with the sampler settings of this scene, not with their own")
        ->type_name("NAME|FILE.json");
    app->add_option("--init", options->init, "Where chains start")
        ->check(CLI::IsMember({"noise", "data", "buffer"}).description(""))
        ->type_name("noise|data|buffer")
        ->capture_default_str();
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
                  "Print JSON: classifier, and samples with {name, n, sampler, class_true, confusion, found, "
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
