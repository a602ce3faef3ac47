#include "core/store/image.h"

#include "core/base/files.h"
#include "tests/unit/data/picture_files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace ebm;
using store::Image;
using tests::contains;
using tests::failure_of;

namespace {

Image gradient(int width, int height, int channels) {
    Image image{width, height, channels, {}};
    for (int i = 0; i < width * height * channels; ++i)
        image.pixels.push_back(static_cast<std::uint8_t>(i * 37 / 5));
    return image;
}

std::string image_failure(std::span<const std::byte> content) {
    return failure_of([&] { store::decode_image(content, "picture.png"); });
}

/// Sets the big-endian number at `at` and mends the checksum of the IHDR chunk.
void set_header_number(std::vector<std::byte>& png, size_t at, std::uint32_t value) {
    const auto put = [&](size_t where, std::uint32_t number) {
        for (size_t i = 0; i < 4; ++i)
            png[where + i] = static_cast<std::byte>(number >> (24 - 8 * i));
    };
    put(at, value);
    put(29, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(png.data() + 12), 17)));
}

} // namespace

DOCTEST_TEST_CASE("pictures: PNG of 1 to 4 channels is read back exactly") {
    const tests::TemporaryFolder folder;
    for (int channels = 1; channels <= 4; ++channels) {
        const Image image = gradient(17, 9, channels);
        store::write_png(folder.path / "a.png", image);
        const Image back = store::read_image(folder.path / "a.png");
        DOCTEST_CHECK(back.width == 17);
        DOCTEST_CHECK(back.height == 9);
        DOCTEST_CHECK(back.channels == channels);
        DOCTEST_CHECK(back.pixels == image.pixels);
    }
    DOCTEST_CHECK(failure_of([] { store::encode_png({2, 2, 3, {1, 2, 3}}); }) != "no error");
    DOCTEST_CHECK(failure_of([] { store::encode_png({0, 0, 1, {}}); }) != "no error");
}

DOCTEST_TEST_CASE("pictures: a grey JPEG") {
    // 8 × 8, the left half 200, the right half 40, quality 90.
    constexpr char bytes[] =
        "\xff\xd8\xff\xe0\x00\x10\x4a\x46\x49\x46\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x43"
        "\x00\x03\x02\x02\x03\x02\x02\x03\x03\x03\x03\x04\x03\x03\x04\x05\x08\x05\x05\x04\x04\x05\x0a\x07"
        "\x07\x06\x08\x0c\x0a\x0c\x0c\x0b\x0a\x0b\x0b\x0d\x0e\x12\x10\x0d\x0e\x11\x0e\x0b\x0b\x10\x16\x10"
        "\x11\x13\x14\x15\x15\x15\x0c\x0f\x17\x18\x16\x14\x18\x12\x14\x15\x14\xff\xc0\x00\x0b\x08\x00\x08"
        "\x00\x08\x01\x01\x11\x00\xff\xc4\x00\x14\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x05\xff\xc4\x00\x18\x10\x00\x02\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x09\x47\x85\xc4\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x29\x92\x47\x76\x39\x4f\xff\xd9";
    const std::string_view jpeg(bytes, sizeof bytes - 1);
    const Image image = store::decode_image(files::as_bytes(jpeg), "picture.jpg");
    DOCTEST_REQUIRE(image.width == 8);
    DOCTEST_REQUIRE(image.height == 8);
    DOCTEST_REQUIRE(image.channels == 1);
    for (int i = 0; i < 64; ++i)
        DOCTEST_CHECK(std::abs(image.pixels[static_cast<size_t>(i)] - (i % 8 < 4 ? 200 : 40)) <= 6);
    for (size_t length = 0; length < jpeg.size(); ++length)
        DOCTEST_CHECK(image_failure(files::as_bytes(jpeg.substr(0, length))) != "no error");
}

DOCTEST_TEST_CASE("pictures: a JPEG with foreign bytes among its pixels is refused, or they are said") {
    constexpr int side = 64;
    std::vector<std::uint8_t> pixels;
    std::uint32_t state = 1;
    const auto random = [&] { return (state = 1664525 * state + 1013904223) >> 24; };
    for (int i = 0; i < side * side * 3; ++i)
        pixels.push_back(static_cast<std::uint8_t>(random()));
    const std::string whole = tests::packed_jpeg(pixels, side, side, TJPF_RGB, TJSAMP_444);
    const auto decoded = [](const std::string& content) {
        return store::decode_image(files::as_bytes(content), "picture.jpg");
    };
    const Image good = decoded(whole);
    DOCTEST_CHECK_FALSE(good.leftover);
    // Foreign bytes take fewer bits a block than noise, and more than what is all the same.
    int refused = 0, said = 0;
    constexpr int tries = 200;
    for (int i = 0; i < tries; ++i) {
        std::string damaged = i % 2 ? whole : tests::jpeg(side, side, 50);
        for (std::size_t k = 0; k < 40; ++k)
            damaged[damaged.size() - 60 + k] = static_cast<char>(random() % 255); // no mark
        try {
            said += decoded(damaged).leftover;
        } catch (const Error&) {
            ++refused;
        }
    }
    DOCTEST_CHECK(refused > tries / 4);
    DOCTEST_CHECK(said > tries / 4);
    DOCTEST_CHECK(refused + said >= tries * 95 / 100); // the others end by chance where the pixels do
    // What lies between segments, as cameras leave it, costs nothing; what lies before the end is said.
    const std::size_t tables = whole.find("\xFF\xDB");
    DOCTEST_REQUIRE(tables != std::string::npos);
    const std::string camera = whole.substr(0, tables) + std::string("\0\x7F", 2) + whole.substr(tables);
    DOCTEST_CHECK(decoded(camera).pixels == good.pixels);
    DOCTEST_CHECK_FALSE(decoded(camera).leftover);
    store::Input input(files::as_bytes(camera), "camera.jpg");
    DOCTEST_CHECK(store::image_header(input).width == side);
    const std::string padded = whole.substr(0, whole.size() - 2) + std::string(3, '\0') + "\xFF\xD9";
    DOCTEST_CHECK(decoded(padded).pixels == good.pixels);
    DOCTEST_CHECK(decoded(padded).leftover);
}

DOCTEST_TEST_CASE("pictures: a JPEG of 12 bits, or of a kind that is not read, is called what it is") {
    std::string content = tests::jpeg(16, 16, 100);
    const std::size_t frame = content.find("\xFF\xC0");
    DOCTEST_REQUIRE(frame != std::string::npos);
    const auto failures = [&] {
        store::Input input(files::as_bytes(content), "picture.jpg");
        const std::string decoding = image_failure(files::as_bytes(content));
        DOCTEST_CHECK(failure_of([&] { store::image_header(input); }).substr(0, 20) ==
                      decoding.substr(0, 20));
        return decoding;
    };
    content[frame + 1] = '\xC1';
    content[frame + 4] = 12;
    DOCTEST_CHECK(contains(failures(), "The JPEG has 12 bits a channel"));
    content[frame + 4] = 8;
    content[frame + 1] = '\xC3';
    DOCTEST_CHECK(contains(failures(), "of the lossless kind"));
    content[frame + 1] = '\xC5';
    DOCTEST_CHECK(contains(failures(), "of the hierarchical kind"));
}

DOCTEST_TEST_CASE("pictures: cut off, flipped and foreign files") {
    const std::vector<std::byte> good = store::encode_png(gradient(20, 20, 3));
    DOCTEST_CHECK(image_failure(good) == "no error");
    for (size_t length = 0; length < good.size(); ++length)
        DOCTEST_CHECK(image_failure(std::span(good).first(length)) != "no error");
    for (size_t i = 0; i < good.size(); ++i) {
        std::vector<std::byte> damaged = good;
        damaged[i] ^= std::byte{0x04};
        DOCTEST_CHECK(image_failure(damaged) != "no error");
    }
    DOCTEST_CHECK(contains(image_failure({}), "empty"));
    DOCTEST_CHECK(contains(image_failure(files::as_bytes("GIF89a")), "neither PNG nor JPEG"));
    DOCTEST_CHECK(contains(image_failure(files::as_bytes("\xFF\xD8\xFF and so on")), "damaged"));
}

DOCTEST_TEST_CASE("pictures: a palette PNG has only colours of its palette") {
    // Two pixels in a row, named 0 and `second`, with a palette of two colours.
    const auto png = [](unsigned char second) {
        std::vector<std::byte> content;
        const auto number = [&](std::uint32_t value) {
            for (int shift = 24; shift >= 0; shift -= 8)
                content.push_back(static_cast<std::byte>(value >> shift & 255));
        };
        const auto chunk = [&](const std::string& type, const std::vector<unsigned char>& bytes) {
            number(static_cast<std::uint32_t>(bytes.size()));
            const std::size_t begin = content.size();
            for (const char c : type)
                content.push_back(static_cast<std::byte>(c));
            for (const unsigned char byte : bytes)
                content.push_back(static_cast<std::byte>(byte));
            number(static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(content.data() + begin),
                                                    static_cast<uInt>(content.size() - begin))));
        };
        for (const unsigned char byte : {0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A})
            content.push_back(static_cast<std::byte>(byte));
        chunk("IHDR", {0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0});
        chunk("PLTE", {10, 20, 30, 40, 50, 60});
        const std::vector<unsigned char> row = {0, 0, second};
        std::vector<unsigned char> packed(compressBound(row.size()));
        uLongf size = packed.size();
        compress(packed.data(), &size, row.data(), row.size());
        packed.resize(size);
        chunk("IDAT", packed);
        chunk("IEND", {});
        return content;
    };
    DOCTEST_CHECK(store::decode_image(png(1), "a.png").pixels ==
                  std::vector<std::uint8_t>{10, 20, 30, 40, 50, 60});
    DOCTEST_CHECK(contains(image_failure(png(2)), "palette"));
    DOCTEST_CHECK(contains(image_failure(png(255)), "palette"));
}

DOCTEST_TEST_CASE("pictures: sizes beyond the limits are refused before their pixels are made") {
    std::vector<std::byte> png = store::encode_png(gradient(20, 20, 3));
    set_header_number(png, 16, 16384);
    DOCTEST_CHECK(contains(image_failure(png), "damaged")); // the data end long before the promised pixels
    set_header_number(png, 20, 16384);
    DOCTEST_CHECK(contains(image_failure(png), "more than are supported"));
    set_header_number(png, 16, 30'000); // more than the decoder knows of
    set_header_number(png, 20, 30'000);
    DOCTEST_CHECK(contains(image_failure(png), "30000 × 30000 pixels, more than are supported"));
    set_header_number(png, 16, 0x7FFFFFFF);
    DOCTEST_CHECK(image_failure(png) != "no error");
    set_header_number(png, 16, 0);
    DOCTEST_CHECK(image_failure(png) != "no error");
}
