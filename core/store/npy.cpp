#include "core/store/npy.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace ebm::store {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t largest_file = 8'000'000'000;
constexpr const char* form = "Save the array with numpy.save as float32, C order, 2 to 4 dimensions.";

/// What the header says: a Python dictionary literal with the keys descr, fortran_order and shape.
struct Header {
    std::string_view type;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
};

/// Parses the few forms of Python literal that numpy.save writes. Every function returns false at the first
/// character that does not fit.
class Literal {
public:
    explicit Literal(std::string_view text) : text_(text) {}

    bool header(Header& header) {
        bool type = false, order = false, shape = false;
        if (!take('{')) return false;
        while (!take('}')) {
            std::string_view key;
            if (!string(key) || !take(':')) return false;
            if (key == "descr" && !std::exchange(type, true)) {
                if (!string(header.type)) return false;
            } else if (key == "fortran_order" && !std::exchange(order, true)) {
                header.fortran_order = word("True");
                if (!header.fortran_order && !word("False")) return false;
            } else if (key == "shape" && !std::exchange(shape, true)) {
                if (!tuple(header.shape)) return false;
            } else {
                return false;
            }
            if (!take(',')) {
                if (!take('}')) return false;
                break;
            }
        }
        skip_blanks();
        return type && order && shape && text_.empty();
    }

private:
    void skip_blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \n\t"), text_.size())); }

    bool take(char c) {
        skip_blanks();
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }

    bool word(std::string_view expected) {
        skip_blanks();
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(expected.size());
        return true;
    }

    bool string(std::string_view& value) {
        skip_blanks();
        if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) return false;
        const size_t end = text_.find(text_[0], 1);
        if (end == std::string_view::npos) return false;
        value = text_.substr(1, end - 1);
        text_.remove_prefix(end + 1);
        return true;
    }

    bool tuple(std::vector<std::int64_t>& values) {
        if (!take('(')) return false;
        while (!take(')')) {
            skip_blanks();
            std::int64_t value = 0;
            const auto [end, code] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
            if (code != std::errc() || value < 0 || values.size() == 32) return false;
            text_.remove_prefix(static_cast<size_t>(end - text_.data()));
            values.push_back(value);
            if (!take(',')) return take(')');
        }
        return true;
    }

    std::string_view text_;
};

template <class Element>
std::vector<float> converted(std::span<const std::byte> data) {
    std::vector<float> values(data.size() / sizeof(Element));
    for (size_t i = 0; i < values.size(); ++i) {
        Element element;
        std::memcpy(&element, data.data() + i * sizeof(Element), sizeof(Element));
        values[i] = static_cast<float>(element);
    }
    return values;
}

struct ElementType {
    const char* name;
    std::uint64_t size;
    std::vector<float> (*convert)(std::span<const std::byte>);
};

constexpr ElementType element_types[] = {{"<f4", 4, converted<float>},
                                         {"<f8", 8, converted<double>},
                                         {"|u1", 1, converted<std::uint8_t>},
                                         {"<i4", 4, converted<std::int32_t>},
                                         {"<i8", 8, converted<std::int64_t>}};

std::string joined(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t extent : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return text;
}

} // namespace

Array parse_npy(std::span<const std::byte> content, const std::string& source) {
    const auto refused = [&](std::string what_happened, const char* what_to_do = form) {
        return Error(std::move(what_happened), source, what_to_do);
    };
    const char* copy_again = "The file is cut off or damaged. Copy it again.";
    if (content.empty()) throw refused("The file is empty");
    if (!files::as_text(content).starts_with(magic) || content.size() < 10)
        throw refused("The file is not in the npy format");
    const auto byte = [&](size_t i) { return std::to_integer<std::uint64_t>(content[i]); };
    const std::uint64_t version = byte(6);
    if ((version != 1 && version != 2) || byte(7) != 0)
        throw refused(fmt::format("Version {}.{} of the npy format is not supported", version, byte(7)));
    const size_t length_size = version == 1 ? 2 : 4;
    if (content.size() < 8 + length_size) throw refused("The npy file ends within its header", copy_again);
    std::uint64_t length = 0;
    for (size_t i = 0; i < length_size; ++i)
        length |= byte(8 + i) << (8 * i);
    if (length > content.size() - 8 - length_size)
        throw refused("The npy file ends within its header", copy_again);

    Header header;
    if (!Literal(files::as_text(content.subspan(8 + length_size, length))).header(header))
        throw refused("The header of the npy file cannot be read");
    const ElementType* type = nullptr;
    for (const ElementType& candidate : element_types)
        if (header.type == candidate.name) type = &candidate;
    if (!type) throw refused("The elements of the npy file are not of type <f4, <f8, |u1, <i4 or <i8");
    if (header.fortran_order) throw refused("The npy file is in Fortran order");
    if (header.shape.size() < 2 || header.shape.size() > 4)
        throw refused(
            fmt::format("The array has {} dimensions, but 2 to 4 are expected", header.shape.size()));

    const std::span<const std::byte> data = content.subspan(8 + length_size + length);
    std::uint64_t size = type->size;
    bool fits = true;
    for (const std::int64_t extent : header.shape)
        fits = fits && !__builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size);
    if (!fits || size != data.size())
        throw refused(fmt::format("The shape ({}) does not fit the {} of data in the npy file",
                                  joined(header.shape), files::size_in_words(data.size())),
                      copy_again);
    return {std::move(header.shape), type->convert(data)};
}

Array read_npy(const std::filesystem::path& path) {
    return parse_npy(files::read(path, largest_file), path.string());
}

std::vector<std::byte> format_npy(const Array& array) {
    std::uint64_t size = 1;
    for (const std::int64_t extent : array.shape)
        size *= static_cast<std::uint64_t>(extent);
    if (size != array.values.size())
        throw Error("An array cannot be stored: its shape does not fit its values", joined(array.shape),
                    "This is a mistake in the program. Please report it.");
    std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                     joined(array.shape), array.shape.size() == 1 ? "," : "");
    header.append(63 - (10 + header.size()) % 64, ' '); // the data begin at a multiple of 64 bytes
    header += '\n';
    std::string start(magic);
    start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    start += header;
    const auto first = files::as_bytes(start);
    const auto second = std::as_bytes(std::span(array.values));
    std::vector<std::byte> content(first.begin(), first.end());
    content.insert(content.end(), second.begin(), second.end());
    return content;
}

void write_npy(const std::filesystem::path& path, const Array& array) {
    files::write_atomically(path, format_npy(array));
}

} // namespace ebm::store
