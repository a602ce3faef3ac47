#include "core/lab/dataset.h"

#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/data/picture_set.h"
#include "core/data/reader.h"
#include "core/data/sprites.h"
#include "core/energy/batch.h"
#include "core/lab/model_description.h"
#include "core/settings/settings.h"
#include "core/store/image.h"
#include "core/store/npy.h"
#include "tests/unit/data/picture_files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace ebm;
using lab::Dataset;
using lab::open_dataset;
using tests::contains;
using tests::failure_of;

namespace {

/// 20 pictures of 1 × 2 pixels, alike only within a class: picture i is of class i % 4 and has that number
/// in every pixel.
struct Digits : tests::TemporaryFolder {
    Digits() {
        data::IdxArray images{{20, 1, 2}, {}}, labels{{20}, {}};
        for (std::uint8_t i = 0; i < 20; ++i) {
            images.values.insert(images.values.end(), 2, i % 4);
            labels.values.push_back(i % 4);
        }
        files::write_atomically(path / "images.idx", data::format_idx(images));
        files::write_atomically(path / "labels.idx", data::format_idx(labels));
    }
    Settings settings() const {
        Settings settings;
        settings.data.set = "pictures";
        settings.data.path = (path / "images.idx").string();
        return settings;
    }
};

/// CIFAR-10 in its folder: 12 pictures to learn from, of classes 0, 1, …, and two held out, of 5 and 6.
void write_cifar(const std::filesystem::path& home) {
    std::vector<std::vector<int>> labels;
    for (int i = 0; i < 12; ++i)
        labels.push_back({i % 10});
    tests::write(home / "cifar10/data_batch_1.bin", tests::cifar(labels, 40));
    tests::write(home / "cifar10/test_batch.bin", tests::cifar({{5}, {6}}, 90));
}

/// Where `home` is the folder of all sets.
Dataset open_at(const std::filesystem::path& home, const Settings& settings) {
    ::setenv("EBMLAB_DATA", home.c_str(), 1);
    Dataset dataset = open_dataset(settings);
    ::unsetenv("EBMLAB_DATA");
    return dataset;
}

/// Whether each of the pictures of `Digits` has its own label.
bool belong_together(const torch::Tensor& x, const torch::Tensor& labels) {
    return x.select(1, 0).select(1, 0).select(1, 0).to(torch::kLong).equal(labels);
}

} // namespace

DOCTEST_TEST_CASE("data: labels go with their samples into training and held-out data, and into the view") {
    const Digits digits;
    const Dataset dataset = open_dataset(digits.settings());
    DOCTEST_REQUIRE(dataset.train_labels.defined());
    DOCTEST_CHECK(dataset.train.size(0) == 18);
    DOCTEST_CHECK(belong_together(dataset.train, dataset.train_labels));
    DOCTEST_CHECK(belong_together(dataset.held_out, dataset.held_out_labels));
    DOCTEST_CHECK(dataset.classes == std::vector<std::string>{"0", "1", "2", "3"});
    const lab::DataView& view = *dataset.view;
    DOCTEST_CHECK(view.classes == dataset.classes);
    DOCTEST_REQUIRE(view.labels.size() == 18);
    DOCTEST_CHECK(std::ranges::is_sorted(view.labels));
    for (std::size_t i = 0; i < view.labels.size(); ++i)
        DOCTEST_CHECK(view.pixels[2 * i] == view.labels[i]);
    for (std::size_t k = 0; k < 4; ++k)
        DOCTEST_CHECK(view.class_counts[k] + view.held_out_class_counts[k] == 5);
}

DOCTEST_TEST_CASE("data: mean and range of pictures are in the units of their file") {
    const Digits digits;
    const Dataset dataset = open_dataset(digits.settings());
    const lab::DataView& view = *dataset.view;
    DOCTEST_CHECK(open_dataset(digits.settings()).view->pixels == view.pixels);
    // Pixels are 0 … 3, equally often but for the held-out ones.
    DOCTEST_REQUIRE(view.values.size() == 1);
    DOCTEST_CHECK(view.values[0].name == "grey");
    DOCTEST_CHECK(view.measured == 18);
    double sum = 0, squares = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        sum += static_cast<double>(k) * static_cast<double>(view.class_counts[k]) / 18;
        squares += static_cast<double>(k * k) * static_cast<double>(view.class_counts[k]) / 18;
    }
    DOCTEST_CHECK(view.values[0].mean == doctest::Approx(sum).epsilon(1e-4));
    // 36 numbers, of whose squared deviations the sum is divided by 35.
    DOCTEST_CHECK(view.values[0].sd ==
                  doctest::Approx(std::sqrt((squares - sum * sum) * 36 / 35)).epsilon(1e-3));
    DOCTEST_CHECK(view.values[0].low == doctest::Approx(0).epsilon(1e-4));
    DOCTEST_CHECK(view.values[0].high == doctest::Approx(3).epsilon(1e-4));
}

DOCTEST_TEST_CASE("data: mean and range of points are in the units of their file") {
    const tests::TemporaryFolder folder;
    std::string table = "height,weight\n";
    for (int i = 0; i < 40; ++i)
        table += std::to_string(160 + i % 2 * 20) + "," + std::to_string(60 + i) + "\n";
    files::write_atomically(folder.path / "people.csv", std::string_view(table));
    Settings settings;
    settings.data.set = "points";
    settings.data.path = (folder.path / "people.csv").string();
    const std::shared_ptr<const lab::DataView> kept = open_dataset(settings).view;
    const lab::DataView& view = *kept;
    DOCTEST_REQUIRE(view.values.size() == 2);
    DOCTEST_CHECK(view.values[0].name == "height");
    DOCTEST_CHECK(view.values[0].low == doctest::Approx(160));
    DOCTEST_CHECK(view.values[0].high == doctest::Approx(180));
    DOCTEST_CHECK(view.values[0].mean == doctest::Approx(170).epsilon(0.02));
    DOCTEST_CHECK(view.values[0].sd == doctest::Approx(10).epsilon(0.05));
    DOCTEST_CHECK(view.values[1].mean == doctest::Approx(79.5).epsilon(0.05));
}

DOCTEST_TEST_CASE("data: points of a plane set carry the part they were drawn from") {
    Settings settings;
    settings.data.set = "two_moons";
    settings.data.count = 300;
    const Dataset dataset = open_dataset(settings);
    DOCTEST_CHECK(dataset.classes == std::vector<std::string>{"upper moon", "lower moon"});
    DOCTEST_REQUIRE(dataset.view->labels.size() == 300);
    DOCTEST_CHECK(dataset.view->held_out_labels.size() == 300);
    for (std::int64_t i = 0; i < 300; ++i) {
        const int nearest =
            dataset.plane->mode_of(dataset.train[i][0].item<double>(), dataset.train[i][1].item<double>());
        if (nearest >= 0) DOCTEST_CHECK(nearest == dataset.view->labels[static_cast<std::size_t>(i)]);
    }
    DOCTEST_CHECK(dataset.view->class_counts[0] + dataset.view->class_counts[1] == 300);
    settings.data.set = "swiss_roll";
    DOCTEST_CHECK(!open_dataset(settings).train_labels.defined());
    DOCTEST_CHECK(open_dataset(settings).view->labels.empty());
}

DOCTEST_TEST_CASE("data: a checkpoint keeps classes and labels, and data of other classes do not go in") {
    const Digits digits;
    const Dataset dataset = open_dataset(digits.settings());
    store::Checkpoint checkpoint;
    checkpoint.tensors.emplace_back("buffer.samples", torch::zeros({2, 1, 1, 2}));
    const std::string path = (digits.path / "model.safetensors").string();
    lab::keep_data(dataset, checkpoint, path);
    lab::KeptData kept = lab::kept_data(checkpoint, path);
    DOCTEST_CHECK(kept.classes == dataset.classes);
    DOCTEST_CHECK(kept.held_out_labels.equal(dataset.held_out_labels));

    // The same pictures in another order of classes: labels follow the names of the checkpoint.
    kept.classes = {"3", "2", "1", "0"};
    Settings settings = digits.settings();
    settings.model.conditional = true;
    const Dataset turned = open_dataset(settings, kept);
    DOCTEST_CHECK(turned.train_labels.equal(3 - dataset.train_labels));
    kept.classes = {"0", "1", "2"};
    const Dataset other = open_dataset(settings, kept);
    DOCTEST_CHECK(contains(other.view->missing, "The model has 3 classes, and 3 is none of them"));
    DOCTEST_CHECK(!other.train.defined());
    DOCTEST_CHECK(other.held_out.defined());
    // To a model without classes they are no matter.
    DOCTEST_CHECK(open_dataset(digits.settings(), kept).train.defined());
}

DOCTEST_TEST_CASE("data: one picture without a class leaves the classes out") {
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 12; ++i) {
        const std::filesystem::path path = folder.path / "set" / (i % 2 ? "a" : "b");
        std::filesystem::create_directories(path);
        store::write_png(path / (std::to_string(i) + ".png"), {2, 1, 1, {static_cast<std::uint8_t>(i), 255}});
    }
    Settings settings;
    settings.data.set = "pictures";
    settings.data.path = (folder.path / "set").string();
    DOCTEST_CHECK(open_dataset(settings).classes == std::vector<std::string>{"a", "b"});
    store::write_png(folder.path / "set" / "c.png", {2, 1, 1, {7, 255}});
    DOCTEST_CHECK(open_dataset(settings).classes.empty());
    DOCTEST_CHECK(!open_dataset(settings).train_labels.defined());
    DOCTEST_CHECK(open_dataset(settings).train.size(0) == 12);
}

DOCTEST_TEST_CASE("data: sprites have the classes of the factor that is chosen") {
    Settings settings;
    settings.data.set = "sprites";
    settings.data.count = 200;
    const Dataset shapes = open_dataset(settings);
    DOCTEST_CHECK(shapes.train.sizes() == at::IntArrayRef({200, 3, 32, 32}));
    DOCTEST_CHECK(shapes.held_out.size(0) == 1000);
    DOCTEST_CHECK(shapes.classes == data::sprites::classes(data::sprites::Factor::shape));
    // The bytes are those of the generator, and held-out pictures are others.
    const auto seed = static_cast<std::uint64_t>(settings.train.seed);
    DOCTEST_CHECK(torch::equal(shapes.train, data::sprites::pictures(0, 200, seed)));
    DOCTEST_CHECK(!torch::equal(shapes.held_out.slice(0, 0, 200), shapes.train));
    settings.data.labels = "colour";
    const Dataset colours = open_dataset(settings);
    DOCTEST_CHECK(torch::equal(colours.train, shapes.train));
    DOCTEST_CHECK(torch::equal(colours.train_labels,
                               data::sprites::labels(data::sprites::Factor::colour, 0, 200, seed)));
    DOCTEST_CHECK(colours.view->classes[1] == "sky blue");
    DOCTEST_CHECK(lab::data_outline(settings).classes == 8);
    DOCTEST_CHECK(lab::data_outline(settings).count == 200);
    settings.data.labels = "shapes";
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }), "Did you mean shape?"));
}

DOCTEST_TEST_CASE("data: MNIST is found in a folder, with the split it has or with one made from one file") {
    const tests::TemporaryFolder folder;
    data::IdxArray images{{30, 28, 28}, std::vector<std::uint8_t>(30 * 784, 9)}, labels{{30}, {}};
    for (std::uint8_t i = 0; i < 30; ++i)
        labels.values.push_back(i % 10);
    const auto write = [&](const char* split) {
        files::write_atomically(folder.path / (std::string(split) + "-images-idx3-ubyte"),
                                data::format_idx(images));
        files::write_atomically(folder.path / (std::string(split) + "-labels-idx1-ubyte"),
                                data::format_idx(labels));
    };
    Settings settings;
    settings.data.set = "mnist";
    settings.data.path = folder.path.string();
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }), "ebmlab data get mnist"));
    write("train");
    const Dataset alone = open_dataset(settings);
    DOCTEST_CHECK(alone.train.size(0) == 27);
    DOCTEST_CHECK(alone.held_out_labels.numel() == 3);
    write("t10k");
    const Dataset both = open_dataset(settings);
    DOCTEST_CHECK(both.train_labels.numel() == 30);
    DOCTEST_CHECK(both.held_out.size(0) == 30);
    DOCTEST_CHECK(both.view->class_counts == std::vector<std::int64_t>(10, 3));
    labels.values[4] = 11;
    write("t10k");
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }),
                           "The label of record 5 is 11, and there are 10 classes"));
}

DOCTEST_TEST_CASE("data: pictures of bytes stay bytes, and mean to the bit what they meant as floats") {
    const tests::TemporaryFolder folder;
    data::IdxArray images{{20, 16, 16}, {}};
    for (int i = 0; i < 20 * 256; ++i)
        images.values.push_back(static_cast<std::uint8_t>(i * 7 + i / 256));
    files::write_atomically(folder.path / "pictures", data::format_idx(images));
    Settings settings;
    settings.data.set = "pictures";
    settings.data.path = (folder.path / "pictures").string();
    const Dataset dataset = open_dataset(settings);
    DOCTEST_CHECK((dataset.train.scalar_type() == torch::kByte));
    DOCTEST_CHECK(dataset.train.nbytes() + dataset.held_out.nbytes() == 20 * 256);
    const torch::Tensor x = model_values(dataset.train);
    DOCTEST_CHECK((x.scalar_type() == torch::kFloat));
    const std::uint8_t* bytes = dataset.train.const_data_ptr<std::uint8_t>();
    std::int64_t different = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i)
        different += x.const_data_ptr<float>()[i] != static_cast<float>(bytes[i]) / 127.5f - 1;
    DOCTEST_CHECK(different == 0);
    DOCTEST_CHECK(lab::to_pixels(x) == lab::to_pixels(dataset.train));
    std::vector<std::string> notes;
    const data::Records records = data::read_records(settings.data.path);
    const torch::Tensor all = data::encoded(records, dataset.coding, dataset.shape(), notes);
    const std::vector<std::int64_t> rows = data::held_out_rows(20, dataset.split_seed);
    DOCTEST_CHECK(
        model_values(dataset.held_out).equal(all.index_select(0, torch::tensor(rows, torch::kLong))));

    // In a checkpoint and back.
    store::Checkpoint checkpoint;
    checkpoint.tensors.emplace_back("buffer.samples", torch::zeros({2, 1, 16, 16}));
    lab::keep_data(dataset, checkpoint, "model");
    DOCTEST_CHECK(lab::kept_data(checkpoint, "model").held_out.equal(dataset.held_out));

    settings.data.size = 8;
    settings.data.colours = Colours::colour;
    DOCTEST_CHECK(open_dataset(settings).shape() == Shape{1, 8, 8}); // grey throughout
    files::write_atomically(folder.path / "pictures",
                            store::format_npy({{20, 2, 2}, std::vector<float>(80, 0.5f)}));
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }), "need pictures of bytes"));
}

DOCTEST_TEST_CASE("data: SVHN and textures are compared with as published and as is usual later") {
    const tests::TemporaryFolder folder;
    write_cifar(folder.path);
    tests::write(folder.path / "svhn/train_32x32.mat", tests::svhn({1, 10, 9}, 30, true));
    tests::write(folder.path / "svhn/test_32x32.mat", tests::svhn({5}, 50, true));
    tests::write(folder.path / "dtd/images/dotted/a.png", tests::png(80, 64, 3, 70));
    Settings settings;
    settings.data.set = "cifar10";
    const auto count_of = [](const Dataset& dataset, const std::string& name) -> std::int64_t {
        for (const auto& [set, pictures] : dataset.ood)
            if (set == name) return pictures.size(0);
        return 0;
    };
    const Dataset both = open_at(folder.path, settings);
    DOCTEST_CHECK(count_of(both, "SVHN") == 1);
    DOCTEST_CHECK(count_of(both, "SVHN, training split") == 3);
    DOCTEST_CHECK(count_of(both, "Textures") == 1);
    DOCTEST_CHECK(count_of(both, "Textures, top left") == 1);
    // One file alone is no split.
    std::filesystem::remove(folder.path / "svhn/test_32x32.mat");
    const Dataset one = open_at(folder.path, settings);
    DOCTEST_CHECK(count_of(one, "SVHN") == 3);
    DOCTEST_CHECK(count_of(one, "SVHN, training split") == 0);
}

DOCTEST_TEST_CASE("data: sets by name, with their own split, in a folder and at home") {
    const tests::TemporaryFolder folder;
    write_cifar(folder.path);
    Settings settings;
    settings.data.set = "cifar10";
    const Dataset home = open_at(folder.path, settings);
    DOCTEST_CHECK(home.view->title == "CIFAR-10");
    DOCTEST_CHECK(home.shape() == Shape{3, 32, 32});
    DOCTEST_CHECK(home.train.size(0) == 12);
    DOCTEST_CHECK(home.held_out_labels.equal(torch::tensor({5, 6}, torch::kLong)));
    DOCTEST_CHECK(home.view->class_counts[1] == 2);
    for (const char* set : {"cifar10", "pictures"}) {
        settings.data.set = set;
        settings.data.path = (folder.path / "cifar10").string();
        const Dataset given = open_dataset(settings);
        DOCTEST_CHECK(given.train.equal(home.train));
        DOCTEST_CHECK(given.checksum == home.checksum);
        DOCTEST_CHECK(given.path == settings.data.path);
    }
    settings.data.set = "cifar10";
    settings.data.path = (folder.path / "none").string();
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }), "CIFAR-10 is not there"));
    settings.data.set = "cifar";
    DOCTEST_CHECK(contains(failure_of([&] { open_dataset(settings); }), "Did you mean cifar10"));
}
