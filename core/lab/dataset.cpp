#include "core/lab/dataset.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/names.h"
#include "core/data/check.h"
#include "core/data/class_names.h"
#include "core/data/drawing.h"
#include "core/data/images.h"
#include "core/data/labels.h"
#include "core/data/outliers.h"
#include "core/data/picture_set.h"
#include "core/data/reader.h"
#include "core/data/sprites.h"
#include "core/energy/batch.h"
#include "core/lab/data_values.h"
#include "core/lab/known_names.h"
#include "core/sample/sampler.h"
#include "core/store/input.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t shown_points = 4000;

torch::Tensor points_tensor(const std::vector<float>& points) {
    return torch::tensor(points).reshape({-1, 2});
}

std::vector<float> first_points(const torch::Tensor& points) {
    return points.defined() ? to_vector(points.slice(0, 0, shown_points)) : std::vector<float>();
}

SampleKind kind_of(const Shape& shape) {
    if (shape.size() != 3) return {};
    return {false, static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])};
}

/// Splits all samples of a file into training and held-out data. `labels` may be undefined.
void split(Dataset& dataset, const torch::Tensor& all, const torch::Tensor& labels) {
    std::vector<bool> is_held_out(static_cast<std::size_t>(all.size(0)));
    const std::vector<std::int64_t> held_out = data::held_out_rows(all.size(0), dataset.split_seed);
    for (const std::int64_t row : held_out)
        is_held_out[static_cast<std::size_t>(row)] = true;
    std::vector<std::int64_t> train;
    for (std::int64_t row = 0; row < all.size(0); ++row)
        if (!is_held_out[static_cast<std::size_t>(row)]) train.push_back(row);
    const torch::Tensor train_rows = torch::tensor(train, torch::kLong);
    const torch::Tensor held_out_rows = torch::tensor(held_out, torch::kLong);
    dataset.train = all.index_select(0, train_rows);
    dataset.held_out = all.index_select(0, held_out_rows);
    dataset.train_records = std::move(train);
    if (!labels.defined()) return;
    dataset.train_labels = labels.index_select(0, train_rows);
    dataset.held_out_labels = labels.index_select(0, held_out_rows);
}

/// The labels that every record has, as those of the classes that a conditional model was trained with;
/// undefined, with a word in the log, if some have none.
torch::Tensor labels_of(data::Records& records, const Settings& settings, const KeptData& kept) {
    if (!records.labels.defined()) return {};
    const std::int64_t without = (records.labels < 0).sum().item<std::int64_t>();
    if (without > 0) {
        log::warning(
            "{}: {} of {} pictures lie in no folder of a class, so the classes of the others are left "
            "out. Put every picture into the folder of its class to use them.",
            records.source, without, records.count());
        return {};
    }
    if (settings.model.conditional && !kept.classes.empty()) data::match_classes(records, kept.classes);
    return records.labels;
}

/// The path to read: the scene's, or another place where the same file may lie if that is not there.
std::string found_path(const Settings& settings, const KeptData& kept) {
    std::error_code ignored;
    if (!kept.given_path.empty()) return kept.given_path;
    const std::string& path = settings.data.path;
    const auto there = [&](const std::string& p) { return fs::exists(store::expanded_path(p), ignored); };
    if (path.empty() || path == "-" || there(path)) return path;
    for (const std::string& place : kept.places)
        if (there(place)) return place;
    return path;
}

std::string absolute(const std::string& path) {
    std::error_code error;
    if (path.empty() || path == "-") return path;
    const fs::path whole = fs::absolute(store::expanded_path(path), error);
    return error ? path : whole.lexically_normal().string();
}

void require_enough(std::int64_t count, const std::string& path) {
    if (count >= 10) return;
    throw Error(fmt::format("Only {} to learn from", counted(count, "picture")), path,
                "Give a set of at least 10 pictures.");
}

void compare_checksum(const Dataset& dataset, const KeptData& kept) {
    if (kept.checksum.empty() || kept.checksum == dataset.checksum) return;
    throw Error("These are not the data that the model was trained on: their numbers have another checksum",
                dataset.path,
                kept.given_path.empty()
                    ? "Put the file back, say with --set data.path=FILE where it lies now, or train a new "
                      "model with this one."
                    : "Give the file it was trained on, or train a new model with this one.");
}

/// The shape that a model has, or that a new one gets: grey if colour is grey throughout.
Shape picture_shape(const torch::Tensor& pictures, const KeptData& kept) {
    if (!kept.shape.empty()) return kept.shape;
    Shape shape = pictures.sizes().slice(1).vec();
    if (shape[0] == 3 && data::is_grey(pictures)) shape[0] = 1;
    return shape;
}

/// Puts a set of bytes into `dataset`, split as it says itself, or here.
void take_set(Dataset& dataset, const data::PictureSet& set, const Settings& settings, const KeptData& kept) {
    require_enough(set.train.size(0) + (set.held_out.defined() ? set.held_out.size(0) : 0), set.source);
    if (!set.note.empty()) log::warning("{}: {}", set.source, set.note);
    dataset.coding = kept.coding.value_or(data::Coding{});
    dataset.checksum = set.checksum;
    compare_checksum(dataset, kept);
    const Shape shape = picture_shape(set.train, kept);
    const auto taken = [&](const torch::Tensor& pixels, torch::Tensor& labels) {
        data::Records records;
        records.values = pixels;
        records.labels = labels;
        records.classes = set.classes;
        records.source = set.source;
        labels = labels_of(records, settings, kept);
        if (labels.defined()) dataset.classes = records.classes;
        std::vector<std::string> notes; // said when the set was found
        return data::encoded_in_bytes(records, dataset.coding, shape, notes);
    };
    torch::Tensor labels = set.train_labels, held_out_labels = set.held_out_labels;
    const torch::Tensor train = taken(set.train, labels);
    if (!set.held_out.defined()) return split(dataset, train, labels);
    dataset.train = train;
    dataset.train_labels = labels;
    dataset.held_out = taken(set.held_out, held_out_labels);
    dataset.held_out_labels = held_out_labels;
}

/// Reads the file of settings.data into `dataset`.
void read_file(Dataset& dataset, const Settings& settings, const KeptData& kept, bool pictures) {
    const std::string path = found_path(settings, kept);
    if (kept.from_stream && kept.given_path.empty())
        throw Error("They came through a stream, which is not read again", "",
                    "Save them in a file, and name that file when training goes on.");
    dataset.path = absolute(path);
    std::error_code ignored;
    if (pictures && path != "-" && fs::is_directory(store::expanded_path(path), ignored)) {
        if (!settings.data.labels.empty())
            throw Error("The setting data.labels names a column or an array, and a folder has none", path,
                        "Leave data.labels empty.");
        return take_set(dataset, data::open_folder(store::expanded_path(path), data::picture_form(settings)),
                        settings, kept);
    }
    data::Records records =
        data::read_records(path, data::split_columns(settings.data.columns), settings.data.labels);
    if (!records.note.empty()) log::warning("{}: {}", records.source, records.note);
    dataset.from_stream = files::is_stream(path);
    if (pictures) data::bring_to_form(records, data::picture_form(settings));
    dataset.coding = kept.coding ? *kept.coding
                     : pictures  ? data::pixel_coding(records)
                                 : data::standardising(records);
    Shape shape = {2};
    if (pictures)
        shape = picture_shape(records.values, kept);
    else if (!kept.shape.empty())
        shape = kept.shape;
    if (pictures) require_enough(records.count(), path);
    std::vector<std::string> notes;
    const torch::Tensor all = data::encoded_in_bytes(records, dataset.coding, shape, notes);
    for (const std::string& note : notes)
        log::warning("{}", note);
    if (!pictures && !kept.coding)
        if (const std::string note = data::outlier_note(all, dataset.coding); !note.empty())
            log::warning("{}: {}", records.source, note);
    dataset.checksum = data::checksum(records);
    compare_checksum(dataset, kept);
    const torch::Tensor labels = labels_of(records, settings, kept);
    records.values = torch::Tensor(); // the parts are copies: what the file had is not held beside them
    split(dataset, all, labels);
    if (labels.defined()) dataset.classes = records.classes;
}

/// Calls `read`; where that fails and a checkpoint kept enough, goes on with what was kept.
template <class Read>
void read_or_keep(Dataset& dataset, DataView& view, const KeptData& kept, Read&& read) {
    if (kept.split_seed) dataset.split_seed = *kept.split_seed;
    try {
        read();
    } catch (const Error& error) {
        if (kept.shape.empty() || !kept.given_path.empty()) throw;
        dataset.train = dataset.train_labels = torch::Tensor();
        dataset.held_out = kept.held_out;
        dataset.held_out_labels = kept.held_out_labels;
        dataset.classes = kept.classes;
        dataset.checksum = kept.checksum;
        dataset.from_stream = kept.from_stream;
        if (kept.coding) dataset.coding = *kept.coding;
        view.missing = fmt::format("The training data cannot be had. {}", error.what());
        log::warning("{} The model can be used all the same, but not trained on.", view.missing);
    }
    if (!kept.shape.empty() && dataset.held_out.defined() &&
        dataset.held_out.sizes().slice(1).vec() != kept.shape)
        throw Error("The data do not have the shape that the model takes", dataset.path,
                    "Give the data that the model was trained on.");
}

Dataset open_plane(const Settings& settings, const KeptData& kept) {
    Dataset dataset;
    auto view = std::make_shared<DataView>();
    const auto seed = static_cast<std::uint64_t>(settings.train.seed);
    dataset.split_seed = seed;
    if (settings.data.set == "points") {
        read_or_keep(dataset, *view, kept, [&] { read_file(dataset, settings, kept, false); });
        view->title = "Points";
        view->source = settings.data.path;
    } else {
        dataset.drawing = data::drawing_of(settings);
        dataset.plane = data::plane_set_of(settings);
        dataset.train = points_tensor(dataset.plane->sample(settings.data.count, seed));
        const std::uint64_t held_out_seed = seed + (1ull << 32);
        dataset.held_out = points_tensor(dataset.plane->sample(settings.data.count, held_out_seed));
        if (dataset.plane->labels) {
            const auto labels = [&](std::uint64_t key) {
                return torch::tensor(dataset.plane->labels(settings.data.count, key), torch::kLong);
            };
            dataset.train_labels = labels(seed);
            dataset.held_out_labels = labels(held_out_seed);
            dataset.classes = dataset.plane->classes;
        }
        view->title = dataset.plane->title;
        view->source = dataset.drawing.empty()      ? "generated"
                       : settings.data.path.empty() ? "painted"
                                                    : settings.data.path;
    }
    view->points = first_points(dataset.train);
    view->held_out = first_points(dataset.held_out);
    dataset.view = view;
    dataset.ood.emplace_back(uniform_box_name, uniform_box(settings));
    return dataset;
}

/// Images of bytes as a set. Throws Error that names the record of a label beyond `classes`.
data::PictureSet picture_set(const data::ImageSet& train, const data::ImageSet& held_out,
                             const std::vector<std::string>& classes, const data::PictureForm& form) {
    data::PictureSet set;
    set.source = train.source;
    set.classes = classes;
    const auto take = [&](const data::ImageSet& images, torch::Tensor& pixels, torch::Tensor& labels) {
        if (images.count == 0) return;
        data::Records records;
        records.source = images.source;
        records.values = torch::tensor(at::ArrayRef<std::uint8_t>(images.pixels))
                             .reshape({images.count, images.channels, images.height, images.width});
        data::bring_to_form(records, form);
        pixels = records.values;
        if (images.labels.empty()) return;
        const auto beyond =
            std::ranges::find_if(images.labels, [&](std::uint8_t label) { return label >= classes.size(); });
        if (beyond != images.labels.end())
            throw Error(fmt::format("The label of record {} is {}, and there are {} classes",
                                    beyond - images.labels.begin() + 1, *beyond, classes.size()),
                        images.source, "Copy or download the set again.");
        labels = torch::tensor(at::ArrayRef<std::uint8_t>(images.labels)).to(torch::kLong);
    };
    take(train, set.train, set.train_labels);
    take(held_out, set.held_out, set.held_out_labels);
    return set;
}

/// Up to `count` different rows of `rows`, drawn with a key of their own for each `part`.
void draw_rows(std::vector<std::int64_t>& rows, std::size_t count, const Settings& settings,
               std::uint32_t part) {
    constexpr std::uint32_t step = 1001; // apart from the split and the OOD sets
    for (std::size_t i = 0; i < std::min(count, rows.size()); ++i) {
        const random::Words words =
            random::words(evaluation_place(settings, part, step), static_cast<std::uint32_t>(i));
        const std::uint64_t left = rows.size() - i;
        std::swap(rows[i], rows[i + static_cast<std::size_t>(words[0] * left >> 32)]);
    }
    rows.resize(std::min(count, rows.size()));
}

/// Puts the pictures for a preview into `view`.
void show_pictures(DataView& view, const Dataset& dataset, const Settings& settings) {
    constexpr std::size_t of_a_class = 8, most_classes = 64;
    const std::int64_t count = dataset.train.size(0);
    std::vector<std::vector<std::int64_t>> parts(1);
    if (dataset.train_labels.defined()) {
        parts.resize(std::min(most_classes, dataset.classes.size()));
        const auto* label = dataset.train_labels.const_data_ptr<std::int64_t>();
        for (std::int64_t row = 0; row < count; ++row)
            if (static_cast<std::size_t>(label[row]) < parts.size())
                parts[static_cast<std::size_t>(label[row])].push_back(row);
    } else {
        parts[0].resize(static_cast<std::size_t>(count));
        std::iota(parts[0].begin(), parts[0].end(), 0);
    }
    std::vector<std::int64_t> rows;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        draw_rows(parts[k], dataset.train_labels.defined() ? of_a_class : most_classes, settings,
                  static_cast<std::uint32_t>(k));
        rows.insert(rows.end(), parts[k].begin(), parts[k].end());
        if (dataset.train_labels.defined())
            view.labels.insert(view.labels.end(), parts[k].size(), static_cast<std::int32_t>(k));
    }
    view.pixels = to_pixels(dataset.train.index_select(0, torch::tensor(rows, torch::kLong)));
}

/// Sprites for training and, of another seed, a tenth as many that are held out.
void make_sprites(Dataset& dataset, const Settings& settings) {
    const data::sprites::Factor factor = data::sprites::factor(settings.data.labels);
    const std::int64_t count = settings.data.count, held_out_count = std::max<std::int64_t>(1000, count / 10);
    const auto seed = static_cast<std::uint64_t>(settings.train.seed);
    const std::uint64_t held_out_seed = seed + (std::uint64_t{1} << 32);
    dataset.train = data::sprites::pictures(0, count, seed);
    dataset.held_out = data::sprites::pictures(0, held_out_count, held_out_seed);
    dataset.train_labels = data::sprites::labels(factor, 0, count, seed);
    dataset.held_out_labels = data::sprites::labels(factor, 0, held_out_count, held_out_seed);
    dataset.classes = data::sprites::classes(factor);
}

Dataset open_pictures(const Settings& settings, const KeptData& kept) {
    Dataset dataset;
    dataset.coding = {}; // bytes
    auto view = std::make_shared<DataView>();
    dataset.split_seed = static_cast<std::uint64_t>(settings.train.seed);
    const std::string& set = settings.data.set;
    if (set == "fashion_mnist") {
        view->title = "Fashion-MNIST";
        read_or_keep(dataset, *view, kept, [&] {
            const std::string folder = found_path(settings, kept);
            const data::ImageSet train = data::find_fashion_mnist(data::Split::train, folder);
            dataset.path = absolute(folder);
            view->source = train.source;
            take_set(dataset,
                     picture_set(train, data::find_fashion_mnist(data::Split::held_out, folder),
                                 data::fashion_mnist_classes(), data::picture_form(settings)),
                     settings, kept);
        });
    } else if (set == "mnist") {
        view->title = "MNIST";
        read_or_keep(dataset, *view, kept, [&] {
            const std::string folder = found_path(settings, kept);
            const data::TrainingSet digits = data::find_training_mnist(folder);
            dataset.path = absolute(folder);
            view->source = digits.train.source;
            take_set(dataset,
                     picture_set(digits.train, digits.held_out, data::mnist_classes(),
                                 data::picture_form(settings)),
                     settings, kept);
        });
    } else if (data::is_picture_set(set)) {
        view->title = data::picture_set_title(set);
        read_or_keep(dataset, *view, kept, [&] {
            const std::string folder = found_path(settings, kept);
            const data::PictureSet pictures = data::open_picture_set(
                set, folder.empty() ? folder : store::expanded_path(folder), data::picture_form(settings));
            dataset.path = absolute(folder);
            view->source = pictures.source;
            take_set(dataset, pictures, settings, kept);
        });
    } else if (settings.data.set == "sprites") {
        view->title = "Sprites";
        view->source = "generated";
        make_sprites(dataset, settings);
    } else {
        view->title = "Pictures";
        view->source = settings.data.path;
        read_or_keep(dataset, *view, kept, [&] { read_file(dataset, settings, kept, true); });
    }
    dataset.kind = kind_of(dataset.train.defined() ? dataset.train.sizes().slice(1).vec() : kept.shape);
    if (dataset.train.defined()) show_pictures(*view, dataset, settings);
    dataset.view = view;
    add_ood_pictures(dataset, settings);
    return dataset;
}

/// Puts the classes, their counts and the labels of what is shown into `view`.
void show_classes(DataView& view, const Dataset& dataset) {
    view.classes = dataset.classes;
    const auto first = [](const torch::Tensor& labels, std::size_t count) {
        if (!labels.defined()) return std::vector<std::int32_t>();
        const torch::Tensor shown = labels.slice(0, 0, static_cast<std::int64_t>(count)).contiguous();
        const auto* label = shown.const_data_ptr<std::int64_t>();
        return std::vector<std::int32_t>(label, label + shown.numel());
    };
    const auto counts = [&](const torch::Tensor& labels) {
        if (!labels.defined()) return std::vector<std::int64_t>();
        const torch::Tensor count = labels.bincount({}, static_cast<std::int64_t>(dataset.classes.size()));
        const auto* number = count.const_data_ptr<std::int64_t>();
        return std::vector<std::int64_t>(number, number + count.numel());
    };
    view.class_counts = counts(dataset.train_labels);
    view.held_out_class_counts = counts(dataset.held_out_labels);
    if (!dataset.kind.plane) return;
    view.labels = first(dataset.train_labels, view.points.size() / 2);
    view.held_out_labels = first(dataset.held_out_labels, view.held_out.size() / 2);
}

/// Says what keeps a conditional model from learning the classes of a file.
void warn_of_classes(const DataView& view, const Dataset& dataset) {
    std::vector<data::DataReport::Class> classes;
    for (std::size_t i = 0; i < view.class_counts.size(); ++i) {
        const std::int64_t held_out =
            i < view.held_out_class_counts.size() ? view.held_out_class_counts[i] : 0;
        classes.push_back({dataset.classes.at(i), view.class_counts[i] + held_out});
    }
    for (const std::string& problem : data::problems_of_classes(classes, dataset.path))
        log::warning("{}", problem);
}

} // namespace

random::Place evaluation_place(const Settings& settings, std::uint32_t chain, std::uint32_t step) {
    return {static_cast<std::uint64_t>(settings.train.seed), random::Stream::data,
            static_cast<std::uint32_t>(RandomGroup::evaluation), chain, step};
}

torch::Tensor uniform_box(const Settings& settings) {
    return uniform_samples(made_count, {2}, static_cast<float>(settings.sampler.box_low),
                           static_cast<float>(settings.sampler.box_high), evaluation_place(settings, 0, 0));
}

void Dataset::require_training_data() const {
    if (train.defined()) return;
    if (from_stream)
        throw Error("The data that the model was trained on came through a stream, which is not read again",
                    "", "Save them in a file, and say with the setting data.path where it lies.");
    if (!view)
        throw Error("This scene has no data: its energy is given by a formula or joined from others", "",
                    "Take a scene that learns from data.");
    throw Error(!view->missing.empty() ? "The data that the model was trained on are not there"
                                       : "There are no data to learn from",
                path, "Put the file back, or say with the setting data.path where it lies.");
}

std::string data_set_name(const Settings& settings) {
    return settings.data.set == "idx" ? "pictures" : settings.data.set;
}

Dataset open_dataset(const Settings& settings, const KeptData& kept) {
    const std::string set = data_set_name(settings);
    Dataset dataset;
    const bool generated = set == "none" || data::is_plane_set(settings);
    if (generated && !kept.given_path.empty())
        throw Error("The data of this model are generated, not read from a file", "setting data.path",
                    "Leave data.path out.");
    if (set == "none") {
        dataset.ood.emplace_back(uniform_box_name, uniform_box(settings));
        return dataset;
    }
    const std::vector<std::string> known = data_set_names();
    if (std::ranges::find(known, set) == known.end())
        throw Error(fmt::format("There is no data set '{}'", set), "setting data.set",
                    did_you_mean(set, known));
    const bool pictures = set == "fashion_mnist" || set == "mnist" || set == "sprites" || set == "pictures" ||
                          data::is_picture_set(set);
    dataset = pictures ? open_pictures(settings, kept) : open_plane(settings, kept);
    if (dataset.classes.empty()) dataset.classes = kept.classes;
    auto view = std::make_shared<DataView>(*dataset.view);
    view->coding = dataset.coding;
    view->transform = data::coding_in_words(dataset.coding);
    view->train_count = dataset.train.defined() ? dataset.train.size(0) : 0;
    view->held_out_count = dataset.held_out.defined() ? dataset.held_out.size(0) : 0;
    show_classes(*view, dataset);
    if (settings.model.conditional && kept.classes.empty() && !dataset.path.empty())
        warn_of_classes(*view, dataset);
    measure_values(*view, dataset);
    dataset.view = view;
    return dataset;
}

bool is_reserved_name(std::string_view name) {
    const auto same = [&](std::string_view own) {
        return std::ranges::equal(
            name, own, {}, [](unsigned char c) { return std::tolower(c); },
            [](unsigned char c) { return std::tolower(c); });
    };
    const auto own = {training_set_name, held_out_set_name, buffer_set_name, live_chains_name};
    return std::ranges::any_of(own, same);
}

std::string free_name(const std::string& name, const Dataset& dataset) {
    const auto taken = [&](const std::string& wanted) {
        return is_reserved_name(wanted) ||
               std::ranges::any_of(dataset.ood, [&](const auto& set) { return set.first == wanted; });
    };
    std::string free = name;
    for (int number = 2; taken(free); ++number)
        free = fmt::format("{} ({})", name, number);
    return free;
}

std::vector<float> standardised_points(const Settings& settings) {
    const data::Records records =
        data::read_records(settings.data.path, data::split_columns(settings.data.columns));
    std::vector<std::string> notes;
    return to_vector(data::encoded(records, data::standardising(records), {2}, notes));
}

std::vector<std::uint8_t> to_pixels(const torch::Tensor& x) {
    const torch::Tensor bytes = x.scalar_type() == torch::kByte
                                    ? x.contiguous()
                                    : ((x + 1) * 127.5f).round().clamp(0, 255).to(torch::kByte).contiguous();
    return {bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel()};
}

torch::Tensor to_tensor(const Samples& samples) {
    return torch::tensor(samples.values).reshape(samples.kind.shape(samples.count));
}

std::vector<float> to_vector(const torch::Tensor& x) {
    const torch::Tensor flat = x.contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

} // namespace ebm::lab
