#include "core/lab/kept_training.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/store/input.h"
#include "core/store/safetensors_header.h"

#include <cstdlib>
#include <map>
#include <span>

#include <nlohmann/json.hpp>

namespace ebm::lab {

namespace {

/// What stands before the tensors, which may fill gigabytes and are not looked at.
std::map<std::string, std::string> metadata_of(const std::filesystem::path& path) {
    constexpr std::uint64_t longest_header = 100'000'000, length_bytes = 8;
    store::Input input(path.string());
    const std::span<const std::byte> start = input.peek(length_bytes); // or more
    if (start.size() < length_bytes) return {};
    std::uint64_t length = 0; // little-endian
    for (std::size_t i = 0; i < length_bytes; ++i)
        length |= std::to_integer<std::uint64_t>(start[i]) << 8 * i;
    if (length > longest_header) return {};
    const std::string_view text = files::as_text(input.peek(length_bytes + length));
    if (text.size() < length_bytes + length) return {};
    return store::parse_safetensors_header(text.substr(length_bytes, length), path.string()).metadata;
}

} // namespace

std::optional<KeptTraining> kept_training(const std::filesystem::path& path) {
    try {
        const auto metadata = metadata_of(path);
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
