#include "core/lab/kept_training.h"

#include "core/base/error.h"
#include "core/store/safetensors.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

namespace ebm::lab {

std::optional<KeptTraining> kept_training(const std::filesystem::path& path) {
    try {
        const auto metadata = store::read_safetensors(path).metadata;
        const nlohmann::json scene = nlohmann::json::parse(metadata.at("scene"));
        const std::string name = scene.value("name", "");
        return KeptTraining{scene.value("title", name), std::atoll(metadata.at("iteration").c_str()),
                            std::strtod(metadata.at("training_time_s").c_str(), nullptr)};
    } catch (const Error&) {
    } catch (const std::out_of_range&) {
    } catch (const nlohmann::json::exception&) {
    }
    return std::nullopt;
}

} // namespace ebm::lab
