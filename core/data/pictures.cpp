#include "core/data/formats.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/labels.h"
#include "core/store/elements.h"
#include "core/store/image.h"
#include "core/store/table.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

/// The pixels as planes, [channels][height][width], of 1 or 3 channels. Opaque alpha is dropped; Error if a
/// part of the picture is transparent.
torch::Tensor planes_of(const store::Image& image, const std::string& source) {
    const auto channels = static_cast<std::size_t>(image.channels);
    const std::size_t plane = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    const std::size_t colours = channels >= 3 ? 3 : 1;
    if (colours < channels)
        for (std::size_t i = 0; i < plane; ++i)
            if (image.pixels[i * channels + colours] != 255)
                throw Error("The picture has transparent parts", source,
                            "Put it on a background and save it without an alpha channel.");
    torch::Tensor planes =
        torch::empty({static_cast<std::int64_t>(colours), image.height, image.width}, torch::kUInt8);
    auto* to = planes.data_ptr<std::uint8_t>();
    for (std::size_t c = 0; c < colours; ++c)
        for (std::size_t i = 0; i < plane; ++i)
            to[c * plane + i] = image.pixels[i * channels + c];
    return planes;
}

struct PictureFile {
    fs::path path;
    std::string relative; ///< to the folder
    std::string group;    ///< the first folder below; empty for pictures of the folder itself
};

/// The pictures below a folder, told by their content, in natural order. Hidden files are none.
std::vector<PictureFile> picture_files(const fs::path& folder) {
    std::vector<PictureFile> pictures;
    std::vector<std::string> others;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator at(folder, options, error), end;
    for (; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with('.')) {
            at.disable_recursion_pending();
            continue;
        }
        std::error_code ignored;
        if (!at->is_regular_file(ignored)) continue;
        const fs::path relative = at->path().lexically_relative(folder);
        store::Input input(at->path().string());
        if (input.at_end() || identify(input).kind != FileKind::picture) {
            others.push_back(relative.string());
            continue;
        }
        const bool below = std::distance(relative.begin(), relative.end()) > 1;
        pictures.push_back(
            {at->path(), relative.string(), below ? relative.begin()->string() : std::string()});
    }
    if (error)
        throw Error("The folder cannot be read: " + error.message(), folder.string(),
                    "Check its permissions.");
    if (pictures.empty())
        throw Error("The folder holds no pictures", folder.string(), "Give a folder of PNG or JPEG files.");
    if (!others.empty())
        log::info("{}: {} of the files are no pictures and are left out, {} among them.", folder.string(),
                  others.size(), store::clean_name(*std::ranges::min_element(others)));
    std::ranges::sort(pictures, [](const PictureFile& a, const PictureFile& b) {
        return natural_less(a.relative, b.relative);
    });
    return pictures;
}

} // namespace

Records read_picture_records(store::Input& input) {
    const store::Image image = store::read_image(input);
    Records records;
    records.source = input.name();
    records.whole = true;
    records.values = planes_of(image, input.name()).unsqueeze(0);
    return records;
}

Records read_folder(const fs::path& folder) {
    const std::vector<PictureFile> files = picture_files(folder);
    const auto count = static_cast<std::int64_t>(files.size());
    Records records;
    records.source = folder.string();
    records.whole = true;
    std::map<std::string, std::int64_t> classes;
    for (const PictureFile& file : files)
        if (!file.group.empty()) classes.emplace(file.group, 0);
    for (const auto& [name, label] : classes)
        records.classes.push_back(name);
    std::ranges::sort(records.classes, natural_less);
    for (std::size_t k = 0; k < records.classes.size(); ++k)
        classes[records.classes[k]] = static_cast<std::int64_t>(k);
    if (!classes.empty()) records.labels = torch::full({count}, -1, torch::kInt64);

    std::int64_t width = 0, height = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const PictureFile& file = files[static_cast<std::size_t>(i)];
        const store::Image image = store::read_image(file.path);
        const torch::Tensor picture = planes_of(image, file.path.string());
        const std::int64_t channels = picture.size(0);
        if (i == 0) {
            width = image.width;
            height = image.height;
            records.values =
                store::allocate({count, channels, height, width}, torch::kUInt8, folder.string());
        }
        if (image.width != width || image.height != height)
            throw Error(
                fmt::format("The pictures have different sizes: {} has {} × {} pixels, {} has {} × {}",
                            store::clean_name(files[0].relative), width, height,
                            store::clean_name(file.relative), image.width, image.height),
                folder.string(), "Bring all to one size.");
        if (channels > records.values.size(1)) {
            // All before were grey: they become colour too.
            const torch::Tensor coloured =
                store::allocate({count, channels, height, width}, torch::kUInt8, folder.string());
            coloured.slice(0, 0, i).copy_(records.values.slice(0, 0, i)); // repeats the one channel
            records.values = coloured;
        }
        records.values[i].copy_(picture);
        if (records.labels.defined() && !file.group.empty()) records.labels[i] = classes[file.group];
    }
    return records;
}

FileDescription describe_folder(const fs::path& folder) {
    const std::vector<PictureFile> files = picture_files(folder);
    const store::Image image = store::read_image(files[0].path);
    FileDescription description;
    description.use = FileDescription::Use::pictures;
    description.count = static_cast<std::int64_t>(files.size());
    description.channels = image.channels >= 3 ? 3 : 1;
    description.height = image.height;
    description.width = image.width;
    description.words =
        fmt::format("a folder of {} pictures of {} × {} pixels", files.size(), image.height, image.width);
    return description;
}

} // namespace ebm::data
