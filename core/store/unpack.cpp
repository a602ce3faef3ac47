#include "core/store/unpack.h"

#include "core/base/descriptor.h"
#include "core/base/system_error.h"
#include "core/store/shared_library.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

namespace ebm::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = 1 << 18;

/// libarchive's functions under their own names, less `archive_`.
struct OpenArchive {
    decltype(&archive_entry_filetype) entry_filetype;
    decltype(&archive_entry_hardlink) entry_hardlink;
    decltype(&archive_entry_pathname) entry_pathname;
    decltype(&archive_error_string) error_string;
    decltype(&archive_filter_bytes) filter_bytes;
    decltype(&archive_read_data_block) read_data_block;
    decltype(&archive_read_free) read_free;
    decltype(&archive_read_new) read_new;
    decltype(&archive_read_next_header) read_next_header;
    decltype(&archive_read_open_filename) read_open_filename;
    decltype(&archive_read_support_filter_all) read_support_filter_all;
    decltype(&archive_read_support_format_tar) read_support_format_tar;
    decltype(&archive_read_support_format_zip) read_support_format_zip;

    OpenArchive() {
        const SharedLibrary library({"libarchive.so.13"}, "libarchive13");
        library.find(entry_filetype, "archive_entry_filetype");
        library.find(entry_hardlink, "archive_entry_hardlink");
        library.find(entry_pathname, "archive_entry_pathname");
        library.find(error_string, "archive_error_string");
        library.find(filter_bytes, "archive_filter_bytes");
        library.find(read_data_block, "archive_read_data_block");
        library.find(read_free, "archive_read_free");
        library.find(read_new, "archive_read_new");
        library.find(read_next_header, "archive_read_next_header");
        library.find(read_open_filename, "archive_read_open_filename");
        library.find(read_support_filter_all, "archive_read_support_filter_all");
        library.find(read_support_format_tar, "archive_read_support_format_tar");
        library.find(read_support_format_zip, "archive_read_support_format_zip");
    }
};
/// Loaded on first use. Throws Error.
const OpenArchive& lib() {
    static const OpenArchive functions;
    return functions;
}

[[noreturn]] void damaged(archive* reader, const fs::path& path) {
    const char* words = lib().error_string(reader);
    throw Error(std::string("The archive cannot be unpacked: ") + (words ? words : "it is damaged"),
                path.string(), "Delete it and get it again.");
}

/// Where an entry belongs. Throws Error if that is not below `folder`.
fs::path place_of(archive_entry* entry, const fs::path& folder, const fs::path& archive) {
    const char* name = lib().entry_pathname(entry);
    const fs::path inside = fs::path(name ? name : "").lexically_normal();
    if (inside.empty() || inside.is_absolute() || *inside.begin() == "..")
        throw Error("The archive has an entry that leads out of its folder", archive.string(),
                    "It is not to be trusted; get it elsewhere.");
    return folder / inside;
}

void write_file(archive* reader, const fs::path& path, const fs::path& source) {
    constexpr const char* failure = "The archive could not be unpacked";
    files::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (file.number < 0) throw system_error(failure, path, errno);
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
        const int result = lib().read_data_block(reader, &block, &size, &offset);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK) damaged(reader, source);
        for (std::size_t written = 0; written < size;) {
            const ssize_t count = ::pwrite(file.number, static_cast<const char*>(block) + written,
                                           size - written, offset + static_cast<la_int64_t>(written));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) throw system_error(failure, path, count < 0 ? errno : EIO);
            written += static_cast<std::size_t>(count);
        }
    }
    if (!file.close()) throw system_error(failure, path, errno);
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw system_error("The folder could not be made", folder, error.value());
}

} // namespace

bool unpack(const fs::path& path, const fs::path& folder,
            const std::function<bool(std::uint64_t)>& progress) {
    make_folder(folder);
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(lib().read_new(), lib().read_free);
    if (!reader) throw Error("There is not enough memory to unpack", path.string(), "Close other programs.");
    lib().read_support_filter_all(reader.get());
    lib().read_support_format_tar(reader.get());
    lib().read_support_format_zip(reader.get());
    if (lib().read_open_filename(reader.get(), path.c_str(), block_bytes) != ARCHIVE_OK)
        damaged(reader.get(), path);
    archive_entry* entry = nullptr;
    while (true) {
        const int result = lib().read_next_header(reader.get(), &entry);
        if (result == ARCHIVE_EOF) return true;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) damaged(reader.get(), path);
        if (!progress(static_cast<std::uint64_t>(lib().filter_bytes(reader.get(), -1)))) return false;
        const fs::path place = place_of(entry, folder, path);
        const bool link = lib().entry_hardlink(entry) != nullptr;
        if (lib().entry_filetype(entry) == AE_IFDIR) {
            make_folder(place);
        } else if (lib().entry_filetype(entry) == AE_IFREG && !link) {
            make_folder(place.parent_path());
            write_file(reader.get(), place, path);
        } else {
            throw Error("The archive has an entry that is neither a file nor a folder", path.string(),
                        "It is not to be trusted; get it elsewhere.");
        }
    }
}

void move_into(const fs::path& from, const fs::path& to) {
    constexpr const char* failure = "The unpacked files could not be put into place";
    std::error_code error;
    make_folder(to);
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
        const fs::path target = to / entry.path().filename();
        if (!fs::exists(target, error)) {
            fs::rename(entry.path(), target, error);
            if (error) throw system_error(failure, target, error.value());
        } else if (entry.is_directory() && fs::is_directory(target, error)) {
            move_into(entry.path(), target);
        } else if (entry.is_directory() || !fs::is_regular_file(target, error) ||
                   fs::file_size(target, error) != entry.file_size()) {
            throw Error("There is something else in the place of an unpacked file", target.string(),
                        "Move it elsewhere and try again.");
        }
    }
    fs::remove_all(from, error);
    if (error) throw system_error(failure, from, error.value());
}

} // namespace ebm::store
