#include "core/lab/dataset.h"

#include "core/base/error.h"

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace ebm::lab {
namespace {

namespace fs = std::filesystem;

constexpr const char* data_key = "data"; ///< in the metadata of a checkpoint
constexpr const char* held_out_key = "data.held_out";
constexpr const char* held_out_labels_key = "data.held_out_labels";
constexpr std::int64_t kept_numbers = 1'000'000; ///< of held-out data

/// The shape of a sample; empty if there is none that a model could have.
Shape kept_shape(const nlohmann::json& json) {
    constexpr std::int64_t largest_side = 4096, most_channels = 4;
    if (!json.contains("shape") || !json["shape"].is_array()) return {};
    Shape shape;
    for (const auto& size : json["shape"]) {
        if (!size.is_number_integer() || size < 1 || size > largest_side) return {};
        shape.push_back(size.get<std::int64_t>());
    }
    const bool fits = shape == Shape{2} || (shape.size() == 3 && shape[0] <= most_channels);
    return fits ? shape : Shape();
}

/// Whether the labels that were kept belong to the pictures and classes that were.
bool labels_fit(const KeptData& kept) {
    const torch::Tensor& labels = kept.held_out_labels;
    return kept.held_out.defined() && labels.size(0) == kept.held_out.size(0) && labels.numel() > 0 &&
           labels.min().item<std::int64_t>() >= 0 &&
           labels.max().item<std::int64_t>() < static_cast<std::int64_t>(kept.classes.size());
}

} // namespace

void keep_data(const Dataset& dataset, store::Checkpoint& checkpoint, const std::string& path) {
    nlohmann::ordered_json json;
    json["coding"] = nlohmann::ordered_json::parse(data::coding_json(dataset.coding));
    json["split_seed"] = dataset.split_seed;
    if (!dataset.checksum.empty()) json["checksum"] = dataset.checksum;
    json["shape"] = dataset.shape();
    if (!dataset.classes.empty()) json["classes"] = dataset.classes;
    if (dataset.from_stream) json["from_stream"] = true;
    if (!dataset.path.empty() && !dataset.from_stream) {
        // So that a folder with model and data in it can be moved as a whole.
        std::error_code ignored;
        const fs::path folder = fs::absolute(path, ignored).parent_path();
        json["path_from_checkpoint"] = fs::path(dataset.path).lexically_relative(folder).string();
    }
    checkpoint.extra[data_key] = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    if (!dataset.held_out.defined() || dataset.plane) return;
    const std::int64_t most = std::max<std::int64_t>(1, kept_numbers / std::max(1, dataset.kind.elements()));
    const std::int64_t count = dataset.held_out.size(0), kept = std::min(most, count);
    // Evenly, since files are often sorted.
    const torch::Tensor rows = torch::floor_divide(torch::arange(kept) * count, kept);
    torch::Tensor some = dataset.held_out.index_select(0, rows);
    const bool bytes = !dataset.kind.plane && dataset.coding.low == 0 && dataset.coding.high == 255;
    if (bytes && some.scalar_type() != torch::kByte) { // a quarter of the room, and no bit is lost
        const std::vector<std::uint8_t> pixels = to_pixels(some);
        some = torch::tensor(at::ArrayRef<std::uint8_t>(pixels)).reshape(some.sizes());
    }
    std::erase_if(checkpoint.tensors, [](const auto& tensor) {
        return tensor.first == held_out_key || tensor.first == held_out_labels_key;
    });
    checkpoint.tensors.emplace_back(held_out_key, some.contiguous());
    if (dataset.held_out_labels.defined())
        checkpoint.tensors.emplace_back(held_out_labels_key, dataset.held_out_labels.index_select(0, rows));
}

KeptData kept_data(const store::Checkpoint& checkpoint, const std::string& path) {
    KeptData kept;
    for (const auto& [name, tensor] : checkpoint.tensors)
        if (name == "buffer.samples" && tensor.dim() > 1) kept.shape = tensor.sizes().slice(1).vec();
    const auto found = checkpoint.extra.find(data_key);
    if (found == checkpoint.extra.end()) return kept;
    const auto json = nlohmann::json::parse(found->second, nullptr, false);
    if (json.is_discarded() || !json.is_object() || !json.contains("coding"))
        throw Error("What the checkpoint says about its data cannot be read", path,
                    "The file is damaged. Use an earlier checkpoint or another copy.");
    kept.coding = data::parse_coding(json["coding"].dump(), path);
    if (kept.shape.empty()) kept.shape = kept_shape(json);
    const auto text = [&](const char* key) {
        return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
    };
    if (json.contains("split_seed") && json["split_seed"].is_number_unsigned())
        kept.split_seed = json["split_seed"].get<std::uint64_t>();
    kept.checksum = text("checksum");
    kept.from_stream = json.contains("from_stream") && json["from_stream"] == true;
    if (const std::string relative = text("path_from_checkpoint"); !relative.empty()) {
        std::error_code ignored;
        const fs::path folder = fs::absolute(path, ignored).parent_path();
        kept.places = {(folder / relative).lexically_normal().string(),
                       (folder / fs::path(relative).filename()).string()};
    }
    if (json.contains("classes") && json["classes"].is_array())
        for (const auto& name : json["classes"])
            if (name.is_string()) kept.classes.push_back(name.get<std::string>());
    for (const auto& [name, tensor] : checkpoint.tensors) {
        if (name == held_out_labels_key && tensor.dim() == 1 && tensor.scalar_type() == torch::kLong)
            kept.held_out_labels = tensor;
        if (name != held_out_key || tensor.dim() < 2 || tensor.sizes().slice(1).vec() != kept.shape) continue;
        kept.held_out = tensor.scalar_type() == torch::kByte ? tensor : tensor.to(torch::kFloat);
    }
    if (kept.held_out_labels.defined() && !labels_fit(kept)) kept.held_out_labels = torch::Tensor();
    return kept;
}

} // namespace ebm::lab
