#include "core/data/places.h"

#include "core/base/program.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

fs::path environment(const char* variable) {
    const char* value = std::getenv(variable);
    return value ? value : "";
}

/// $XDG_DATA_HOME/ebmlab or ~/.local/share/ebmlab; empty if neither variable is set.
fs::path user_folder() {
    if (const fs::path user = environment("XDG_DATA_HOME"); !user.empty()) return user / "ebmlab";
    if (const fs::path home = environment("HOME"); !home.empty()) return home / ".local/share/ebmlab";
    return {};
}

/// The folders that the archives of the sets' makers unpack to.
const std::map<std::string, std::vector<const char*>> unpacked = {
    {"cifar10", {"cifar-10-batches-bin"}},
    {"cifar100", {"cifar-100-binary"}},
    {"dtd", {"dtd"}},
    {"imagenet32", {"Imagenet32_train_npz", "Imagenet32_val_npz"}}};

} // namespace

fs::path data_home() {
    if (const fs::path chosen = environment("EBMLAB_DATA"); !chosen.empty()) return chosen;
    const fs::path user = user_folder();
    return user.empty() ? user : user / "data";
}

std::string archive_of(const std::string& set) {
    return set == "imagenet128" ? "imagenet" : set;
}

std::vector<fs::path> places(const std::string& set) {
    std::vector<fs::path> folders;
    const auto add = [&](const fs::path& folder) {
        if (!folder.empty()) folders.push_back(folder);
    };
    if (const fs::path home = data_home(); !home.empty()) {
        add(home / set);
        if (const auto inside = unpacked.find(set); inside != unpacked.end())
            for (const char* name : inside->second)
                add(home / set / name);
        if (archive_of(set) != set) add(home / archive_of(set));
        if (set == "mnist") add(home);
    }
    if (const fs::path user = user_folder(); set == "mnist" && !user.empty()) {
        add(user / set);
        add(user);
    }
    std::string package = set;
    std::ranges::replace(package, '_', '-');
    add(fs::path("/usr/share/datasets") / package);
    if (const fs::path program = program_folder(); !program.empty()) add(program / set);
    return folders;
}

} // namespace ebm::data
