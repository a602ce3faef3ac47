#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace ebm::store {

/// Unpacks a tar archive (packed or not) or a zip archive into `folder`, which is made. Only folders and
/// ordinary files below it are written; an entry that is anything else, or leads elsewhere, is an Error.
/// `progress` gets the bytes of the archive that are read; false stops it, and so does unpack return then.
/// What was written so far stays there, also after an Error: bad archive, no room.
bool unpack(const std::filesystem::path& archive, const std::filesystem::path& folder,
            const std::function<bool(std::uint64_t read)>& progress);

/// Moves everything from `from` to `to`, which may have some of it already: files of the same size stay,
/// others are an Error that names them. `from` is gone then. Both are on one file system.
void move_into(const std::filesystem::path& from, const std::filesystem::path& to);

} // namespace ebm::store
