#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Where sets of data lie on this machine.
namespace ebm::data {

/// The folder below which every set that is downloaded gets a folder of its name: $EBMLAB_DATA, else
/// $XDG_DATA_HOME/ebmlab/data, else ~/.local/share/ebmlab/data. Empty if none of the variables is set.
std::filesystem::path data_home();

/// The folders where the files of a set may lie, in the order in which they are searched: the set's folder
/// in data_home() and what an archive unpacks to inside it, the folder of a system package, and what comes
/// with the program. Whether one of them is there is not looked at. `set` is a name of data.set, such as
/// "cifar10".
std::vector<std::filesystem::path> places(const std::string& set);

/// The set of the catalogue whose files a set of data.set is made of: imagenet for imagenet128, else itself.
std::string archive_of(const std::string& set);

} // namespace ebm::data
