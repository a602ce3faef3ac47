#include "core/store/npy.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace ebm::store {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

constexpr std::uint64_t longest_header = 1'000'000;
constexpr const char* form = "Save the array of numbers with numpy.save.";
constexpr const char* copy_again = "The file is cut off or damaged. Copy it again.";

/// What the header says: a Python dictionary literal with the keys descr, fortran_order and shape.
struct ParsedHeader {
    std::string_view type;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
};

/// Parses the few forms of Python literal that numpy.save writes. Every function returns false at the first
/// character that does not fit.
class Literal {
public:
    explicit Literal(std::string_view text) : text_(text) {}

    bool header(ParsedHeader& header) {
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
            if (text_.starts_with('L')) text_.remove_prefix(1); // Python 2
            if (!take(',')) return take(')');
        }
        return true;
    }

    std::string_view text_;
};

/// What an element type of NumPy is that is not a number here; empty if it is one.
const char* other_type(std::string_view type) {
    if (type.empty()) return "an unknown kind";
    switch (type[0]) {
    case 'c':
        return "complex numbers";
    case 'O':
        return "Python objects, which are never loaded";
    case 'S':
    case 'a':
    case 'U':
        return "texts";
    case 'M':
    case 'm':
        return "dates or times";
    case 'V':
        return "records";
    case 'g':
        return "extended precision (longdouble)";
    default:
        return type == "f16" || type == "f12" ? "extended precision (longdouble)" : nullptr;
    }
}

ElementType element_type(std::string_view descr, const std::string& source) {
    using Kind = ElementType::Kind;
    const bool order = !descr.empty() && std::string_view("<>=|").find(descr[0]) != std::string_view::npos;
    const std::string_view type = order ? descr.substr(1) : descr;
    const char* remedy = "Convert it with astype(numpy.float32) and save it again.";
    if (const char* other = other_type(type))
        throw Error(fmt::format("The elements of the npy file are {}", other), source, remedy);
    static constexpr std::pair<std::string_view, ElementType> types[] = {
        {"b1", {Kind::boolean, 1}}, {"?", {Kind::boolean, 1}},  {"i1", {Kind::integer, 1}},
        {"i2", {Kind::integer, 2}}, {"i4", {Kind::integer, 4}}, {"i8", {Kind::integer, 8}},
        {"u1", {Kind::natural, 1}}, {"u2", {Kind::natural, 2}}, {"u4", {Kind::natural, 4}},
        {"u8", {Kind::natural, 8}}, {"f2", {Kind::real, 2}},    {"f4", {Kind::real, 4}},
        {"f8", {Kind::real, 8}}};
    for (auto [name, element] : types) {
        if (type != name) continue;
        element.big_endian = descr[0] == '>' && element.size > 1;
        return element;
    }
    throw Error("The elements of the npy file are of an unknown type", source, remedy);
}

std::string joined(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t extent : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return text;
}

/// The header, and how many bytes it takes, all of which stay in the input.
std::pair<ParsedHeader, size_t> parsed_header(Input& input) {
    const auto refused = [&](std::string what_happened, const char* what_to_do = form) {
        return Error(std::move(what_happened), input.name(), what_to_do);
    };
    const std::span<const std::byte> start = input.peek(12);
    if (start.empty()) throw refused("The file is empty");
    if (!files::as_text(start).starts_with(npy_magic) || start.size() < 10)
        throw refused("The file is not in the npy format");
    const auto byte = [&](size_t i) { return std::to_integer<std::uint64_t>(start[i]); };
    const std::uint64_t version = byte(6);
    if (version < 1 || version > 3 || byte(7) != 0)
        throw refused(fmt::format("Version {}.{} of the npy format is not supported", version, byte(7)));
    const size_t length_size = version == 1 ? 2 : 4;
    if (start.size() < 8 + length_size) throw refused("The npy file ends within its header", copy_again);
    std::uint64_t length = 0;
    for (size_t i = 0; i < length_size; ++i)
        length |= byte(8 + i) << (8 * i);
    if (length > longest_header) throw refused("The header of the npy file is too long", copy_again);
    const size_t end = 8 + length_size + length;
    const std::span<const std::byte> content = input.peek(end);
    if (content.size() < end) throw refused("The npy file ends within its header", copy_again);

    const std::string_view text = files::as_text(content.subspan(8 + length_size, length));
    ParsedHeader parsed;
    if (!Literal(text).header(parsed)) {
        if (text.find("'descr': [") != std::string_view::npos)
            throw refused("The elements of the npy file are records of named fields",
                          "Save one plain array of numbers.");
        throw refused("The header of the npy file cannot be read");
    }
    return {std::move(parsed), end};
}

/// The numbers of bytes of n elements. Throws Error if the content has not as many.
std::uint64_t content_size(Input& input, const std::vector<std::int64_t>& shape, std::uint64_t of_element) {
    const auto wrong_size = [&](const std::string& found) {
        return Error(fmt::format("The shape ({}) does not fit the {} in the npy file", joined(shape), found),
                     input.name(), copy_again);
    };
    std::uint64_t size = of_element;
    for (const std::int64_t extent : shape)
        if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size)) throw wrong_size("data");
    if (const auto left = input.remaining(); left && *left != size)
        throw wrong_size(files::size_in_words(*left) + " of data");
    return size;
}

/// A code point as UTF-8; what is none as U+FFFD.
void append_utf8(std::string& text, std::uint32_t point) {
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) point = 0xfffd;
    const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            byte(0xe0 | point >> 12);
        } else {
            byte(0xf0 | point >> 18);
            byte(0x80 | (point >> 12 & 0x3f));
        }
        byte(0x80 | (point >> 6 & 0x3f));
    }
    byte(0x80 | (point & 0x3f));
}

} // namespace

NpyHeader read_npy_header(Input& input) {
    auto [parsed, end] = parsed_header(input);
    NpyHeader header{element_type(parsed.type, input.name()), parsed.fortran_order, std::move(parsed.shape)};
    input.skip(end);
    return header;
}

std::optional<std::vector<std::string>> read_npy_texts(Input& input) {
    auto [parsed, end] = parsed_header(input);
    std::string_view type = parsed.type;
    const bool big_endian = type.starts_with('>');
    if (!type.empty() && std::string_view("<>=|").find(type[0]) != std::string_view::npos)
        type.remove_prefix(1);
    if (type.empty() || std::string_view("SaU").find(type[0]) == std::string_view::npos) return {};
    const bool wide = type[0] == 'U';
    std::uint32_t length = 0;
    const auto [rest, code] = std::from_chars(type.data() + 1, type.data() + type.size(), length);
    if (code != std::errc() || rest != type.data() + type.size() || length > longest_header) return {};
    if (length == 0) return {}; // of such texts a header can promise any number
    const std::vector<std::int64_t> shape = std::move(parsed.shape);
    if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && shape[1] != 1)) return {};
    input.skip(end);
    const std::uint64_t size = content_size(input, shape, wide ? 4 * length : length);
    if (size > input.most_remaining())
        throw Error("The npy file ends within its texts", input.name(), copy_again);
    std::vector<std::string> texts;
    std::vector<std::byte> element(wide ? 4 * length : length);
    for (std::int64_t i = 0; i < shape[0]; ++i) {
        if (input.read(element) < element.size())
            throw Error("The npy file ends within its texts", input.name(), copy_again);
        std::string& text = texts.emplace_back();
        if (!wide) {
            text = files::as_text(element);
        } else {
            for (size_t at = 0; at < element.size(); at += 4) {
                std::uint32_t point = 0;
                for (size_t b = 0; b < 4; ++b)
                    point |= std::to_integer<std::uint32_t>(element[at + (big_endian ? 3 - b : b)])
                             << (8 * b);
                append_utf8(text, point);
            }
        }
        text.resize(text.find_last_not_of('\0') + 1); // shorter ones are filled up with zeros
    }
    if (!input.at_end()) throw Error("The npy file is longer than its header says", input.name(), copy_again);
    return texts;
}

torch::Tensor read_npy(Input& input, ElementType* type) {
    const NpyHeader header = read_npy_header(input);
    if (type) *type = header.type;
    content_size(input, header.shape, static_cast<std::uint64_t>(header.type.size));
    std::vector<std::int64_t> stored = header.shape;
    if (header.fortran_order) std::ranges::reverse(stored);
    torch::Tensor values = read_elements(input, header.type, stored);
    if (!input.at_end())
        throw Error(fmt::format("The shape ({}) does not fit the larger content in the npy file",
                                joined(header.shape)),
                    input.name(), copy_again);
    if (header.fortran_order) {
        std::vector<std::int64_t> back(stored.size());
        for (size_t i = 0; i < back.size(); ++i)
            back[i] = static_cast<std::int64_t>(back.size() - 1 - i);
        values = values.permute(back).contiguous();
    }
    return values;
}

torch::Tensor read_npy(const std::filesystem::path& path) {
    Input input(path.string());
    return read_npy(input);
}

torch::Tensor parse_npy(std::span<const std::byte> content, const std::string& source) {
    Input input(content, source);
    return read_npy(input);
}

namespace {

template <class Element>
std::vector<std::byte> formatted(const std::vector<std::int64_t>& shape, const std::vector<Element>& values,
                                 const char* type) {
    std::uint64_t size = 1;
    for (const std::int64_t extent : shape)
        size *= static_cast<std::uint64_t>(extent);
    if (size != values.size())
        throw Error("An array cannot be stored: its shape does not fit its values", joined(shape),
                    "This is a mistake in the program. Please report it.");
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", type,
                                     joined(shape), shape.size() == 1 ? "," : "");
    header.append(63 - (10 + header.size()) % 64, ' '); // the data begin at a multiple of 64 bytes
    header += '\n';
    std::string start(npy_magic);
    start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    start += header;
    const auto first = files::as_bytes(start);
    const auto second = std::as_bytes(std::span(values));
    std::vector<std::byte> content(first.begin(), first.end());
    content.insert(content.end(), second.begin(), second.end());
    return content;
}

} // namespace

std::vector<std::byte> format_npy(const Array& array) {
    return formatted(array.shape, array.values, "<f4");
}

std::vector<std::byte> format_npy(const std::vector<std::int64_t>& shape, const std::vector<double>& values) {
    return formatted(shape, values, "<f8");
}

void write_npy(const std::filesystem::path& path, const Array& array) {
    files::write_atomically(path, format_npy(array));
}

} // namespace ebm::store
