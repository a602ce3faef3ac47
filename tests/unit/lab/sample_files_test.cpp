#include "core/base/error.h"
#include "core/lab/sample_files.h"
#include "core/store/image.h"
#include "core/store/npy.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

using ebm::lab::read_samples;
using ebm::lab::Samples;
using ebm::lab::write_samples;

DOCTEST_TEST_CASE("samples written as numbers are read back exactly") {
    const ebm::tests::TemporaryFolder folder;
    const Samples points{3, {}, {0.1f, -2.5f, 1e-7f, 3.0f, 4.0f, -0.33333334f}};
    for (const char* name : {"points.csv", "points.npy"}) {
        const std::string path = (folder.path / name).string();
        write_samples(path, points, ebm::data::plane_coding(), 4);
        const Samples back = read_samples(path, points.kind, ebm::data::plane_coding());
        DOCTEST_CHECK(back.count == 3);
        DOCTEST_CHECK(back.values == points.values);
    }
    Samples pictures{2, {false, 1, 2, 3}, {}};
    for (int i = 0; i < 12; ++i)
        pictures.values.push_back(static_cast<float>(i) / 6 - 1);
    for (const char* name : {"pictures.csv", "pictures.npy"}) {
        const std::string path = (folder.path / name).string();
        write_samples(path, pictures, {}, 4);
        DOCTEST_CHECK(read_samples(path, pictures.kind, {}).values == pictures.values);
    }
}

DOCTEST_TEST_CASE("a large array of another shape is refused by its header") {
    const ebm::tests::TemporaryFolder folder;
    const std::string path = (folder.path / "large.npy").string();
    ebm::store::write_npy(path, {{1, 20}, std::vector<float>(20)});
    // The header says 1,000,000 rows now. Nothing but its first bytes can be read: a hole follows.
    std::string header(128, '\0');
    {
        std::ifstream file(path, std::ios::binary);
        file.read(header.data(), 128);
    }
    const std::size_t at = header.find("(1, 20), }            ");
    DOCTEST_REQUIRE(at != std::string::npos);
    header.replace(at, 17, "(1000000, 20), } ");
    {
        std::ofstream file(path, std::ios::binary);
        file << header;
    }
    std::filesystem::resize_file(path, 128 + 80'000'000);
    for (const ebm::lab::SampleKind& kind :
         {ebm::lab::SampleKind{}, ebm::lab::SampleKind{false, 1, 28, 28}}) {
        const std::string said =
            ebm::tests::failure_of([&] { read_samples(path, kind, ebm::data::plane_coding()); });
        DOCTEST_CHECK(said.find("The array has 20 numbers a record") != std::string::npos);
    }
}

DOCTEST_TEST_CASE("a grid of pictures shows each at its place") {
    const ebm::tests::TemporaryFolder folder;
    const std::string path = (folder.path / "grid.png").string();
    Samples pictures{3, {false, 1, 2, 2}, {}};
    for (const float level : {-1.0f, 0.0f, 1.0f})
        pictures.values.insert(pictures.values.end(), 4, level);
    write_samples(path, pictures, {}, 4);
    const ebm::store::Image image = ebm::store::read_image(path);
    DOCTEST_REQUIRE(image.channels == 1);
    // Two columns and two rows of 2 × 8 pixels with lines of one pixel.
    DOCTEST_REQUIRE(image.width == 35);
    DOCTEST_REQUIRE(image.height == 35);
    const auto at = [&](int x, int y) {
        return static_cast<int>(image.pixels[static_cast<std::size_t>(y * 35 + x)]);
    };
    DOCTEST_CHECK(at(1, 1) == 0);
    DOCTEST_CHECK(at(16, 16) == 0);
    DOCTEST_CHECK(at(18, 1) == 128);
    DOCTEST_CHECK(at(1, 18) == 255);
    DOCTEST_CHECK(at(17, 5) == 128);
    DOCTEST_CHECK(at(34, 34) == 128);
}

DOCTEST_TEST_CASE("a scatter plot has y upwards and leaves out what lies outside") {
    const ebm::tests::TemporaryFolder folder;
    const std::string path = (folder.path / "points.png").string();
    write_samples(path, Samples{2, {}, {-1.0f, 1.0f, 9.0f, 0.0f}}, ebm::data::plane_coding(), 2);
    const ebm::store::Image image = ebm::store::read_image(path);
    DOCTEST_REQUIRE(image.width == 900);
    std::size_t dark = 0;
    for (const std::uint8_t pixel : image.pixels)
        dark += pixel < 255;
    DOCTEST_CHECK(dark == 9);
    DOCTEST_CHECK(image.pixels[225 * 900 + 225] < 255);
}

DOCTEST_TEST_CASE("unknown kinds of files are refused before anything is computed") {
    DOCTEST_CHECK_THROWS_AS(ebm::lab::require_writable_kind("samples.gif"), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(ebm::lab::require_writable_kind("samples"), ebm::Error);
    ebm::lab::require_writable_kind("a.b/samples.npy");
}
