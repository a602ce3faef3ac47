#include "core/store/safetensors.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"
#include "core/store/safetensors_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace ebm::store {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian");

constexpr std::uint64_t largest_header = 100'000'000;
constexpr std::uint64_t largest_safetensors_file = 8'000'000'000;

template <class Element>
constexpr const char* dtype_of();
template <>
constexpr const char* dtype_of<float>() {
    return "F32";
}
template <>
constexpr const char* dtype_of<double>() {
    return "F64";
}
template <>
constexpr const char* dtype_of<std::uint8_t>() {
    return "U8";
}
template <>
constexpr const char* dtype_of<std::int32_t>() {
    return "I32";
}
template <>
constexpr const char* dtype_of<std::int64_t>() {
    return "I64";
}

/// Bytes of an element, or 0 for an unknown dtype.
std::uint64_t element_size(std::string_view dtype) {
    if (dtype == "U8") return 1;
    if (dtype == "F32" || dtype == "I32") return 4;
    if (dtype == "F64" || dtype == "I64") return 8;
    return 0;
}

/// Bytes of a tensor, or nothing if the number does not fit 64 bits.
std::optional<std::uint64_t> byte_count(std::string_view dtype, const std::vector<std::int64_t>& shape) {
    std::uint64_t size = element_size(dtype);
    for (const std::int64_t extent : shape)
        if (extent < 0 || __builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size))
            return std::nullopt;
    return size;
}

Error damaged_safetensors(std::string what_happened, const std::string& source) {
    return Error(std::move(what_happened), source,
                 "The file is damaged or of another kind. Give another copy.");
}

/// Types of the format that EBM Lab never writes.
bool is_foreign_type(std::string_view dtype) {
    constexpr std::string_view types[] = {"BF16", "F16", "F8_E4M3", "F8_E5M2", "BOOL",
                                          "I8",   "I16", "U16",     "U32",     "U64"};
    return std::find(std::begin(types), std::end(types), dtype) != std::end(types);
}

} // namespace

template <class Element>
std::vector<Element> StoredTensor::values() const {
    if (dtype != dtype_of<Element>())
        throw Error(
            fmt::format("A tensor of type {} is expected, but {} is stored", dtype_of<Element>(), dtype), "",
            "The file was written by another program or version.");
    std::vector<Element> copy(bytes.size() / sizeof(Element));
    if (!copy.empty()) std::memcpy(copy.data(), bytes.data(), copy.size() * sizeof(Element));
    return copy;
}

template <class Element>
StoredTensor stored_tensor(std::vector<std::int64_t> shape, std::span<const Element> values) {
    const auto copy = std::make_shared<const std::vector<Element>>(values.begin(), values.end());
    return {dtype_of<Element>(), std::move(shape), std::as_bytes(std::span(*copy)), copy};
}

#define EBM_INSTANTIATE(Element)                                                                             \
    template std::vector<Element> StoredTensor::values() const;                                              \
    template StoredTensor stored_tensor(std::vector<std::int64_t>, std::span<const Element>);
EBM_INSTANTIATE(float)
EBM_INSTANTIATE(double)
EBM_INSTANTIATE(std::uint8_t)
EBM_INSTANTIATE(std::int32_t)
EBM_INSTANTIATE(std::int64_t)
#undef EBM_INSTANTIATE

const StoredTensor& SafetensorsFile::tensor(const std::string& name) const {
    const auto found = tensors.find(name);
    if (found != tensors.end()) return found->second;
    std::vector<std::string_view> names;
    for (const auto& entry : tensors)
        names.push_back(entry.first);
    const std::string_view near = nearest(name, names);
    throw Error("The file has no tensor of this name", name,
                near.empty() ? "The file was written by another program or for another model."
                             : fmt::format("The nearest name in it is {}.", near));
}

SafetensorsFile parse_safetensors(std::span<const std::byte> content, const std::string& source) {
    if (content.empty()) throw damaged_safetensors("The file is empty", source);
    if (content.size() < 8) throw damaged_safetensors("The file is too short to be safetensors", source);
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, content.data(), 8);
    if (header_size > largest_header)
        throw Error("The file is not safetensors, as models of this program are", source,
                    "Give a file that `ebmlab train` or the window saved.");
    if (header_size > content.size() - 8)
        throw damaged_safetensors("The safetensors file ends within its header", source);
    const std::string_view text = files::as_text(content.subspan(8, header_size));
    const std::span<const std::byte> data = content.subspan(8 + header_size);
    SafetensorsHeader header = parse_safetensors_header(text, source);

    std::vector<const SafetensorsEntry*> order;
    for (const SafetensorsEntry& entry : header.entries) {
        const auto about = [&](const char* what) {
            return damaged_safetensors(fmt::format("The tensor {} {}", shown_name(entry.name), what), source);
        };
        if (is_foreign_type(entry.dtype))
            throw Error(fmt::format("The file is safetensors of another program: its tensor {} is {}",
                                    shown_name(entry.name), entry.dtype),
                        source, "Give a file that EBM Lab saved, or convert its tensors to F32.");
        if (element_size(entry.dtype) == 0) throw about("has a type that is not F32, F64, U8, I32 or I64");
        if (entry.begin > entry.end || entry.end > data.size()) throw about("lies outside the file");
        const std::optional<std::uint64_t> size = byte_count(entry.dtype, entry.shape);
        if (!size || *size != entry.end - entry.begin) throw about("has a shape that does not fit its size");
        order.push_back(&entry);
    }
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
    });
    std::uint64_t covered = 0;
    for (const SafetensorsEntry* entry : order) {
        if (entry->begin < covered)
            throw damaged_safetensors(fmt::format("The tensor {} overlaps another", shown_name(entry->name)),
                                      source);
        if (entry->begin > covered)
            throw damaged_safetensors(
                fmt::format("There is a gap before the tensor {}", shown_name(entry->name)), source);
        covered = entry->end;
    }
    if (covered != data.size()) throw damaged_safetensors("There are bytes after the last tensor", source);

    SafetensorsFile file;
    file.metadata = std::move(header.metadata);
    for (SafetensorsEntry& entry : header.entries) {
        const auto bytes = data.subspan(entry.begin, entry.end - entry.begin);
        file.tensors[entry.name] = {std::move(entry.dtype), std::move(entry.shape), bytes};
    }
    return file;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
    const auto content = std::make_shared<const files::Bytes>(files::read(path, largest_safetensors_file));
    SafetensorsFile file = parse_safetensors(*content, path.string());
    for (auto& [name, tensor] : file.tensors)
        tensor.owner = content;
    return file;
}

namespace {

/// A file as what follows one another in it: the length of the header with the header, then the tensors.
struct Pieces {
    std::string head;
    std::vector<std::span<const std::byte>> tensors;
};

Pieces pieces_of(const SafetensorsFile& file) {
    std::vector<std::pair<const std::string*, const StoredTensor*>> order;
    for (const auto& [name, tensor] : file.tensors) {
        const std::optional<std::uint64_t> size = byte_count(tensor.dtype, tensor.shape);
        if (element_size(tensor.dtype) == 0 || !size || *size != tensor.bytes.size() ||
            name == "__metadata__" || tensor.shape.size() > most_dimensions)
            throw Error("A tensor cannot be stored: its type, shape or name is not valid", name,
                        "This is a mistake in the program. Please report it.");
        order.emplace_back(&name, &tensor);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return element_size(a.second->dtype) > element_size(b.second->dtype);
    });

    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : order) {
        const std::uint64_t end = offset + tensor->bytes.size();
        header[*name] = {{"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.append((8 - text.size() % 8) % 8, ' ');
    if (text.size() > largest_header)
        throw Error("The header of the file would be larger than 100 MB", "",
                    "Store fewer tensors or less metadata.");

    const std::uint64_t header_size = text.size();
    Pieces pieces{std::string(8, '\0') + text, {}};
    std::memcpy(pieces.head.data(), &header_size, 8);
    for (const auto& entry : order)
        pieces.tensors.push_back(entry.second->bytes);
    return pieces;
}

} // namespace

std::vector<std::byte> format_safetensors(const SafetensorsFile& file) {
    const Pieces pieces = pieces_of(file);
    const auto head = files::as_bytes(pieces.head);
    std::vector<std::byte> content(head.begin(), head.end());
    for (const auto& tensor : pieces.tensors)
        content.insert(content.end(), tensor.begin(), tensor.end());
    return content;
}

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
    const Pieces pieces = pieces_of(file);
    std::vector<std::span<const std::byte>> all = pieces.tensors;
    all.insert(all.begin(), files::as_bytes(pieces.head));
    files::write_atomically(path, all);
}

} // namespace ebm::store
