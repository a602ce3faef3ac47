#pragma once

#include "core/store/download.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The sets of pictures that the program knows by name, and how they come to this machine.
namespace ebm::data {

struct CatalogueFile : store::RemoteFile {
    /// Names of files or folders that are there if this file is: its own, or those that the archive unpacks
    /// to. Ordinary files may be gzip.
    std::vector<std::string> proof;
};

struct CatalogueSet {
    std::string name; ///< as in data.set, and of the folder below data_home()
    std::string title;
    std::string contents; ///< counts, size, classes
    std::string licence;
    std::string page; ///< where its makers tell about it
    std::vector<CatalogueFile> files;
    bool archives = false; ///< the files are archives, which are unpacked and then removed

    std::uint64_t bytes() const; ///< of all files; 0 if it is not known
    /// Whether the program makes it itself.
    bool generated() const { return files.empty(); }
    /// Whether a person has to fetch the files: their makers ask for a registration, or for a click.
    bool by_hand() const { return !files.empty() && files.front().address.empty(); }
};

const std::vector<CatalogueSet>& catalogue();
/// Throws Error with the nearest known name.
const CatalogueSet& catalogue_set(std::string_view name);

struct SetState {
    bool present = false;
    std::filesystem::path
        folder;              ///< where it is; where it is expected if it is not there. Empty if generated
    std::uint64_t begun = 0; ///< bytes of downloads that were cut
};
/// `folder`, if it is not empty, is the only place that is looked at.
SetState state_of(const CatalogueSet& set, const std::filesystem::path& folder = {});

/// What get_set is at. `done` and `total` are bytes.
struct GetStage {
    enum class Kind { download, check, unpack } kind = Kind::download;
    std::string file;
    std::uint64_t done = 0, total = 0;
};
using GetProgress = std::function<bool(const GetStage&)>;

enum class Got { present, done, stopped };
/// Downloads what is missing of the set to `folder`, or if that is empty to the set's own below data_home(),
/// checks and unpacks it. Archives that
/// a person put there are taken as they are. `progress` false stops it; the next call goes on.
/// $EBMLAB_DATA_MIRROR is an address that has the files under their own names: they are fetched from there,
/// and checked all the same. Throws Error.
Got get_set(const CatalogueSet& set, const std::filesystem::path& folder, const GetProgress& progress);

} // namespace ebm::data
