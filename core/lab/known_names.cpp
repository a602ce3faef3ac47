#include "core/lab/known_names.h"

#include "core/data/picture_set.h"
#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/dataset.h"

namespace ebm::lab {

std::vector<std::string> data_set_names() {
    std::vector<std::string> names = {"points",  "pictures", "fashion_mnist", "mnist",
                                      "sprites", "drawn",    "none"};
    for (const std::string& name : data::picture_set_names())
        names.push_back(name);
    for (const data::PlaneSet& plane : data::plane_sets())
        names.emplace_back(plane.name);
    return names;
}

namespace {

/// As add_ood_pictures calls them.
std::vector<std::string> ood_picture_sets() {
    return {"MNIST digits",  "KMNIST",
            "SVHN",          "SVHN, training split",
            "Textures",      "Textures, top left",
            "Uniform noise", "Constant",
            "Interpolation", "Inverted",
            "Rotated",       "Shuffled pixels"};
}

} // namespace

std::vector<std::string> known_names(std::string_view key) {
    if (key == "data.set") return data_set_names();
    if (key != "model.energy") return {};
    std::vector<std::string> names;
    for (const EnergyKind& kind : energy_kinds())
        names.push_back(kind.name);
    return names;
}

std::vector<std::string> known_ood_sets(const Settings& settings) {
    const std::string& set = settings.data.set;
    const bool pictures = set == "fashion_mnist" || set == "mnist" || set == "sprites" || set == "pictures" ||
                          set == "idx" || data::is_picture_set(set);
    return pictures ? ood_picture_sets() : std::vector<std::string>{uniform_box_name};
}

std::vector<std::string> all_ood_sets() {
    std::vector<std::string> names = ood_picture_sets();
    names.emplace_back(uniform_box_name);
    return names;
}

} // namespace ebm::lab
