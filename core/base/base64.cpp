#include "core/base/base64.h"

#include "core/base/error.h"

namespace ebm {
namespace {

constexpr std::string_view signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string base64(const files::Bytes& bytes) {
    std::string text;
    unsigned held = 0;
    int bits = 0;
    for (const std::byte byte : bytes) {
        held = held << 8 | std::to_integer<unsigned>(byte);
        for (bits += 8; bits >= 6; bits -= 6)
            text += signs[held >> (bits - 6) & 63u];
        held &= (1u << bits) - 1;
    }
    if (bits > 0) text += signs[held << (6 - bits) & 63u];
    return text;
}

files::Bytes from_base64(std::string_view text, const std::string& what) {
    files::Bytes bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char sign : text) {
        const auto value = signs.find(sign);
        if (value == std::string_view::npos)
            throw Error("The " + what + " has a sign that none has: '" + sign + "'", "",
                        "Copy it again as a whole.");
        held = held << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<std::byte>(held >> bits & 255u));
        held &= (1u << bits) - 1;
    }
    return bytes;
}

} // namespace ebm
