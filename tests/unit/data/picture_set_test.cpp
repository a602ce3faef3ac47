#include "core/data/picture_set.h"

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/data/catalogue.h"
#include "core/data/class_names.h"
#include "core/data/reader.h"
#include "core/store/npz_writer.h"
#include "tests/unit/data/picture_files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/resource.h>

using namespace ebm;
using data::find_pictures;
using data::PictureForm;
using data::PictureSet;
using data::PictureSource;
using tests::contains;
using tests::failure_of;
namespace fs = std::filesystem;

namespace {

/// Never a cache.
const data::CacheRule in_memory{{}, 0, 0};

PictureSet load(const fs::path& folder, const PictureForm& form = {},
                const data::CacheRule& rule = in_memory) {
    const std::optional<PictureSet> set = data::open_pictures(folder, form, rule);
    if (!set) throw Error("no pictures", folder.string(), "");
    return *set;
}

std::vector<std::int64_t> numbers(const torch::Tensor& labels) {
    if (!labels.defined()) return {};
    const torch::Tensor flat = labels.to(torch::kLong).contiguous();
    return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

int pixel(const torch::Tensor& pictures, int n, int channel, int row, int column) {
    return pictures[n][channel][row][column].item<int>();
}

} // namespace

DOCTEST_TEST_CASE(
    "picture sets: CIFAR-10 from its files, planes R G B, batches in the order of their numbers") {
    const tests::TemporaryFolder folder;
    tests::write(folder.path / "data_batch_10.bin", tests::cifar({{9}}, 90));
    tests::write(folder.path / "data_batch_2.bin", tests::cifar({{3}, {0}}, 20));
    tests::write(folder.path / "test_batch.bin", tests::cifar({{7}}, 70));
    const std::uint64_t first = log::next_index();
    const PictureSet set = load(folder.path);
    DOCTEST_REQUIRE(!log::messages_from(first).empty());
    DOCTEST_CHECK(
        contains(log::messages_from(first)[0].text,
                 "4 of the 5 files of pictures to learn from are missing, data_batch_1.bin among them"));
    DOCTEST_CHECK(set.train.sizes().vec() == std::vector<std::int64_t>{3, 3, 32, 32});
    DOCTEST_CHECK((set.train.scalar_type() == torch::kByte));
    DOCTEST_CHECK(set.train.nbytes() == 3 * 3072);
    DOCTEST_CHECK(numbers(set.train_labels) == std::vector<std::int64_t>{3, 0, 9});
    DOCTEST_CHECK(numbers(set.held_out_labels) == std::vector<std::int64_t>{7});
    DOCTEST_CHECK(set.classes.at(7) == "horse");
    DOCTEST_CHECK(pixel(set.train, 0, 0, 0, 0) == 20);
    DOCTEST_CHECK(pixel(set.train, 1, 2, 5, 6) == tests::cifar_pixel(21, 2, 5, 6));
    DOCTEST_CHECK(pixel(set.held_out, 0, 1, 31, 0) == tests::cifar_pixel(70, 1, 31, 0));

    // Every published file holds 10,000 records: one that was cut off between two of them shows in nothing
    // else.
    DOCTEST_REQUIRE(log::messages_from(first).size() == 2);
    DOCTEST_CHECK(contains(log::messages_from(first)[1].text,
                           "data_batch_2.bin holds 2 records, one of 3 such files, and not the 10000"));

    // A file cut off in a record, and a label of no class.
    std::string cut = tests::cifar({{3}, {0}}, 20);
    cut.resize(cut.size() - 100);
    tests::write(folder.path / "data_batch_2.bin", cut);
    std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "data_batch_2.bin"));
    DOCTEST_CHECK(contains(failure, "The file ends within record 2"));
    tests::write(folder.path / "data_batch_2.bin", tests::cifar({{3}, {10}}, 20));
    failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "The label of record 2 is 10, and there are 10 classes"));
    tests::write(folder.path / "data_batch_2.bin", "");
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path); }), "The file is empty"));
}

DOCTEST_TEST_CASE("picture sets: CIFAR-100 by its fine labels") {
    const tests::TemporaryFolder folder;
    tests::write(folder.path / "train.bin", tests::cifar({{1, 99}, {19, 0}}, 1));
    tests::write(folder.path / "test.bin", tests::cifar({{0, 2}}, 1));
    const PictureSet set = load(folder.path);
    DOCTEST_CHECK(numbers(set.train_labels) == std::vector<std::int64_t>{99, 0});
    DOCTEST_CHECK(set.classes.size() == 100);
    DOCTEST_CHECK(set.classes[99] == "worm");
    DOCTEST_CHECK(data::cifar100_classes()[2] == "baby");
    DOCTEST_CHECK(std::ranges::is_sorted(set.classes));
    tests::write(folder.path / "test.bin", tests::cifar({{0, 100}}, 1));
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path); }), "The label of record 1 is 100"));
}

DOCTEST_TEST_CASE("picture sets: SVHN from MATLAB files, packed or not, where label 10 is digit 0") {
    const tests::TemporaryFolder folder;
    for (const bool packed : {false, true}) {
        tests::write(folder.path / "train_32x32.mat", tests::svhn({1, 10, 9}, 30, packed));
        tests::write(folder.path / "test_32x32.mat", tests::svhn({5}, 50, packed));
        const PictureSet set = load(folder.path);
        DOCTEST_CHECK(numbers(set.train_labels) == std::vector<std::int64_t>{1, 0, 9});
        DOCTEST_CHECK(numbers(set.held_out_labels) == std::vector<std::int64_t>{5});
        for (const int channel : {0, 2})
            DOCTEST_CHECK(pixel(set.train, 1, channel, 4, 30) == tests::cifar_pixel(31, channel, 4, 30));
        DOCTEST_CHECK(set.classes.at(0) == "0");
    }
    tests::write(folder.path / "test_32x32.mat", tests::svhn({5, 11}, 50, true));
    const std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "test_32x32.mat"));
    DOCTEST_CHECK(contains(failure, "The label of record 2 is 11"));
    std::string cut = tests::svhn({5, 1}, 50, false);
    cut.resize(cut.size() / 2);
    tests::write(folder.path / "test_32x32.mat", cut);
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path); }), "test_32x32.mat"));
    tests::write(folder.path / "test_32x32.mat", "no MATLAB file");
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path); }), "not a MATLAB file"));
}

DOCTEST_TEST_CASE("picture sets: ImageNet 32 from npz files, labels from 1") {
    const tests::TemporaryFolder folder;
    const auto write = [&](const std::string& name, const std::vector<std::int64_t>& labels, int level) {
        const std::string pixels = tests::planes(static_cast<int>(labels.size()), level);
        store::NamedArray classes{"labels", {static_cast<std::int64_t>(labels.size())}, "<i8", {}};
        classes.bytes.assign(reinterpret_cast<const char*>(labels.data()), labels.size() * 8);
        store::write_npz(
            folder.path / name,
            {{"data", {static_cast<std::int64_t>(labels.size()), 3072}, "|u1", pixels}, classes});
    };
    write("train_data_batch_10.npz", {1000}, 100);
    write("train_data_batch_9.npz", {1, 7}, 10);
    write("val_data.npz", {2}, 5);
    const PictureSet set = load(folder.path);
    DOCTEST_CHECK(numbers(set.train_labels) == std::vector<std::int64_t>{0, 6, 999});
    DOCTEST_CHECK(set.classes.at(999) == "1000");
    DOCTEST_CHECK(pixel(set.train, 2, 1, 3, 9) == tests::cifar_pixel(100, 1, 3, 9));
    DOCTEST_CHECK(set.held_out.size(0) == 1);
    write("train_data_batch_9.npz", {1, 0}, 10);
    const std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "train_data_batch_9.npz"));
    DOCTEST_CHECK(contains(failure, "The label of record 2 is 0, and labels are 1 to 1000"));
    store::write_npz(folder.path / "train_data_batch_9.npz",
                     {{"data", {1, 3072}, "|u1", tests::planes(1, 3)}});
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path); }), "no array labels"));
}

DOCTEST_TEST_CASE("picture sets: folders of JPEG and PNG, their classes and their own split") {
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 4; ++i) {
        tests::write(folder.path / "set/train" / (i % 2 ? "dog" : "cat") / (std::to_string(i) + ".jpg"),
                     tests::jpeg(8, 8, 60 * i));
        tests::write(folder.path / "set/val/dog" / (std::to_string(i) + ".png"), tests::png(8, 8, 3, 10 * i));
    }
    const PictureSet set = load(folder.path / "set");
    DOCTEST_CHECK(set.classes == std::vector<std::string>{"cat", "dog"});
    DOCTEST_CHECK(numbers(set.train_labels) == std::vector<std::int64_t>{0, 0, 1, 1});
    DOCTEST_CHECK(numbers(set.held_out_labels) == std::vector<std::int64_t>{1, 1, 1, 1});
    DOCTEST_CHECK(std::abs(pixel(set.train, 1, 0, 4, 4) - 120) <= 2);
    DOCTEST_CHECK(pixel(set.held_out, 2, 0, 4, 4) == 20);
    // The reader that compares pictures with a model takes the held-out part.
    DOCTEST_CHECK(data::read_records((folder.path / "set").string()).count() == 4);

    for (const char* name : {"banded", "dotted"})
        tests::write(folder.path / "dtd/images" / name / "0001.jpg", tests::jpeg(8, 8, 99));
    tests::write(folder.path / "dtd/labels/train1.txt", "banded/0001.jpg\n");
    const PictureSet textures = load(folder.path / "dtd");
    DOCTEST_CHECK(textures.classes == std::vector<std::string>{"banded", "dotted"});
    DOCTEST_CHECK(!textures.held_out.defined());

    fs::create_directories(folder.path / "dtd/images/empty");
    const std::uint64_t first = log::next_index();
    DOCTEST_CHECK(load(folder.path / "dtd").classes.size() == 2);
    DOCTEST_REQUIRE(!log::messages_from(first).empty());
    DOCTEST_CHECK(contains(log::messages_from(first)[0].text, "empty holds no pictures and is no class"));
    DOCTEST_CHECK(!find_pictures(folder.path / "dtd/images/empty", {}));
}

DOCTEST_TEST_CASE("picture sets: a file that is named as a picture and is none is not passed over") {
    const tests::TemporaryFolder folder;
    tests::write(folder.path / "a.png", tests::png(8, 8, 3, 100));
    tests::write(folder.path / "list.txt", "a.png\n");
    DOCTEST_CHECK(load(folder.path).train.size(0) == 1);
    tests::write(folder.path / "b.JPEG", "");
    std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "b.JPEG"));
    DOCTEST_CHECK(contains(failure, "0 bytes"));
    tests::write(folder.path / "b.JPEG", "404: not found");
    failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "b.JPEG"));
    DOCTEST_CHECK(contains(failure, "neither JPEG nor PNG"));
}

DOCTEST_TEST_CASE("picture sets: pictures of many sizes are brought to one form") {
    const tests::TemporaryFolder folder;
    tests::write(folder.path / "a.png", tests::png(40, 20, 3, 100));
    tests::write(folder.path / "b.png", tests::png(16, 16, 1, 200));
    const std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "a.png has 40 × 20 pixels, b.png has 16 × 16"));
    DOCTEST_CHECK(contains(failure, "data.size"));
    const PictureSet centre = load(folder.path, {16, Crop::centre, Colours::as_they_are});
    DOCTEST_CHECK(centre.train.sizes().vec() == std::vector<std::int64_t>{2, 3, 16, 16});
    DOCTEST_CHECK(pixel(centre.train, 1, 2, 3, 3) == 200);
    DOCTEST_CHECK(load(folder.path, {16, Crop::centre, Colours::grey}).train.size(1) == 1);
    DOCTEST_CHECK(contains(failure_of([&] {
                               load(folder.path, {18, Crop::top_left, Colours::grey});
                           }),
                           "b.png"));

    // A ramp to the right: halved, a pixel is the mean of two; cut out, it is what it was.
    store::Image ramp{8, 4, 1, {}};
    for (int i = 0; i < 32; ++i)
        ramp.pixels.push_back(static_cast<std::uint8_t>(20 * (i % 8)));
    std::vector<std::uint8_t> pixels(4);
    data::bring_to_form(ramp, {2, Crop::top_left, Colours::grey}, 1, pixels, "ramp");
    DOCTEST_CHECK(pixels == std::vector<std::uint8_t>{0, 20, 0, 20});
    data::bring_to_form(ramp, {2, Crop::centre, Colours::grey}, 1, pixels, "ramp");
    DOCTEST_CHECK(pixels[0] + pixels[1] == 140); // the middle of the ramp, which is its mean
    DOCTEST_CHECK(pixels[1] - pixels[0] == doctest::Approx(40).epsilon(0.1));
    const store::Image red{1, 1, 3, {255, 0, 0}};
    std::vector<std::uint8_t> one(1), three(3);
    data::bring_to_form(red, {0, Crop::centre, Colours::grey}, 1, one, "red");
    DOCTEST_CHECK(one[0] == 76);
    data::bring_to_form({1, 1, 1, {9}}, {0, Crop::centre, Colours::colour}, 3, three, "grey");
    DOCTEST_CHECK(three == std::vector<std::uint8_t>{9, 9, 9});
}

DOCTEST_TEST_CASE("picture sets: broken files are named; CMYK and 16 bits are read, and said") {
    const tests::TemporaryFolder folder;
    tests::write(folder.path / "1.jpg", tests::jpeg(8, 8, 50));
    tests::write(folder.path / "2.jpg", tests::cmyk_jpeg(8, 8, {155, 255, 255, 200}, true));
    tests::write(folder.path / "3.png", tests::png16(8, 8, 0xABCD));
    const std::optional<PictureSource> source = find_pictures(folder.path, {});
    DOCTEST_REQUIRE(source.has_value());
    DOCTEST_CHECK(
        contains(source->content.note, "1 of the pictures have 16 bits a channel, 3.png among them"));
    DOCTEST_CHECK(contains(source->content.note, "1 of the pictures are CMYK, 2.jpg among them"));
    const PictureSet set = data::load_pictures(*source, {}, in_memory);
    DOCTEST_CHECK(set.note == source->content.note);
    // Cyan 100 and black 55 of 255: (155 · 200 / 255, 200, 200).
    DOCTEST_CHECK(std::abs(pixel(set.train, 1, 0, 2, 2) - 122) <= 3);
    DOCTEST_CHECK(std::abs(pixel(set.train, 1, 1, 2, 2) - 200) <= 3);
    // Grey has luma 255 − 100 and chroma 128: as inks that are not inverted, (155, 128, 128) under black 200.
    tests::write(folder.path / "2.jpg", tests::cmyk_jpeg(8, 8, {100, 100, 100, 200}, false));
    const PictureSet plain = load(folder.path);
    DOCTEST_CHECK(std::abs(pixel(plain.train, 1, 0, 2, 2) - 100 * 55 / 255) <= 3);
    DOCTEST_CHECK(std::abs(pixel(plain.train, 1, 1, 2, 2) - 127 * 55 / 255) <= 3);
    DOCTEST_CHECK(pixel(set.train, 2, 0, 2, 2) == 0xAB);

    std::string cut = tests::jpeg(64, 64, 50);
    cut.resize(cut.size() - 20);
    tests::write(folder.path / "1.jpg", cut);
    tests::write(folder.path / "2.jpg", tests::jpeg(64, 64, 1));
    fs::remove(folder.path / "3.png");
    const std::string failure = failure_of([&] { load(folder.path); });
    DOCTEST_CHECK(contains(failure, "1.jpg"));
    DOCTEST_CHECK(contains(failure, "The picture is damaged: it ends too early"));
}

DOCTEST_TEST_CASE("picture sets: a large set is decoded once into a file that is mapped") {
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 20; ++i)
        tests::write(folder.path / "set" / (i % 2 ? "dog" : "cat") / (std::to_string(i) + ".png"),
                     tests::png(4, 4, 1, i));
    const fs::path set_folder = folder.path / "set";
    const data::CacheRule rule{folder.path / "cache/data", 100, 0};
    const std::uint64_t first = log::next_index();
    const PictureSet made = load(set_folder, {}, rule);
    DOCTEST_REQUIRE(log::messages_from(first).size() == 1);
    DOCTEST_CHECK(contains(log::messages_from(first)[0].text, "20 pictures are decoded once into"));
    DOCTEST_CHECK(contains(log::messages_from(first)[0].text, "takes 4.4 kB of disk"));

    // Every picture is there once, with its label, and a tenth is held out.
    DOCTEST_CHECK(made.train.size(0) == 18);
    DOCTEST_CHECK(made.held_out.size(0) == 2);
    const torch::Tensor all = torch::cat({made.train, made.held_out});
    const torch::Tensor labels = torch::cat({made.train_labels, made.held_out_labels});
    std::vector<int> seen(20);
    for (int i = 0; i < 20; ++i) {
        const int level = pixel(all, i, 0, 1, 1);
        ++seen.at(static_cast<std::size_t>(level));
        DOCTEST_CHECK(labels[i].item<int>() == level % 2);
    }
    DOCTEST_CHECK(seen == std::vector<int>(20, 1));
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(rule.folder))
        if (entry.path().extension() == ".bytes") files.push_back(entry.path());
    DOCTEST_REQUIRE(files.size() == 1);

    // Opened again: nothing is decoded, and the numbers are the same.
    const PictureSet again = load(set_folder, {}, rule);
    DOCTEST_CHECK(log::messages_from(first).size() == 1);
    DOCTEST_CHECK(again.train.equal(made.train));
    DOCTEST_CHECK(again.checksum == made.checksum);
    // Another form is another cache, which leaves this one alone.
    DOCTEST_CHECK(load(set_folder, {2, Crop::centre, Colours::grey}, rule).train.size(2) == 2);
    DOCTEST_CHECK(log::messages_from(first).size() == 2);

    // What it was made of was changed: made anew.
    tests::write(set_folder / "cat/0.png", tests::png(4, 4, 1, 77));
    DOCTEST_CHECK((load(set_folder, {}, rule).train == 77).any().item<bool>() !=
                  (load(set_folder, {}, rule).held_out == 77).any().item<bool>());
    DOCTEST_CHECK(log::messages_from(first).size() == 3);
    // A file of something else, and one that is cut off: made anew.
    const PictureSet fresh = load(set_folder, {}, rule);
    std::string content(fs::file_size(files[0]), '\0');
    for (const std::string& damaged : {std::string("something else"), content.substr(1)}) {
        tests::write(files[0], damaged);
        DOCTEST_CHECK(load(set_folder, {}, rule).train.equal(fresh.train));
    }
    DOCTEST_CHECK(log::messages_from(first).size() == 5);
}

DOCTEST_TEST_CASE("picture sets: pixels of a cache that were damaged are not believed") {
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 20; ++i)
        tests::write(folder.path / "set" / (std::to_string(i) + ".png"), tests::png(4, 4, 1, i));
    tests::write(folder.path / "set/picture.webp", "RIFF....WEBP");
    const data::CacheRule rule{folder.path / "cache", 100, 0};
    const PictureSet made = load(folder.path / "set", {}, rule);
    const torch::Tensor truth = made.train.clone();
    fs::path cache;
    for (const auto& entry : fs::directory_iterator(rule.folder))
        if (entry.path().extension() == ".bytes") cache = entry.path();
    const auto damage = [&] {
        std::fstream file(cache, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(-3, std::ios::end);
        file.put('\x7F');
    };
    std::uint64_t first = log::next_index();
    damage();
    DOCTEST_CHECK(load(folder.path / "set", {}, rule).train.equal(truth));
    DOCTEST_REQUIRE(log::messages_from(first).size() == 2);
    DOCTEST_CHECK(contains(log::messages_from(first)[0].text, "are damaged, and are made again"));

    // By a crash, which leaves time and size as they were: everything is read again after the next start.
    const auto time = fs::last_write_time(cache);
    damage();
    fs::last_write_time(cache, time);
    tests::write(rule.folder / (cache.filename().string() + ".checked"), "of another start of the machine");
    first = log::next_index();
    const PictureSet again = load(folder.path / "set", {}, rule);
    DOCTEST_CHECK(again.train.equal(truth));
    DOCTEST_CHECK(log::messages_from(first).size() == 2);
    // What a person should know of the files is known of the cache, too.
    first = log::next_index();
    DOCTEST_CHECK(
        contains(load(folder.path / "set", {}, rule).note,
                 "1 of the files are neither JPEG nor PNG and are left out, picture.webp among them."));
    DOCTEST_CHECK(log::messages_from(first).empty());
}

DOCTEST_TEST_CASE("picture sets: a cache that cannot be completed is never there") {
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 20; ++i)
        tests::write(folder.path / "set" / (std::to_string(i) + ".png"), tests::png(64, 64, 1, i));
    const data::CacheRule rule{folder.path / "cache", 100, 0};
    const auto left = [&] {
        return std::distance(fs::directory_iterator(folder.path / "cache"), fs::directory_iterator());
    };
    std::string broken = tests::png(64, 64, 1, 3);
    broken[broken.size() - 20] ^= 1;
    tests::write(folder.path / "set/9.png", broken);
    DOCTEST_CHECK(contains(failure_of([&] { load(folder.path / "set", {}, rule); }), "9.png"));
    DOCTEST_CHECK(left() == 0);
    tests::write(folder.path / "set/9.png", tests::png(64, 64, 1, 9));

    // The system gives no more than 40 kB for a file.
    rlimit before{};
    DOCTEST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{40'000, before.rlim_max};
    DOCTEST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    const std::string refused = failure_of([&] { load(folder.path / "set", {}, rule); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    DOCTEST_CHECK(contains(refused, "The file could not be written"));
    DOCTEST_CHECK(left() == 0);

    // More than the disk has is refused before anything is decoded.
    data::CacheContent huge;
    huge.train = std::int64_t(1) << 50;
    huge.height = huge.width = 16;
    bool decoded = false;
    const std::string failure = failure_of([&] {
        data::write_cache(folder.path / "cache/huge", huge, [&](const data::PutPicture&) { decoded = true; });
    });
    DOCTEST_CHECK(contains(failure, "of disk, and"));
    DOCTEST_CHECK(contains(failure, "XDG_CACHE_HOME"));
    DOCTEST_CHECK(!decoded);
    DOCTEST_CHECK(left() == 0);
    DOCTEST_CHECK(load(folder.path / "set", {}, rule).train.size(0) == 18);
}

DOCTEST_TEST_CASE(
    "picture sets: a named set that is not there says where it was looked for and how to get it") {
    const tests::TemporaryFolder folder;
    ::setenv("EBMLAB_DATA", folder.path.c_str(), 1);
    const std::string failure = failure_of([] { data::open_picture_set("cifar10", {}, {}); });
    DOCTEST_CHECK(contains(failure, "CIFAR-10 is not there"));
    DOCTEST_CHECK(contains(failure, (folder.path / "cifar10").string()));
    DOCTEST_CHECK(contains(failure, "ebmlab data get cifar10"));
    const fs::path unpacked = folder.path / "cifar10/cifar-10-batches-bin";
    tests::write(unpacked / "data_batch_1.bin", tests::cifar({{1}}, 1));
    DOCTEST_CHECK(data::open_picture_set("cifar10", {}, {}).train.size(0) == 1);
    ::unsetenv("EBMLAB_DATA");
    DOCTEST_CHECK(data::open_picture_set("cifar10", unpacked, {}).train.size(0) == 1);

    // What a set says can be done: its name is one that `data get` knows, and where that one says that the
    // files go, the set is found.
    ::setenv("EBMLAB_DATA", folder.path.c_str(), 1);
    for (const std::string& name : data::picture_set_names()) {
        fs::remove_all(folder.path / "cifar10");
        const std::string remedy = failure_of([&] { data::open_picture_set(name, {}, {}); });
        const std::string start = "ebmlab data get ";
        DOCTEST_REQUIRE(contains(remedy, start));
        const std::string rest = remedy.substr(remedy.find(start) + start.size());
        const data::CatalogueSet& known = data::catalogue_set(
            rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_")));
        DOCTEST_CHECK(contains(remedy, known.page) == known.by_hand());
    }
    const data::CatalogueSet& imagenet = data::catalogue_set("imagenet");
    const std::string by_hand =
        failure_of([&] { data::get_set(imagenet, {}, [](const data::GetStage&) { return true; }); });
    DOCTEST_CHECK(contains(by_hand, (folder.path / "imagenet/train").string()));
    tests::write(folder.path / "imagenet/train/n01/1.png", tests::png(150, 130, 3, 40));
    tests::write(folder.path / "imagenet/train/n02/1.png", tests::png(128, 200, 3, 50));
    const PictureSet found = data::open_picture_set("imagenet128", {}, {});
    DOCTEST_CHECK(found.train.size(0) + found.held_out.size(0) == 2);
    DOCTEST_CHECK(found.classes == std::vector<std::string>{"n01", "n02"});
    ::unsetenv("EBMLAB_DATA");

    DOCTEST_CHECK(data::form_of_set("imagenet128", {}).size == 128);
    DOCTEST_CHECK(data::form_of_set("imagenet128", {64}).size == 64);
    DOCTEST_CHECK(!data::is_picture_set("mnist"));
}
