#include "core/data/drawing.h"

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/planes/draws.h"
#include "core/settings/settings.h"
#include "core/store/image.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ebm::data {
namespace {

constexpr std::string_view mark = "128:";
constexpr double cell = (Drawing::high - Drawing::low) / Drawing::side;
constexpr std::size_t cell_count = std::size_t{Drawing::side} * Drawing::side;

/// 0 where a pixel is white or transparent, 1 where it is black.
double darkness(const store::Image& image, int x, int y) {
    const auto at =
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) *
        static_cast<std::size_t>(image.channels);
    const auto value = [&](int channel) {
        return image.pixels[at + static_cast<std::size_t>(channel)] / 255.0;
    };
    const double light =
        image.channels >= 3 ? 0.299 * value(0) + 0.587 * value(1) + 0.114 * value(2) : value(0);
    const double opacity = image.channels % 2 == 0 ? value(image.channels - 1) : 1;
    return (1 - light) * opacity;
}

/// The mean darkness of the pixels in [x0, x1) × [y0, y1), where those outside the picture are white.
double mean_darkness(const store::Image& image, double x0, double x1, double y0, double y1) {
    const auto overlap = [](int pixel, double from, double to) {
        return std::max(0.0, std::min(to, pixel + 1.0) - std::max(from, static_cast<double>(pixel)));
    };
    double sum = 0;
    const int last_y = std::min(image.height - 1, static_cast<int>(std::floor(y1)));
    const int last_x = std::min(image.width - 1, static_cast<int>(std::floor(x1)));
    for (int y = std::max(0, static_cast<int>(std::floor(y0))); y <= last_y; ++y)
        for (int x = std::max(0, static_cast<int>(std::floor(x0))); x <= last_x; ++x)
            sum += overlap(x, x0, x1) * overlap(y, y0, y1) * darkness(image, x, y);
    return sum / ((x1 - x0) * (y1 - y0));
}

/// A point of [start, start + cell) in the single precision that samples are kept in: rounding up to the far
/// edge would put it into the next cell.
double within_cell(int index, double u) {
    const double start = Drawing::low + index * cell;
    const float end = static_cast<float>(start + cell);
    return std::min(static_cast<float>(start + u * cell), std::nextafter(end, -100.0f));
}

} // namespace

bool Drawing::empty() const {
    return std::ranges::all_of(cells, [](std::uint8_t value) { return value == 0; });
}

std::string drawing_text(const Drawing& drawing) {
    if (drawing.empty()) return {};
    const auto* bytes = reinterpret_cast<const std::byte*>(drawing.cells.data());
    return std::string(mark) + base64(files::gzip({bytes, drawing.cells.size()}));
}

Drawing parse_drawing(const std::string& text, const std::string& where) {
    Drawing drawing;
    if (text.empty()) return drawing;
    const char* remedy = "Paint it again, or take the scene from where it was saved.";
    if (!text.starts_with(mark)) throw Error("This is no drawing of EBM Lab", where, remedy);
    files::Bytes bytes;
    try {
        bytes = files::gunzip(from_base64(std::string_view(text).substr(mark.size()), "drawing"), cell_count,
                              where);
    } catch (const Error&) {
        throw Error("The drawing is damaged", where, remedy);
    }
    if (bytes.size() != cell_count) throw Error("The drawing does not have 128 × 128 cells", where, remedy);
    std::ranges::transform(bytes, drawing.cells.begin(),
                           [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    return drawing;
}

Drawing drawing_of_picture(const std::filesystem::path& path) {
    const store::Image image = store::read_image(path);
    if (image.leftover) log::warning("{}: {}", path.string(), store::leftover_note);
    constexpr int side = Drawing::side;
    const double scale = std::max(image.width, image.height) / static_cast<double>(side);
    const double left = (image.width - side * scale) / 2, top = (image.height - side * scale) / 2;
    std::vector<double> dark;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
            const double x = left + column * scale, y = top + (side - 1 - row) * scale;
            dark.push_back(mean_darkness(image, x, x + scale, y, y + scale));
        }
    const double most = *std::ranges::max_element(dark);
    if (most < 0.5 / 255)
        throw Error("The picture is white throughout: there is no darkness to learn", path.string(),
                    "Give a picture that is dark where samples shall be.");
    Drawing drawing;
    std::ranges::transform(dark, drawing.cells.begin(), [&](double value) {
        return static_cast<std::uint8_t>(std::lround(255 * value / most));
    });
    return drawing;
}

std::string drawing_of(const Settings& settings) {
    if (settings.data.set != "drawn") return {};
    if (settings.data.path.empty()) return settings.data.drawing;
    return drawing_text(drawing_of_picture(store::expanded_path(settings.data.path)));
}

std::shared_ptr<const PlaneSet> drawn_set(const Drawing& drawing) {
    if (drawing.empty())
        throw Error("Nothing is drawn yet", "setting data.drawing",
                    "Paint a density on the landscape, or name a picture with the setting data.path.");
    struct Shares {
        std::vector<double> up_to;       ///< share of the cells up to this one, the last 1
        std::vector<double> log_density; ///< in each cell
    };
    const auto shares = std::make_shared<Shares>();
    const double total = std::accumulate(drawing.cells.begin(), drawing.cells.end(), 0.0);
    double sum = 0;
    for (const std::uint8_t value : drawing.cells) {
        sum += value;
        shares->up_to.push_back(sum / total);
        shares->log_density.push_back(value == 0 ? -std::numeric_limits<double>::infinity()
                                                 : std::log(value / total / (cell * cell)));
    }
    auto set = std::make_shared<PlaneSet>();
    set->name = "drawn";
    set->title = "Drawn";
    set->description = "A density that was painted, constant in each of 128 × 128 cells of [−4, 4]².";
    set->sample = [shares](std::int64_t count, std::uint64_t seed) {
        return sample_points(count, seed, [&](const Draws& draws) {
            // Above a share that is less: a cell without any is never taken.
            const auto found = std::upper_bound(shares->up_to.begin(), shares->up_to.end(), draws.uniform(0));
            const auto index = static_cast<int>(found - shares->up_to.begin());
            return Point{within_cell(index % Drawing::side, draws.uniform(1)),
                         within_cell(index / Drawing::side, draws.uniform(2))};
        });
    };
    set->log_density = [shares](double x, double y) {
        const double column = std::floor((x - Drawing::low) / cell),
                     row = std::floor((y - Drawing::low) / cell);
        const bool inside = column >= 0 && column < Drawing::side && row >= 0 && row < Drawing::side;
        if (!inside) return -std::numeric_limits<double>::infinity();
        return shares
            ->log_density[static_cast<std::size_t>(row) * Drawing::side + static_cast<std::size_t>(column)];
    };
    return set;
}

} // namespace ebm::data
