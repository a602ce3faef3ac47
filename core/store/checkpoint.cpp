#include "core/store/checkpoint.h"

#include "core/base/error.h"
#include "core/store/safetensors.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <zlib.h>

namespace ebm::store {
namespace {

constexpr const char* format_name = "ebmlab-checkpoint";
constexpr std::int64_t format_version = 1;
constexpr std::string_view own_keys[] = {"format",    "version",         "scene",
                                         "iteration", "training_time_s", "checksum"};
constexpr const char* full_buffer_key = "full_buffer_size"; ///< present in models without training state
constexpr const char* adam_steps = "adam.steps"; ///< steps of the optimizer, which made its moments
constexpr std::int64_t largest_buffer = 10'000'000, largest_buffer_bytes = 8'000'000'000;

bool is_own_key(std::string_view key) {
    return std::find(std::begin(own_keys), std::end(own_keys), key) != std::end(own_keys);
}

/// CRC-32 over names, types, shapes and bytes of all tensors and over the metadata but the checksum itself.
std::string checksum(const SafetensorsFile& file) {
    uLong crc = crc32_z(0, nullptr, 0);
    const auto add = [&](const void* bytes, std::size_t size) {
        if (size > 0) crc = crc32_z(crc, static_cast<const Bytef*>(bytes), size); // no bytes would begin anew
    };
    const auto add_text = [&](const std::string& text) { add(text.c_str(), text.size() + 1); };
    for (const auto& [key, value] : file.metadata) {
        if (key == "checksum") continue;
        add_text(key);
        add_text(value);
    }
    for (const auto& [name, tensor] : file.tensors) {
        add_text(name);
        add_text(tensor.dtype);
        for (const std::int64_t size : tensor.shape)
            add_text(std::to_string(size));
        add(tensor.bytes.data(), tensor.bytes.size());
    }
    return fmt::format("crc32:{:08x}", static_cast<std::uint32_t>(crc));
}

struct Type {
    torch::ScalarType scalar;
    const char* name;
};
constexpr Type types[] = {{torch::kFloat, "F32"},
                          {torch::kDouble, "F64"},
                          {torch::kByte, "U8"},
                          {torch::kInt, "I32"},
                          {torch::kLong, "I64"}};

StoredTensor store(const std::string& name, const torch::Tensor& tensor) {
    const auto plain = std::make_shared<const torch::Tensor>(tensor.detach().to(torch::kCPU).contiguous());
    for (const Type& type : types) {
        if (type.scalar != plain->scalar_type()) continue;
        const auto* bytes = static_cast<const std::byte*>(plain->const_data_ptr());
        return {type.name, plain->sizes().vec(), {bytes, plain->nbytes()}, plain};
    }
    throw Error("A tensor has a type that checkpoints do not hold", name,
                "This is a mistake in the program. Please report it.");
}

torch::Tensor load(const StoredTensor& stored) {
    for (const Type& type : types) {
        if (stored.dtype != type.name) continue;
        torch::Tensor tensor = torch::empty(stored.shape, type.scalar);
        std::ranges::copy(stored.bytes, static_cast<std::byte*>(tensor.mutable_data_ptr()));
        return tensor;
    }
    throw std::logic_error("safetensors reader let the type " + stored.dtype + " through");
}

Error damaged_checkpoint(const std::string& what, const std::filesystem::path& path) {
    return Error(what, path.string(), "The file is damaged. Use an earlier checkpoint or another copy.");
}

template <class Number>
Number number(const std::map<std::string, std::string>& metadata, const char* key,
              const std::filesystem::path& path) {
    Number value{};
    const auto found = metadata.find(key);
    if (found != metadata.end()) {
        const char* const end = found->second.data() + found->second.size();
        const auto [rest, error] = std::from_chars(found->second.data(), end, value);
        if (error == std::errc() && rest == end && value >= 0 && std::isfinite(static_cast<double>(value)))
            return value;
    }
    throw damaged_checkpoint(fmt::format("The checkpoint does not tell its {}", key), path);
}

void check_kind(const SafetensorsFile& file, const std::filesystem::path& path) {
    const auto format = file.metadata.find("format");
    if (format == file.metadata.end() || format->second != format_name)
        throw Error("This safetensors file is not a checkpoint of EBM Lab", path.string(),
                    "Give a file that `ebmlab train` or the window saved.");
    const auto version = number<std::int64_t>(file.metadata, "version", path);
    if (version > format_version)
        throw Error(fmt::format("The checkpoint has version {}, newer than this program reads", version),
                    path.string(), "Use a newer EBM Lab.");
    const auto sum = file.metadata.find("checksum");
    if (sum == file.metadata.end() || sum->second != checksum(file))
        throw damaged_checkpoint("The checkpoint's checksum does not fit its content", path);
    if (!file.metadata.contains("scene")) throw damaged_checkpoint("The checkpoint holds no scene", path);
}

/// Adds what without_training_state left out.
void complete(Checkpoint& checkpoint, const std::filesystem::path& path) {
    const auto size = number<std::int64_t>(checkpoint.extra, full_buffer_key, path);
    if (size > largest_buffer) throw damaged_checkpoint("The checkpoint's buffer size cannot be right", path);
    std::vector<std::pair<std::string, torch::Tensor>> moments;
    for (auto& [name, tensor] : checkpoint.tensors) {
        if (name.starts_with("buffer.") && tensor.dim() > 0) {
            if (tensor.size(0) == 0) throw damaged_checkpoint("The checkpoint's buffer is empty", path);
            if (static_cast<std::int64_t>(tensor.nbytes()) / tensor.size(0) >
                largest_buffer_bytes / std::max<std::int64_t>(1, size))
                throw damaged_checkpoint("The checkpoint's buffer size cannot be right", path);
            checkpoint.buffer_samples = std::min(size, tensor.size(0));
            tensor = tensor.index_select(0, torch::arange(size).remainder(tensor.size(0)));
        }
        const std::string weights = "weights.";
        if (!name.starts_with(weights)) continue;
        for (const char* moment : {"adam.m.", "adam.v."})
            moments.emplace_back(moment + name.substr(weights.size()), torch::zeros_like(tensor));
    }
    moments.emplace_back(adam_steps, torch::zeros({1}, torch::kLong));
    checkpoint.tensors.insert(checkpoint.tensors.end(), moments.begin(), moments.end());
}

bool has(const Checkpoint& checkpoint, std::string_view name) {
    return std::any_of(checkpoint.tensors.begin(), checkpoint.tensors.end(),
                       [&](const auto& entry) { return entry.first == name; });
}

} // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
    SafetensorsFile file;
    for (const auto& [name, tensor] : checkpoint.tensors)
        if (!file.tensors.emplace(name, store(name, tensor)).second)
            throw Error("Two tensors have the same name", name,
                        "This is a mistake in the program. Please report it.");
    for (const auto& [key, value] : checkpoint.extra)
        if (!is_own_key(key)) file.metadata[key] = value;
    file.metadata["format"] = format_name;
    file.metadata["version"] = std::to_string(format_version);
    file.metadata["scene"] = checkpoint.scene_json;
    file.metadata["iteration"] = std::to_string(checkpoint.iteration);
    file.metadata["training_time_s"] = fmt::format("{}", checkpoint.seconds);
    file.metadata["checksum"] = checksum(file);
    write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
    SafetensorsFile file = read_safetensors(path);
    check_kind(file, path);
    Checkpoint checkpoint;
    checkpoint.scene_json = file.metadata.at("scene");
    checkpoint.iteration = number<std::int64_t>(file.metadata, "iteration", path);
    checkpoint.seconds = number<double>(file.metadata, "training_time_s", path);
    for (const auto& [name, stored] : file.tensors)
        checkpoint.tensors.emplace_back(name, load(stored));
    for (const auto& [key, value] : file.metadata)
        if (!is_own_key(key)) checkpoint.extra[key] = value;
    if (lacks_training_state(checkpoint)) complete(checkpoint, path);
    // Checkpoints from before the optimizer counted its steps: it had made one an iteration.
    const bool trained = std::any_of(checkpoint.tensors.begin(), checkpoint.tensors.end(),
                                     [](const auto& entry) { return entry.first.starts_with("adam."); });
    if (trained && !has(checkpoint, adam_steps))
        checkpoint.tensors.emplace_back(adam_steps, torch::full({1}, checkpoint.iteration, torch::kLong));
    return checkpoint;
}

Checkpoint without_training_state(const Checkpoint& checkpoint, std::int64_t buffer_samples) {
    Checkpoint small = checkpoint;
    small.tensors.clear();
    std::int64_t full_size = 0;
    for (const auto& [name, tensor] : checkpoint.tensors) {
        if (name.starts_with("adam.") || name.starts_with("chains.")) continue;
        if (!name.starts_with("buffer.") || tensor.dim() == 0) {
            small.tensors.emplace_back(name, tensor);
            continue;
        }
        full_size = tensor.size(0);
        small.tensors.emplace_back(name, tensor.slice(0, 0, buffer_samples));
    }
    small.extra[full_buffer_key] = std::to_string(full_size);
    return small;
}

bool lacks_training_state(const Checkpoint& checkpoint) {
    return checkpoint.extra.contains(full_buffer_key);
}

} // namespace ebm::store
