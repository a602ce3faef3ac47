#include "core/data/picture_form.h"

#include "core/base/error.h"
#include "core/base/tensor.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace ebm::data {
namespace {

/// Planes [channels][height][width] of bytes.
struct Planes {
    int channels = 1, height = 0, width = 0;
    std::vector<std::uint8_t> pixels;
};

void require_opaque(const store::Image& image, const std::string& source) {
    if (image.channels == 1 || image.channels == 3) return;
    const auto channels = static_cast<std::size_t>(image.channels);
    for (std::size_t i = channels - 1; i < image.pixels.size(); i += channels)
        if (image.pixels[i] != 255)
            throw Error("The picture has transparent parts", source,
                        "Put it on a background and save it without an alpha channel.");
}

/// The rows [top, top + height) and columns [left, left + width), as planes of 1 or 3 channels.
Planes cut_out(const store::Image& image, int channels, int top, int left, int height, int width) {
    Planes planes{channels, height, width, {}};
    const auto area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    planes.pixels.resize(area * static_cast<std::size_t>(channels));
    const bool colour = image.channels >= 3;
    for (int row = 0; row < height; ++row) {
        const std::uint8_t* from = image.pixels.data() + (static_cast<std::size_t>(row + top) *
                                                              static_cast<std::size_t>(image.width) +
                                                          static_cast<std::size_t>(left)) *
                                                             static_cast<std::size_t>(image.channels);
        std::uint8_t* to =
            planes.pixels.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
        for (int column = 0; column < width; ++column, from += image.channels, ++to) {
            if (channels == 1) {
                *to = colour ? static_cast<std::uint8_t>(
                                   (299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000)
                             : from[0];
                continue;
            }
            for (std::size_t c = 0; c < 3; ++c)
                to[c * area] = from[colour ? c : 0];
        }
    }
    return planes;
}

/// The shorter side brought to `size`, then the middle.
void resize_and_cut(const Planes& planes, int size, std::span<std::uint8_t> pixels) {
    const std::int64_t shorter = std::min(planes.height, planes.width);
    const auto scaled = [&](std::int64_t side) {
        return side == shorter ? std::int64_t(size)
                               : std::max<std::int64_t>(size, (side * size + shorter / 2) / shorter);
    };
    const std::int64_t height = scaled(planes.height), width = scaled(planes.width);
    const torch::NoGradGuard no_gradients;
    torch::Tensor x = torch::from_blob(const_cast<std::uint8_t*>(planes.pixels.data()),
                                       {1, planes.channels, planes.height, planes.width}, torch::kByte)
                          .to(torch::kFloat);
    if (height != planes.height || width != planes.width)
        x = at::_upsample_bilinear2d_aa(x, {height, width}, false);
    x = x.slice(2, (height - size) / 2, (height - size) / 2 + size)
            .slice(3, (width - size) / 2, (width - size) / 2 + size)
            .round()
            .clamp(0, 255)
            .to(torch::kByte)
            .contiguous();
    std::copy_n(x.const_data_ptr<std::uint8_t>(), pixels.size(), pixels.begin());
}

} // namespace

std::string PictureForm::in_words() const {
    return fmt::format("{}, {}, {}",
                       size == 0 ? std::string("as they are") : fmt::format("{} pixels a side", size),
                       crop == Crop::centre ? "centre" : "top left",
                       colours == Colours::grey     ? "grey"
                       : colours == Colours::colour ? "colour"
                                                    : "grey or colour as they are");
}

PictureForm picture_form(const Settings& settings) {
    return {settings.data.size, settings.data.crop, settings.data.colours};
}

int channels_in(const PictureForm& form, int channels) {
    if (form.colours == Colours::as_they_are) return channels >= 3 ? 3 : 1;
    return form.colours == Colours::grey ? 1 : 3;
}

void bring_to_form(const store::Image& image, const PictureForm& form, int channels,
                   std::span<std::uint8_t> pixels, const std::string& source) {
    require_opaque(image, source);
    const int height = form.size ? form.size : image.height, width = form.size ? form.size : image.width;
    if (pixels.size() != static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
                             static_cast<std::size_t>(width))
        throw Error(fmt::format("The picture has {} × {} pixels, others of the set have another size",
                                image.width, image.height),
                    source, "Bring all to one size, or set data.size.");
    if (form.size == 0 || form.crop == Crop::top_left) {
        if (image.width < width || image.height < height)
            throw Error(fmt::format("The picture has {} × {} pixels, too few to cut out {} × {}", image.width,
                                    image.height, width, height),
                        source, "Remove it, or set data.crop to centre, which resizes.");
        const Planes planes = cut_out(image, channels, 0, 0, height, width);
        std::copy(planes.pixels.begin(), planes.pixels.end(), pixels.begin());
        return;
    }
    resize_and_cut(cut_out(image, channels, 0, 0, image.height, image.width), form.size, pixels);
}

} // namespace ebm::data
