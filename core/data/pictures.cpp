#include "core/base/counted.h"
#include "core/data/formats.h"
#include "core/data/picture_sources.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/data/labels.h"
#include "core/kernels/parallel.h"
#include "core/store/elements.h"
#include "core/store/image.h"
#include "core/store/table.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

struct PictureFile {
    fs::path path;
    std::string relative;      ///< to the folder
    std::string group;         ///< the first folder below; empty for pictures of the folder itself
    store::ImageHeader header; ///< its size and channels
};

/// Files of other kinds lie beside pictures and are left out; a picture that was lost on its way must not be.
bool is_named_as_picture(const fs::path& path) {
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

/// The pictures below a folder, told by their content, in natural order. Hidden files are none. What is no
/// picture is added to `others`.
std::vector<PictureFile> picture_files(const fs::path& folder, std::vector<std::string>& others) {
    std::vector<PictureFile> pictures;
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
        if (const bool empty = input.at_end(); empty || !identify(input).is_picture()) {
            if (is_named_as_picture(at->path()))
                throw Error(empty ? "The picture is empty: a file of 0 bytes"
                                  : "The file is named as a picture, and its content is neither JPEG nor PNG",
                            at->path().string(), "Copy or export it again, or take it out of the folder.");
            others.push_back(relative.string());
            continue;
        }
        const bool below = std::distance(relative.begin(), relative.end()) > 1;
        pictures.push_back({at->path(), relative.string(), below ? relative.begin()->string() : std::string(),
                            store::image_header(input)});
    }
    if (error)
        throw Error("The folder cannot be read: " + error.message(), folder.string(),
                    "Check its permissions.");
    std::ranges::sort(pictures, [](const PictureFile& a, const PictureFile& b) {
        return natural_less(a.relative, b.relative);
    });
    return pictures;
}

/// The folders of a folder, hidden ones left out.
std::vector<fs::path> folders_of(const fs::path& folder) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (std::error_code ignored;
            at->is_directory(ignored) && !at->path().filename().string().starts_with('.'))
            folders.push_back(at->path());
    return folders;
}

/// Whether a folder is called `word`, alone or before a sign that is no letter: train, train_32x32.
bool is_called(const fs::path& folder, std::string_view word) {
    std::string name = folder.filename().string();
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name.starts_with(word) &&
           (name.size() == word.size() || !std::isalpha(static_cast<unsigned char>(name[word.size()])));
}

struct SplitFolders {
    fs::path train, held_out; ///< held_out is empty where a folder has no split of its own
};

SplitFolders split_of(const fs::path& folder) {
    const std::vector<fs::path> folders = folders_of(folder);
    const auto called = [&](std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words)
            for (const fs::path& one : folders)
                if (is_called(one, word)) return one;
        return fs::path();
    };
    const fs::path train = called({"train", "training"});
    const fs::path held_out = called({"val", "valid", "validation", "test", "testing"});
    if (!train.empty() && !held_out.empty()) return {train, held_out};
    // A published set of which only the training half was unpacked. Beside others, train may be a class.
    if (!train.empty() && folders.size() == 1 && !folders_of(train).empty()) return {train, {}};
    // Textures: images/CLASS/… beside lists of names.
    for (const fs::path& one : folders)
        if (one.filename() == "images" && !folders_of(one).empty()) return {one, {}};
    return {folder, {}};
}

/// The classes of pictures: the folders that they lie in, those without pictures among them.
void set_classes(CacheContent& content, const std::vector<PictureFile>& files,
                 const std::vector<fs::path>& roots) {
    std::map<std::string, std::int32_t> labels;
    for (const PictureFile& file : files)
        if (!file.group.empty()) labels.emplace(file.group, 0);
    if (labels.empty()) return;
    std::set<std::string> empty;
    for (const fs::path& root : roots)
        for (const fs::path& folder : folders_of(root))
            if (!labels.contains(folder.filename().string())) empty.insert(folder.filename().string());
    if (!empty.empty())
        log::warning("{}: {} holds no pictures and is no class. Put pictures into it to learn it.",
                     roots.front().string(), store::clean_name(*empty.begin()));
    for (const auto& [name, label] : labels)
        content.classes.push_back(name);
    std::ranges::sort(content.classes, natural_less);
    for (std::size_t k = 0; k < content.classes.size(); ++k)
        labels[content.classes[k]] = static_cast<std::int32_t>(k);
    for (const PictureFile& file : files)
        content.labels.push_back(file.group.empty() ? -1 : labels[file.group]);
}

/// Throws Error that names two pictures, if pictures are to stay as they are and have different sizes.
void require_one_size(const std::vector<PictureFile>& files, const fs::path& folder) {
    const store::ImageHeader& first = files.front().header;
    for (const PictureFile& file : files)
        if (file.header.width != first.width || file.header.height != first.height)
            throw Error(
                fmt::format("The pictures have different sizes: {} has {} × {} pixels, {} has {} × {}",
                            store::clean_name(files.front().relative), first.width, first.height,
                            store::clean_name(file.relative), file.header.width, file.header.height),
                folder.string(),
                "Bring all to one size, or let it be done here: data.size, of `ebmlab data check` --size.");
}

/// Decodes pictures on all processors, a block at a time, and gives them on in their order.
void decode_files(const std::vector<PictureFile>& files, const CacheContent& content, const PictureForm& form,
                  const PutPicture& put) {
    constexpr std::size_t block = 256;
    const auto bytes = static_cast<std::size_t>(content.picture_bytes());
    std::vector<std::uint8_t> pixels(std::min(block, files.size()) * bytes);
    std::atomic<std::size_t> doubtful = 0, first_doubtful = files.size();
    for (std::size_t first = 0; first < files.size(); first += block) {
        const std::size_t count = std::min(block, files.size() - first);
        std::vector<std::optional<Error>> errors(count);
        kernels::parallel_for(
            static_cast<std::int64_t>(count), torch::get_num_threads(), [&](std::int64_t i) {
                const auto k = static_cast<std::size_t>(i);
                const std::string source = files[first + k].path.string();
                try {
                    const store::Image image = store::read_image(files[first + k].path);
                    bring_to_form(image, form, content.channels, std::span(pixels).subspan(k * bytes, bytes),
                                  source);
                    if (!image.leftover) return;
                    ++doubtful;
                    std::size_t before = first_doubtful;
                    while (first + k < before && !first_doubtful.compare_exchange_weak(before, first + k)) {
                    }
                } catch (const Error& error) {
                    errors[k] = error;
                } catch (const std::exception& error) {
                    errors[k] = Error(fmt::format("The picture cannot be decoded: {}", error.what()), source,
                                      "Copy or export it again.");
                }
            });
        for (std::size_t k = 0; k < count; ++k) {
            if (errors[k]) throw *errors[k];
            put(static_cast<std::int64_t>(first + k), std::span(pixels).subspan(k * bytes, bytes));
        }
    }
    if (doubtful > 0)
        log::warning("{} of the pictures have bytes before their end that belong to no pixel, {} among them. "
                     "They may be damaged there.",
                     doubtful.load(), store::clean_name(files[first_doubtful].path.string()));
}

} // namespace

std::optional<PictureSource> find_picture_files(const fs::path& folder, const PictureForm& form) {
    const SplitFolders split = split_of(folder);
    std::vector<std::string> others;
    std::vector<PictureFile> files = picture_files(split.train, others);
    if (files.empty()) return std::nullopt;
    PictureSource source;
    source.content.train = static_cast<std::int64_t>(files.size());
    std::vector<fs::path> roots = {split.train};
    if (!split.held_out.empty()) {
        const std::vector<PictureFile> held_out = picture_files(split.held_out, others);
        source.has_split = !held_out.empty();
        source.content.held_out = static_cast<std::int64_t>(held_out.size());
        files.insert(files.end(), held_out.begin(), held_out.end());
        roots.push_back(split.held_out);
    }
    if (form.size == 0) require_one_size(files, folder);
    set_classes(source.content, files, roots);
    int channels = 1;
    std::size_t deep = 0, printed = 0;
    for (const PictureFile& file : files) {
        channels = std::max(channels, channels_in(form, file.header.channels));
        deep += file.header.deep;
        printed += file.header.cmyk;
        std::error_code ignored;
        source.packed_bytes += fs::file_size(file.path, ignored);
    }
    const auto first = [&](auto&& is) {
        return store::clean_name(std::ranges::find_if(files, is)->relative);
    };
    std::vector<std::string> notes;
    if (deep > 0)
        notes.push_back(fmt::format("{} of the pictures have 16 bits a channel, {} among them; 8 are kept.",
                                    deep, first([](const PictureFile& file) { return file.header.deep; })));
    if (printed > 0)
        notes.push_back(fmt::format("{} of the pictures are CMYK, {} among them; they are turned into RGB "
                                    "without colour profile.",
                                    printed,
                                    first([](const PictureFile& file) { return file.header.cmyk; })));
    if (!others.empty())
        notes.push_back(
            fmt::format("{} of the files are neither JPEG nor PNG and are left out, {} among them.",
                        others.size(), store::clean_name(*std::ranges::min_element(others))));
    source.content.note = fmt::format("{}", fmt::join(notes, " "));
    set_shape(source.content, form, channels, files.front().header.height, files.front().header.width);
    source.decode = [files = std::move(files), form, content = source.content](const PutPicture& put) {
        decode_files(files, content, form, put);
    };
    return source;
}

Records read_folder(const fs::path& folder) {
    const std::optional<PictureSource> source = find_pictures(folder, {});
    if (!source)
        throw Error("The folder holds no pictures", folder.string(), "Give a folder of PNG or JPEG files.");
    const PictureSet set = load_pictures(*source, {});
    Records records;
    records.source = folder.string();
    records.whole = true;
    records.note = source->content.note;
    records.classes = set.classes;
    // What a set keeps apart is what is asked for when its pictures are compared with others.
    records.values = set.held_out.defined() ? set.held_out : set.train;
    records.labels = set.held_out.defined() ? set.held_out_labels : set.train_labels;
    if (source->has_split)
        records.note += fmt::format("{}Of the set, the {} held-out pictures are taken.",
                                    records.note.empty() ? "" : " ", records.values.size(0));
    return records;
}

FileDescription describe_folder(const fs::path& folder) {
    FileDescription description;
    const std::optional<PictureSource> source = find_pictures(folder, {});
    if (!source)
        throw Error("The folder holds no pictures", folder.string(), "Give a folder of PNG or JPEG files.");
    const CacheContent& content = source->content;
    describe_pictures(description, content.count(), content.channels, content.height, content.width);
    description.words = fmt::format("a folder of {} of {} × {} pixels", counted(description.count, "picture"),
                                    description.height, description.width);
    return description;
}

namespace {

bool is_png(std::span<const std::byte> start) {
    return files::as_text(start).starts_with("\x89PNG\r\n\x1A\n");
}

bool is_jpeg(std::span<const std::byte> start) {
    return files::as_text(start).starts_with("\xFF\xD8\xFF");
}

Records read_picture(const FileRequest& request) {
    const store::ImageHeader header = store::image_header(request.input);
    const store::Image image = store::read_image(request.input);
    Records records;
    records.source = request.input.name();
    records.whole = true;
    const int channels = channels_in({}, image.channels);
    records.values = torch::empty({1, channels, image.height, image.width}, torch::kByte);
    bring_to_form(image, {}, channels,
                  {records.values.data_ptr<std::uint8_t>(), static_cast<std::size_t>(records.values.numel())},
                  records.source);
    std::vector<std::string> notes;
    if (header.deep) notes.emplace_back("The picture has 16 bits a channel; 8 are kept.");
    if (header.cmyk) notes.emplace_back("The picture is CMYK; it is turned into RGB without colour profile.");
    if (image.leftover) notes.emplace_back(store::leftover_note);
    records.note = fmt::format("{}", fmt::join(notes, " "));
    return records;
}

void describe_picture(const FileRequest& request, FileDescription& description) {
    const store::Image image = store::read_image(request.input);
    describe_pictures(description, 1, image.channels >= 3 ? 3 : 1, image.height, image.width);
}

} // namespace

extern const Format png_format, jpeg_format;
const Format png_format = {"a PNG picture", "PNG", false, true, is_png, read_picture, describe_picture};
const Format jpeg_format = {"a JPEG picture", "JPEG", false, true, is_jpeg, read_picture, describe_picture};

} // namespace ebm::data
