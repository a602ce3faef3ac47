#include "app/window/colormap.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace ebm::window {
namespace {

// Evenly spaced samples of the maps of matplotlib (CC0), 0xRRGGBB. Straight lines between them are
// within 2.2/255.
constexpr std::uint32_t viridis[] = {0x440154, 0x470D60, 0x48186A, 0x482374, 0x472D7B, 0x453681, 0x424086,
                                     0x3F4989, 0x3B528B, 0x375A8D, 0x33638D, 0x2F6A8E, 0x2C728E, 0x297A8E,
                                     0x26818E, 0x23898E, 0x21908C, 0x1F988B, 0x1F9F88, 0x21A685, 0x28AE80,
                                     0x31B57B, 0x3EBC74, 0x4CC26C, 0x5DC963, 0x6ECE58, 0x82D34C, 0x96D83F,
                                     0xABDC32, 0xC0DF24, 0xD5E21A, 0xEAE51A, 0xFDE725};
constexpr std::uint32_t magma[] = {0x000004, 0x030311, 0x0A0822, 0x130D33, 0x1D1146, 0x28115A, 0x36106A,
                                   0x430F76, 0x50127C, 0x5D177F, 0x691C81, 0x762181, 0x822681, 0x8F2A81,
                                   0x9C2E7F, 0xA9327D, 0xB63779, 0xC33B75, 0xCF4170, 0xDB486A, 0xE65163,
                                   0xEE5C5E, 0xF5695C, 0xF9785D, 0xFB8761, 0xFD9668, 0xFEA571, 0xFEB47B,
                                   0xFEC387, 0xFED194, 0xFDE0A2, 0xFCEEB0, 0xFCFDBF};
constexpr std::uint32_t cividis[] = {
    0x00224E, 0x002554, 0x00285B, 0x002B62, 0x002E6A, 0x003070, 0x043371, 0x113570, 0x1A386F, 0x213B6E,
    0x273E6E, 0x2D416D, 0x32436D, 0x36466C, 0x3B496C, 0x3F4C6C, 0x434E6C, 0x47516C, 0x4B546C, 0x4F576C,
    0x52596D, 0x565C6D, 0x5A5F6E, 0x5D626E, 0x61656F, 0x646770, 0x686A71, 0x6B6D72, 0x6F7073, 0x727374,
    0x757676, 0x797877, 0x7C7B78, 0x807E78, 0x848179, 0x878478, 0x8B8778, 0x8F8A78, 0x938D78, 0x979077,
    0x9B9376, 0x9F9676, 0xA39A75, 0xA79D74, 0xABA072, 0xAFA371, 0xB3A670, 0xB7AA6E, 0xBBAD6C, 0xBFB06B,
    0xC3B469, 0xC8B766, 0xCCBA64, 0xD0BE61, 0xD4C15F, 0xD9C55C, 0xDDC958, 0xE1CC55, 0xE6D051, 0xEAD44C,
    0xEFD748, 0xF4DB42, 0xF8DF3C, 0xFDE334, 0xFEE838};
constexpr std::uint32_t grey[] = {0x101010, 0xF4F4F4};
constexpr std::uint32_t difference[] = {0x1F5FA8, 0x7FB0DC, 0xF4F4F4, 0xEDA55F, 0xA84E08};

std::array<Rgb, 256> interpolate(std::span<const std::uint32_t> anchors) {
    std::array<Rgb, 256> table;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double at = static_cast<double>(i) / 255 * static_cast<double>(anchors.size() - 1);
        const std::size_t low = std::min(static_cast<std::size_t>(at), anchors.size() - 2);
        const double share = at - static_cast<double>(low);
        for (int channel = 0; channel < 3; ++channel) {
            const auto part = [channel](std::uint32_t rgb) {
                return static_cast<double>(rgb >> (16 - 8 * channel) & 255);
            };
            const double value = (1 - share) * part(anchors[low]) + share * part(anchors[low + 1]);
            table[i][static_cast<std::size_t>(channel)] = static_cast<std::uint8_t>(std::lround(value));
        }
    }
    return table;
}

} // namespace

const char* colormap_name(Colormap map) {
    switch (map) {
    case Colormap::viridis:
        return "viridis";
    case Colormap::magma:
        return "magma";
    case Colormap::cividis:
        return "cividis";
    case Colormap::grey:
        return "grey";
    }
    return "";
}

const std::array<Rgb, 256>& colormap_table(Colormap map) {
    static const std::array<std::array<Rgb, 256>, 4> tables = {interpolate(viridis), interpolate(magma),
                                                               interpolate(cividis), interpolate(grey)};
    return tables[static_cast<std::size_t>(map)];
}

const std::array<Rgb, 256>& difference_table() {
    static const std::array<Rgb, 256> table = interpolate(difference);
    return table;
}

Rgb colormap_at(Colormap map, float t) {
    const float clamped = t > 0 ? std::min(t, 1.0f) : 0.0f;
    return colormap_table(map)[static_cast<std::size_t>(std::lround(clamped * 255))];
}

} // namespace ebm::window
