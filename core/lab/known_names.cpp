#include "core/lab/known_names.h"

#include "core/data/picture_set.h"
#include "core/data/plane.h"
#include "core/energy/energy.h"

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

std::vector<std::string> known_names(std::string_view key) {
    if (key == "data.set") return data_set_names();
    if (key != "model.energy") return {};
    std::vector<std::string> names;
    for (const EnergyKind& kind : energy_kinds())
        names.push_back(kind.name);
    return names;
}

} // namespace ebm::lab
