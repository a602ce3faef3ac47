#include "core/data/images.h"

#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/store/table.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

using namespace ebm;
using data::ImageSet;
using tests::contains;
using tests::failure_of;

namespace {

data::IdxArray three_images() {
    data::IdxArray images{{3, 2, 4}, {}};
    for (std::uint8_t i = 0; i < 24; ++i)
        images.values.push_back(static_cast<std::uint8_t>(10 * i));
    return images;
}

std::string failure(std::span<const std::byte> content) {
    return failure_of([&] { data::parse_idx(content, "images.idx"); });
}

std::vector<std::byte> header(std::initializer_list<unsigned> bytes) {
    std::vector<std::byte> content;
    for (const unsigned b : bytes)
        content.push_back(static_cast<std::byte>(b));
    return content;
}

std::string digit_row(int ink, int label) {
    std::string row;
    for (int i = 0; i < 784; ++i)
        row += std::to_string(i % 2 ? ink : 0) + ",";
    return row + std::to_string(label) + "\n";
}

} // namespace

DOCTEST_TEST_CASE("idx: images and labels, gzip or not") {
    const tests::TemporaryFolder folder;
    const data::IdxArray images = three_images();
    const data::IdxArray labels{{3}, {7, 8, 9}};
    files::write_atomically(folder.path / "my-images-idx3-ubyte", data::format_idx(images));
    files::write_atomically(folder.path / "my-labels-idx1-ubyte", data::format_idx(labels));
    files::write_atomically(folder.path / "packed.gz", files::gzip(data::format_idx(images)));

    const auto beside = data::labels_beside(folder.path / "my-images-idx3-ubyte");
    DOCTEST_CHECK(beside == folder.path / "my-labels-idx1-ubyte");
    const ImageSet set = data::read_images(folder.path / "my-images-idx3-ubyte", beside);
    DOCTEST_CHECK(set.count == 3);
    DOCTEST_CHECK(set.channels == 1);
    DOCTEST_CHECK(set.height == 2);
    DOCTEST_CHECK(set.width == 4);
    DOCTEST_CHECK(set.pixels == images.values);
    DOCTEST_CHECK(set.labels == labels.values);

    DOCTEST_CHECK(data::labels_beside(folder.path / "packed.gz").empty());
    const ImageSet packed = data::read_images(folder.path / "packed.gz");
    DOCTEST_CHECK(packed.pixels == images.values);
    DOCTEST_CHECK(packed.labels.empty());

    const auto mixed_up = [&](const char* first, const char* second) {
        return failure_of([&] { data::read_images(folder.path / first, folder.path / second); });
    };
    DOCTEST_CHECK(contains(mixed_up("my-labels-idx1-ubyte", ""), "1 dimensions, but images have 3"));
    DOCTEST_CHECK(contains(mixed_up("packed.gz", "packed.gz"), "do not belong to the 3 images"));
    DOCTEST_CHECK(contains(mixed_up("missing", ""), "no such file"));
}

DOCTEST_TEST_CASE("idx: wrong types, sizes and files of another kind") {
    DOCTEST_CHECK(contains(failure({}), "empty"));
    DOCTEST_CHECK(contains(failure(files::as_bytes("1,2\n")), "not in the IDX format"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 8})), "not in the IDX format"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 0x0D, 2})), "within its header"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 0x0E, 2})), "within its header"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 0x07, 2})), "not in the IDX format"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 8, 0})), "0 dimensions"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 8, 5})), "5 dimensions"));
    DOCTEST_CHECK(contains(failure(header({0, 0, 8, 3, 0, 0})), "within its header"));
    // 4 billion images of 4 billion × 4 billion pixels.
    DOCTEST_CHECK(
        contains(failure(header({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})),
                 "promises"));
    // A product of 2^64, which is zero in 64 bits.
    DOCTEST_CHECK(
        contains(failure(header({0, 0, 8, 3, 128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 4})), "promises"));

    const std::vector<std::byte> good = data::format_idx(three_images());
    DOCTEST_CHECK(failure(good) == "no error");
    for (size_t length = 0; length < good.size(); ++length)
        DOCTEST_CHECK(failure(std::span(good).first(length)) != "no error");
    for (size_t i = 0; i < 16; ++i)
        for (int bit = 0; bit < 8; ++bit) {
            if (i == 2 && bit == 0) continue; // signed bytes, as long as unsigned ones
            std::vector<std::byte> damaged = good;
            damaged[i] ^= static_cast<std::byte>(1 << bit);
            DOCTEST_CHECK(failure(damaged) != "no error");
        }
    DOCTEST_CHECK(contains(failure(files::gzip(files::gzip(good))), "packed twice"));
}

DOCTEST_TEST_CASE("images: none in the file, and implausible sizes") {
    const tests::TemporaryFolder folder;
    const auto reading = [&](const data::IdxArray& array) {
        files::write_atomically(folder.path / "i", data::format_idx(array));
        return failure_of([&] { data::read_images(folder.path / "i"); });
    };
    DOCTEST_CHECK(contains(reading({{0, 28, 28}, {}}), "no images"));
    DOCTEST_CHECK(contains(reading({{1, 1, 5000}, std::vector<std::uint8_t>(5000)}), "5000 pixels"));
    DOCTEST_CHECK(contains(reading({{1, 2, 1, 1}, {1, 2}}), "2 channels"));
    DOCTEST_CHECK(reading({{1, 3, 1, 1}, {1, 2, 3}}) == "no error");
}

DOCTEST_TEST_CASE("digits: rows of 784 pixels and a label") {
    const std::string text = digit_row(255, 3) + digit_row(17, 9);
    for (const std::vector<std::byte>& content :
         {files::gzip(files::as_bytes(text)),
          files::Bytes(files::as_bytes(text).begin(), files::as_bytes(text).end())}) {
        const ImageSet set = data::parse_digit_table(content, "here");
        DOCTEST_CHECK(set.count == 2);
        DOCTEST_CHECK(set.labels == std::vector<std::uint8_t>{3, 9});
        DOCTEST_CHECK(set.pixels.size() == 2 * 784);
        DOCTEST_CHECK(set.pixels[1] == 255);
        DOCTEST_CHECK(set.pixels[784 + 1] == 17);
    }
    const auto failing = [](const std::string& csv) {
        return failure_of([&] { data::parse_digit_table(files::as_bytes(csv), "d.csv"); });
    };
    DOCTEST_CHECK(contains(failing(digit_row(256, 3)), "Line 1: 256 is not a pixel"));
    DOCTEST_CHECK(contains(failing(digit_row(1, 3) + digit_row(1, -1)), "Line 2: -1 is not a label"));
    DOCTEST_CHECK(contains(failing("1,2,3\n"), "3 columns"));
    DOCTEST_CHECK(contains(failing(""), "no digits"));
}

DOCTEST_TEST_CASE("images: the sets are found where they are, or the error says how to get them") {
    const tests::TemporaryFolder folder;
    DOCTEST_CHECK(contains(failure_of([&] { data::find_fashion_mnist(data::Split::train, folder.path); }),
                           "train-images-idx3-ubyte is missing"));
    DOCTEST_CHECK(!data::find_mnist(folder.path));

    files::write_atomically(folder.path / "mnist_5k.csv.gz", files::gzip(files::as_bytes(digit_row(1, 4))));
    DOCTEST_CHECK(data::find_mnist(folder.path).value().labels.at(0) == 4);
    files::write_atomically(folder.path / "t10k-images-idx3-ubyte.gz",
                            files::gzip(data::format_idx(three_images())));
    DOCTEST_CHECK(data::find_mnist(folder.path).value().count == 3);
    DOCTEST_CHECK(data::find_fashion_mnist(data::Split::held_out, folder.path).count == 3);
    files::write_atomically(folder.path / "t10k-images-idx3-ubyte.gz", "damaged");
    DOCTEST_CHECK(contains(failure_of([&] { data::find_mnist(folder.path); }), "not in the IDX format"));

    if (std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
        const ImageSet held_out = data::find_fashion_mnist(data::Split::held_out);
        DOCTEST_CHECK(held_out.count == 10000);
        DOCTEST_CHECK(held_out.pixels_per_image() == 784);
        DOCTEST_CHECK(held_out.labels.size() == 10000);
        std::int64_t sum = 0;
        for (const std::uint8_t pixel : held_out.pixels)
            sum += pixel;
        DOCTEST_CHECK(double(sum) / (10000.0 * 784) / 255 == doctest::Approx(0.2868).epsilon(0.001));
    }
}
