#include "core/store/animation.h"

#include "core/base/files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <cstdlib>

#include <doctest/doctest.h>
#include <gif_lib.h>

using namespace ebm;
using store::Image;
using tests::contains;
using tests::failure_of;

namespace {

/// A grey ground with a square of 4 × 4 pixels in one colour, `at` pixels from the left.
Image square(int at, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    Image image{32, 16, 4, {}};
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const bool in = x >= at && x < at + 4 && y >= 6 && y < 10;
            for (const std::uint8_t value : {in ? red : std::uint8_t{64}, in ? green : std::uint8_t{64},
                                             in ? blue : std::uint8_t{64}, std::uint8_t{255}})
                image.pixels.push_back(value);
        }
    return image;
}

struct Frames {
    std::vector<std::vector<std::uint8_t>> rgb; ///< as they are seen one after the other
    std::vector<int> delays, changed;           ///< hundredths of a second; pixels that are not transparent
};

/// Every picture of a GIF as a viewer shows it, by giflib's reader.
Frames read_gif(const std::filesystem::path& path) {
    int error = 0;
    GifFileType* file = DGifOpenFileName(path.c_str(), &error);
    DOCTEST_REQUIRE(file != nullptr);
    DOCTEST_REQUIRE(DGifSlurp(file) == GIF_OK);
    Frames frames;
    std::vector<std::uint8_t> screen(static_cast<std::size_t>(file->SWidth * file->SHeight * 3));
    for (int i = 0; i < file->ImageCount; ++i) {
        const SavedImage& image = file->SavedImages[i];
        GraphicsControlBlock control{};
        DOCTEST_REQUIRE(DGifSavedExtensionToGCB(file, i, &control) == GIF_OK);
        int changed = 0;
        for (int k = 0; k < file->SWidth * file->SHeight; ++k) {
            const int index = image.RasterBits[k];
            if (index == control.TransparentColor) continue;
            ++changed;
            const GifColorType& color = image.ImageDesc.ColorMap->Colors[index];
            screen[static_cast<std::size_t>(3 * k)] = color.Red;
            screen[static_cast<std::size_t>(3 * k + 1)] = color.Green;
            screen[static_cast<std::size_t>(3 * k + 2)] = color.Blue;
        }
        frames.rgb.push_back(screen);
        frames.delays.push_back(control.DelayTime);
        frames.changed.push_back(changed);
    }
    DGifCloseFile(file, &error);
    return frames;
}

/// giflib's choice of colours knows 32 levels of each.
bool alike(const std::vector<std::uint8_t>& rgb, const Image& image) {
    for (std::size_t i = 0; i < rgb.size(); ++i)
        if (std::abs(rgb[i] - image.pixels[i / 3 * 4 + i % 3]) > 8) return false;
    return true;
}

const Image pictures[] = {square(2, 240, 16, 16), square(3, 240, 16, 16), square(3, 240, 16, 16),
                          square(20, 16, 16, 240)};

} // namespace

DOCTEST_TEST_CASE("animations: a GIF shows the pictures one after the other, and only what changed is new") {
    const tests::TemporaryFolder folder;
    for (const bool background : {false, true}) {
        const auto path = folder.path / (background ? "b.gif" : "a.GIF");
        auto animation = store::open_animation(path, 20);
        if (background) animation = store::in_background(std::move(animation));
        for (const Image& picture : pictures)
            animation->add(picture);
        DOCTEST_CHECK(!std::filesystem::exists(path));
        animation->finish();
        const Frames frames = read_gif(path);
        DOCTEST_REQUIRE(frames.rgb.size() == 4);
        for (std::size_t i = 0; i < 4; ++i)
            DOCTEST_CHECK(alike(frames.rgb[i], pictures[i]));
        DOCTEST_CHECK(frames.delays == std::vector<int>{5, 5, 5, 5});
        DOCTEST_CHECK(frames.changed == std::vector<int>{32 * 16, 8, 0, 32});
    }
}

DOCTEST_TEST_CASE("animations: a folder gets numbered pictures, and is not mixed with others") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "frames";
    auto animation = store::open_animation(path, 20);
    for (const Image& picture : pictures)
        animation->add(picture);
    animation->finish();
    const Image third = store::read_image(path / "frame-0003.png");
    DOCTEST_CHECK(third.pixels == pictures[2].pixels);
    DOCTEST_CHECK(!std::filesystem::exists(path / "frame-0005.png"));
    DOCTEST_CHECK(contains(failure_of([&] { store::open_animation(path, 20); }), "not empty"));
}

DOCTEST_TEST_CASE("animations: what is discarded leaves nothing, and nothing of others is touched") {
    const tests::TemporaryFolder folder;
    const auto square_at = [](int at) { return square(at, 255, 0, 0); };
    for (const bool background : {false, true}) {
        for (const char* name : {"new", "there"}) {
            const auto path = folder.path / name;
            const bool there = std::filesystem::exists(path) || name == std::string("there");
            if (there) std::filesystem::create_directory(path);
            auto animation = store::open_animation(path, 20);
            if (background) animation = store::in_background(std::move(animation));
            for (int at = 0; at < 3; ++at)
                animation->add(square_at(at));
            if (there) files::write_atomically(path / "mine.txt", "kept");
            animation->discard();
            animation.reset();
            DOCTEST_CHECK(std::filesystem::exists(path) == there);
            DOCTEST_CHECK_FALSE(std::filesystem::exists(path / "frame-0001.png"));
            if (there) DOCTEST_CHECK(std::filesystem::remove(path / "mine.txt"));
        }
        auto gif = store::open_animation(folder.path / "a.gif", 20);
        if (background) gif = store::in_background(std::move(gif));
        gif->add(square_at(1));
        gif->discard();
        gif.reset();
        DOCTEST_CHECK_FALSE(std::filesystem::exists(folder.path / "a.gif"));
    }
}

DOCTEST_TEST_CASE("animations: what cannot be is said in words, and leaves no file") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "a.gif";
    DOCTEST_CHECK(contains(failure_of([&] { store::open_animation(folder.path / "a.avi", 20); }), ".avi"));
    DOCTEST_CHECK(contains(failure_of([&] { store::open_animation(path, 500); }), "500"));
    auto empty = store::open_animation(path, 20);
    DOCTEST_CHECK(contains(failure_of([&] { empty->finish(); }), "no picture"));
    auto unequal = store::open_animation(path, 20);
    unequal->add(pictures[0]);
    DOCTEST_CHECK(contains(failure_of([&] {
                               unequal->add(Image{8, 8, 4, std::vector<std::uint8_t>(256)});
                           }),
                           "8 × 8"));
    unequal.reset();
    // A folder that is missing is missed at once, one that goes away at the end.
    DOCTEST_CHECK(contains(failure_of([&] { store::open_animation(folder.path / "nowhere" / "a.gif", 20); }),
                           "nowhere"));
    std::filesystem::create_directory(folder.path / "gone");
    auto late = store::in_background(store::open_animation(folder.path / "gone" / "a.gif", 20));
    std::filesystem::remove(folder.path / "gone");
    late->add(pictures[0]);
    DOCTEST_CHECK(contains(failure_of([&] { late->finish(); }), "gone"));
    DOCTEST_CHECK(std::filesystem::is_empty(folder.path));
}

DOCTEST_TEST_CASE("animations: films go through ffmpeg, and without it that is said") {
    const tests::TemporaryFolder folder;
    const char* const path = std::getenv("PATH");
    const std::string before = path ? path : "";
    const auto bin = folder.path / "bin";
    std::filesystem::create_directory(bin);
    ::setenv("PATH", bin.c_str(), 1);
    const auto film = folder.path / "film.mp4";
    DOCTEST_CHECK(contains(failure_of([&] { store::open_animation(film, 20); }), "ffmpeg"));
    // One that keeps what it was given: the last argument is its output.
    files::write_atomically(
        bin / "ffmpeg", std::string_view("#!/bin/sh\nfor last; do :; done\n/bin/cat > \"${last#file:}\"\n"));
    std::filesystem::permissions(bin / "ffmpeg", std::filesystem::perms::owner_all);
    auto animation = store::open_animation(film, 20);
    animation->add(pictures[0]);
    animation->add(pictures[3]);
    DOCTEST_CHECK(!std::filesystem::exists(film));
    animation->finish();
    DOCTEST_CHECK(std::filesystem::file_size(film) == 2 * 32 * 16 * 3);
    // And one that fails.
    files::write_atomically(bin / "ffmpeg", std::string_view("#!/bin/sh\nexit 3\n"));
    std::filesystem::permissions(bin / "ffmpeg", std::filesystem::perms::owner_all);
    const auto other = folder.path / "other.mp4";
    DOCTEST_CHECK(contains(failure_of([&] {
                               auto failing = store::open_animation(other, 20);
                               failing->add(pictures[0]);
                               failing->finish();
                           }),
                           "did not write"));
    DOCTEST_CHECK(!std::filesystem::exists(other));
    ::setenv("PATH", before.c_str(), 1);
}
