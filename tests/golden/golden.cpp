#include "tests/golden/golden.h"

#include "core/store/image.h"

#include <cstdlib>
#include <filesystem>

namespace ebm::golden {

Difference compare(const std::vector<std::uint8_t>& actual, const std::vector<std::uint8_t>& expected,
                   int channel_tolerance) {
    Difference difference;
    std::size_t failed = 0;
    difference.picture.resize(actual.size(), 255);
    for (std::size_t pixel = 0; pixel + 3 < actual.size(); pixel += 4) {
        bool differs = false;
        for (std::size_t channel = 0; channel < 4; ++channel) {
            differs |=
                std::abs(int(actual[pixel + channel]) - int(expected[pixel + channel])) > channel_tolerance;
            if (channel < 3)
                difference.picture[pixel + channel] = static_cast<std::uint8_t>(actual[pixel + channel] / 3);
        }
        if (!differs) continue;
        ++failed;
        difference.picture[pixel] = 255;
    }
    difference.failed_share =
        actual.empty() ? 0 : static_cast<double>(failed) / (static_cast<double>(actual.size()) / 4);
    return difference;
}

std::string check(const std::string& name, const draw::Offscreen& picture, int channel_tolerance) {
    const std::filesystem::path expected_file = std::filesystem::path(EBM_GOLDEN) / (name + ".png");
    const store::Image actual{picture.width(), picture.height(), 4, picture.read_pixels()};
    if (const char* update = std::getenv("UPDATE_GOLDEN"); update && *update == '1') {
        store::write_png(expected_file, actual);
        return {};
    }
    const std::filesystem::path failed = EBM_GOLDEN_FAILED;
    std::filesystem::create_directories(failed);
    const auto keep = [&](const std::string& why) {
        store::write_png(failed / (name + "_actual.png"), actual);
        return why + "; see " + failed.string() + "/" + name + "_*.png";
    };
    if (!std::filesystem::exists(expected_file)) return keep("there is no " + expected_file.string());
    const store::Image expected = store::read_image(expected_file);
    if (expected.width != actual.width || expected.height != actual.height || expected.channels != 4)
        return keep("the size differs");
    const Difference difference = compare(actual.pixels, expected.pixels, channel_tolerance);
    if (difference.failed_share <= 0.01) return {};
    store::write_png(failed / (name + "_difference.png"),
                     {actual.width, actual.height, 4, difference.picture});
    return keep(std::to_string(100 * difference.failed_share) + " % of the pixels differ");
}

} // namespace ebm::golden
