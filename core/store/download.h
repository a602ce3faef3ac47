#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace ebm::store {

/// A file of another machine, with what is known of it before it comes.
struct RemoteFile {
    std::string address; ///< https or http; empty for a file that a person has to fetch
    std::string name;    ///< of the file
    std::uint64_t bytes = 0;
    std::string sha256, md5; ///< hexadecimal, lower case; `md5` counts only where there is no `sha256`
};

/// Called often with the bytes that are there; false stops the work.
using DownloadProgress = std::function<bool(std::uint64_t done)>;

/// Downloads `file` to `folder`/name, which appears only when it is whole: until then its content is in
/// `folder`/name.part, where the next call goes on, and so does this one when the connection is cut. A file
/// that is there with the right size is checked and kept. A file or part with the wrong checksum is removed.
/// Returns false if `progress` stopped it. Throws Error: no connection, an answer that is an error, another
/// size or checksum than promised, no room.
bool download(const RemoteFile& file, const std::filesystem::path& folder, const DownloadProgress& progress);

/// Whether the checksum of `path` is the promised one; nothing is removed. Returns false if `progress`
/// stopped it. Throws Error if size or checksum differ.
bool check_download(const RemoteFile& file, const std::filesystem::path& path,
                    const DownloadProgress& progress);

} // namespace ebm::store
