#include "core/data/picture_sources.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/data/catalogue.h"
#include "core/data/labels.h"
#include "core/data/places.h"
#include "core/store/elements.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

struct NamedSet {
    const char *name, *title;
    int size; ///< pixels a side of the set where the settings leave them as they are; 0: they have one size
};
constexpr std::array named_sets = {NamedSet{"cifar10", "CIFAR-10", 0},
                                   NamedSet{"cifar100", "CIFAR-100", 0},
                                   NamedSet{"svhn", "SVHN", 0},
                                   NamedSet{"imagenet32", "ImageNet 32 × 32", 0},
                                   NamedSet{"imagenet128", "ImageNet 128 × 128", 128},
                                   NamedSet{"dtd", "Describable Textures", 32}};

const NamedSet& named(const std::string& name) {
    return *std::ranges::find_if(named_sets, [&](const NamedSet& set) { return set.name == name; });
}

std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 14695981039346656037u;
    for (const unsigned char c : text)
        hash = (hash ^ c) * 1099511628211u;
    return hash;
}

/// A name for what a cache is made of: another file, size, time of change or form gives another.
std::string made_of(const fs::path& folder, const PictureForm& form) {
    std::uint64_t sum = 0, count = 0;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(folder, options, error), end; !error && at != end;
         at.increment(error)) {
        struct stat status {};
        if (::stat(at->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        // A sum, since folders tell their files in any order.
        sum += fnv1a(fmt::format("{}\n{} {} {}", at->path().string(), status.st_size, status.st_mtim.tv_sec,
                                 status.st_mtim.tv_nsec));
        ++count;
    }
    return fmt::format("{} files of {}, {:016x}, {}", count, folder.string(), sum, form.in_words());
}

fs::path cache_path(const CacheRule& rule, const fs::path& folder, const PictureForm& form) {
    const std::uint64_t key = fnv1a(folder.string() + "\n" + form.in_words());
    std::string name =
        folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
    std::ranges::replace_if(
        name, [](unsigned char c) { return c < 0x21 || c > 0x7E; }, '_');
    return rule.folder / fmt::format("{}-{:016x}.bytes", name.substr(0, 60), key);
}

/// Labels [first, first + count); undefined where none of them is a class.
torch::Tensor labels_in(const CacheContent& content, std::int64_t first, std::int64_t count) {
    if (content.labels.empty() || count == 0) return {};
    const torch::Tensor labels = torch::tensor(at::ArrayRef<std::int32_t>(content.labels.data() + first,
                                                                          static_cast<std::size_t>(count)))
                                     .to(torch::kLong);
    return (labels < 0).all().item<bool>() ? torch::Tensor() : labels;
}

PictureSet in_parts(const torch::Tensor& pixels, const CacheContent& content) {
    PictureSet set;
    set.classes = content.classes;
    set.checksum = content.checksum;
    set.note = content.note;
    set.train = pixels.slice(0, 0, content.train);
    set.train_labels = labels_in(content, 0, content.train);
    if (content.held_out == 0) return set;
    set.held_out = pixels.slice(0, content.train);
    set.held_out_labels = labels_in(content, content.train, content.held_out);
    return set;
}

PictureSet in_memory(const PictureSource& source) {
    CacheContent content = source.content;
    const torch::Tensor pixels =
        store::allocate({content.count(), content.channels, content.height, content.width}, torch::kByte,
                        source.folder.string());
    const auto bytes = static_cast<std::size_t>(content.picture_bytes());
    auto* to = pixels.data_ptr<std::uint8_t>();
    std::int64_t done = 0;
    source.decode([&](std::int64_t row, std::span<const std::uint8_t> picture) {
        if (row >= content.count() || picture.size() != bytes)
            throw Error("The files were changed while they were read", source.folder.string(), "Try again.");
        std::copy(picture.begin(), picture.end(), to + static_cast<std::size_t>(row) * bytes);
        ++done;
    });
    if (done != content.count())
        throw Error("The files were changed while they were read", source.folder.string(), "Try again.");
    uLong crc = crc32_z(0, nullptr, 0);
    for (const std::int64_t extent : pixels.sizes())
        crc = crc32_z(crc, reinterpret_cast<const Bytef*>(&extent), sizeof extent);
    content.checksum = fmt::format("{:08x}", static_cast<std::uint32_t>(crc32_z(crc, to, pixels.nbytes())));
    return in_parts(pixels, content);
}

/// What a set without a split is in a cache: training data first. `rows[i]` is the row of picture i.
CacheContent split_content(const CacheContent& content, std::vector<std::int64_t>& rows) {
    CacheContent split = content;
    const std::vector<std::int64_t> held_out = held_out_rows(content.count(), 0);
    split.held_out = static_cast<std::int64_t>(held_out.size());
    split.train = content.count() - split.held_out;
    rows.assign(static_cast<std::size_t>(content.count()), -1);
    std::int64_t row = split.train;
    for (const std::int64_t picture : held_out)
        rows[static_cast<std::size_t>(picture)] = row++;
    row = 0;
    for (std::int64_t& place : rows)
        if (place < 0) place = row++;
    if (!content.labels.empty())
        for (std::size_t i = 0; i < rows.size(); ++i)
            split.labels[static_cast<std::size_t>(rows[i])] = content.labels[i];
    return split;
}

/// The set that the cache of a folder holds, if there is one and nothing has changed.
std::optional<PictureSet> from_cache(const fs::path& folder, const PictureForm& form, const CacheRule& rule) {
    const fs::path path = cache_path(rule, folder, form);
    std::error_code ignored;
    if (rule.folder.empty() || !fs::exists(path, ignored)) return std::nullopt;
    const std::optional<OpenCache> cache = open_cache(path, made_of(folder, form));
    if (!cache) return std::nullopt;
    PictureSet set = in_parts(cache->pixels, cache->content);
    set.source = folder.string();
    return set;
}

PictureSet through_cache(const PictureSource& source, const PictureForm& form, const CacheRule& rule) {
    if (std::optional<PictureSet> set = from_cache(source.folder, form, rule)) return *std::move(set);
    const fs::path path = cache_path(rule, source.folder, form);
    const std::string key = made_of(source.folder, form);
    std::vector<std::int64_t> rows;
    CacheContent content = source.content;
    const bool split_here = !source.has_split && content.count() > 1;
    if (split_here) content = split_content(content, rows);
    content.made_of = key;
    log::info("{}: {} pictures are decoded once into {}, which takes {} of disk.", source.folder.string(),
              content.count(), path.string(), files::size_in_words(cache_size(content)));
    write_cache(path, content, [&](const PutPicture& put) {
        if (!split_here) return source.decode(put);
        source.decode([&](std::int64_t row, std::span<const std::uint8_t> pixels) {
            if (static_cast<std::size_t>(row) >= rows.size())
                throw Error("The files were changed while they were read", source.folder.string(),
                            "Try again.");
            put(rows[static_cast<std::size_t>(row)], pixels);
        });
    });
    const std::optional<OpenCache> cache = open_cache(path, key);
    if (!cache)
        throw Error("The decoded pictures cannot be read again", path.string(),
                    "Delete the file and try again, or set XDG_CACHE_HOME to another folder.");
    return in_parts(cache->pixels, cache->content);
}

/// The remedy where a named set is not there.
std::string how_to_get(const std::string& name) {
    const CatalogueSet& set = catalogue_set(archive_of(name));
    if (!set.by_hand())
        return fmt::format("Get it with: ebmlab data get {}, or give the folder of its files as data.path.",
                           set.name);
    return fmt::format(
        "Its makers give it by hand, at {}: `ebmlab data get {}` says what to get and where to "
        "put it. Or give the folder of its files as data.path.",
        set.page, set.name);
}

} // namespace

std::vector<fs::path> files_like(const fs::path& folder, std::string_view beginning, std::string_view end) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), last; !error && at != last; at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::error_code ignored;
        if (name.starts_with(beginning) && name.ends_with(end) && (!end.empty() || name == beginning) &&
            at->is_regular_file(ignored))
            files.push_back(at->path());
    }
    std::ranges::sort(
        files, [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
    return files;
}

void warn_of_missing(const fs::path& folder, const std::vector<fs::path>& files, std::string_view beginning,
                     std::string_view end, int whole) {
    std::vector<std::string> missing;
    for (int k = 1; k <= whole; ++k) {
        const std::string name = fmt::format("{}{}{}", beginning, k, end);
        if (std::ranges::find(files, fs::path(name), &fs::path::filename) == files.end())
            missing.push_back(name);
    }
    if (!missing.empty())
        log::warning(
            "{}: {} of the {} files of pictures to learn from are missing, {} among them. Download the "
            "set again to learn from all of it.",
            folder.string(), missing.size(), whole, missing.front());
}

void set_shape(CacheContent& content, const PictureForm& form, int channels, int height, int width) {
    content.channels = channels_in(form, channels);
    content.height = form.size ? form.size : height;
    content.width = form.size ? form.size : width;
}

std::span<const std::uint8_t> Former::planes(std::span<const std::uint8_t> planes, int channels, int height,
                                             int width, const std::string& source) {
    if (content_.channels == channels && content_.height == height && content_.width == width) return planes;
    const auto area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const auto count = static_cast<std::size_t>(channels);
    image_.width = width;
    image_.height = height;
    image_.channels = channels;
    image_.pixels.resize(planes.size());
    for (std::size_t c = 0; c < count; ++c)
        for (std::size_t i = 0; i < area; ++i)
            image_.pixels[i * count + c] = planes[c * area + i];
    bring_to_form(image_, form_, content_.channels, pixels_, source);
    return pixels_;
}

std::optional<PictureSource> find_pictures(const fs::path& folder, const PictureForm& form) {
    for (const auto find : {find_cifar, find_svhn, find_imagenet32, find_picture_files})
        if (std::optional<PictureSource> source = find(folder, form)) {
            source->folder = folder;
            return source;
        }
    return std::nullopt;
}

const std::vector<std::string>& picture_set_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const NamedSet& set : named_sets)
            all.emplace_back(set.name);
        return all;
    }();
    return names;
}

bool is_picture_set(const std::string& name) {
    return std::ranges::any_of(named_sets, [&](const NamedSet& set) { return set.name == name; });
}

std::string picture_set_title(const std::string& name) {
    return named(name).title;
}

PictureForm form_of_set(const std::string& name, PictureForm form) {
    if (form.size == 0) form.size = named(name).size;
    if (form.colours == Colours::as_they_are && named(name).size > 0) form.colours = Colours::colour;
    return form;
}

PictureSet load_pictures(const PictureSource& source, const PictureForm& form, const CacheRule& rule) {
    if (source.content.count() == 0)
        throw Error("The set holds no pictures", source.folder.string(), "Give a set with pictures.");
    const auto decoded = static_cast<std::uint64_t>(source.content.count() * source.content.picture_bytes());
    const bool large = decoded > rule.decoded_bytes || source.packed_bytes > rule.packed_bytes;
    PictureSet set = large && !rule.folder.empty() ? through_cache(source, form, rule) : in_memory(source);
    set.source = source.folder.string();
    return set;
}

std::optional<PictureSet> open_pictures(const fs::path& folder, const PictureForm& form,
                                        const CacheRule& rule) {
    if (std::optional<PictureSet> set = from_cache(folder, form, rule)) return set;
    const std::optional<PictureSource> source = find_pictures(folder, form);
    if (!source) return std::nullopt;
    return load_pictures(*source, form, rule);
}

PictureSet open_folder(const fs::path& folder, const PictureForm& form, const CacheRule& rule) {
    if (std::optional<PictureSet> set = open_pictures(folder, form, rule)) return *std::move(set);
    throw Error("The folder holds no pictures", folder.string(),
                "Give a folder of PNG or JPEG files, or of a published set.");
}

PictureSet open_picture_set(const std::string& name, const fs::path& path, const PictureForm& form,
                            const CacheRule& rule) {
    const std::vector<fs::path> folders = path.empty() ? places(name) : std::vector{path};
    std::string looked_at;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        looked_at += (i == 0 ? "" : i + 1 == folders.size() ? " or " : ", ") + folders[i].string();
        std::error_code ignored;
        if (!fs::is_directory(folders[i], ignored)) continue;
        if (std::optional<PictureSet> set = open_pictures(folders[i], form_of_set(name, form), rule))
            return *std::move(set);
    }
    throw Error(
        fmt::format("{} is not there: its files lie in none of these folders", picture_set_title(name)),
        looked_at, how_to_get(name));
}

void bring_to_form(Records& records, const PictureForm& form) {
    if (!records.pictures()) return;
    const torch::Tensor pictures = records.values.contiguous();
    const auto channels = static_cast<int>(pictures.size(1)), height = static_cast<int>(pictures.size(2)),
               width = static_cast<int>(pictures.size(3));
    CacheContent content;
    set_shape(content, form, channels, height, width);
    const bool stays = form.colours == Colours::as_they_are || content.channels == channels;
    if (stays && (form.size == 0 || (form.size == height && form.size == width))) return;
    if (pictures.scalar_type() != torch::kByte || channels > 4 || height > 16384 || width > 16384)
        throw Error("The settings data.size and data.colours need pictures of bytes, and these are others",
                    records.source, "Leave them as they are, or save the pictures as bytes.");
    records.values = store::allocate({records.count(), content.channels, content.height, content.width},
                                     torch::kByte, records.source);
    Former former(content, form);
    const auto bytes = static_cast<std::size_t>(pictures[0].numel());
    auto* to = records.values.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < records.count(); ++i) {
        const auto pixels = former.planes(
            {pictures.const_data_ptr<std::uint8_t>() + static_cast<std::size_t>(i) * bytes, bytes}, channels,
            height, width, fmt::format("{}, record {}", records.source, i + 1));
        to = std::copy(pixels.begin(), pixels.end(), to);
    }
}

std::vector<std::int64_t> held_out_rows(std::int64_t count, std::uint64_t seed) {
    // The rows with the smallest random numbers; ties, one in four billion, go to the earlier row.
    constexpr std::uint32_t group = 2, step = 1000;
    std::vector<std::pair<std::uint32_t, std::int64_t>> keys;
    keys.reserve(static_cast<std::size_t>(count));
    const random::Place place{seed, random::Stream::data, group, 0, step};
    random::Words words{};
    for (std::int64_t row = 0; row < count; ++row) {
        if (row % 4 == 0) words = random::words(place, static_cast<std::uint32_t>(row / 4));
        keys.emplace_back(words[static_cast<std::size_t>(row % 4)], row);
    }
    const std::int64_t held_out = std::min(std::max<std::int64_t>(1, count / 10), count - 1);
    std::nth_element(keys.begin(), keys.begin() + held_out, keys.end());
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < held_out; ++i)
        rows.push_back(keys[static_cast<std::size_t>(i)].second);
    std::ranges::sort(rows);
    return rows;
}

} // namespace ebm::data
