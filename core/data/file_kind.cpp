#include "core/data/file_kind.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/formats.h"
#include "core/store/input.h"

#include <algorithm>
#include <cstring>

namespace ebm::data {
namespace {

using namespace std::literals;

struct Signature {
    std::size_t at;
    std::string_view bytes;
    const char* words;
};

/// Formats that are not read here, so that the message can name them.
constexpr Signature others[] = {
    {0, "%PDF", "a PDF document"},
    {0, "%!PS", "a PostScript document"},
    {0, "GIF8", "a GIF picture, which is not read"},
    {8, "WEBP", "a WebP picture, which is not read"},
    {0, "II*\0"sv, "a TIFF picture, which is not read"},
    {0, "MM\0*"sv, "a TIFF picture, which is not read"},
    {4, "ftypavif", "an AVIF picture, which is not read"},
    {4, "ftyphei", "a HEIF picture, which is not read"},
    {4, "ftyp", "a video"},
    {0, "8BPS", "a Photoshop document"},
    {0, "\x89HDF\r\n", "an HDF5 file (MATLAB 7.3, Keras …)"},
    {0, "MATLAB 5.0", "a MATLAB file"},
    {0, "CDF\1", "a NetCDF file"},
    {0, "CDF\2", "a NetCDF file"},
    {0, "SIMPLE  =", "a FITS file"},
    {0, "PAR1", "a Parquet file"},
    {0, "ARROW1", "an Arrow file"},
    {0, "FEA1", "a Feather file"},
    {0, "SQLite format 3", "an SQLite database"},
    {0, "\xD0\xCF\x11\xE0", "an old Excel or Word document"},
    {0, "RDX", "an R data file"},
    {0, "RDA", "an R data file"},
    {0, "$FL2", "an SPSS file"},
    {0, "<stata_dta>", "a Stata file"},
    {0, "GGUF", "a language model (GGUF)"},
    {0,
     "\xFD"
     "7zXZ",
     "packed with xz; unpack it first"},
    {0, "BZh", "packed with bzip2; unpack it first"},
    {0, "\x28\xB5\x2F\xFD", "packed with zstd; unpack it first"},
    {0, "\x04\x22\x4D\x18", "packed with lz4; unpack it first"},
    {0, "7z\xBC\xAF", "a 7z archive; unpack it first"},
    {0, "Rar!", "a RAR archive; unpack it first"},
    {257, "ustar", "a tar archive; unpack it first and give the folder"},
    {0,
     "\x7F"
     "ELF",
     "a program"},
    {0, "MZ", "a Windows program"},
    {0, "RIFF", "a sound or a video"},
    {0, "OggS", "a sound or a video"},
    {0, "ID3", "a sound"},
    {0, "fLaC", "a sound"},
    {0, "\x1A\x45\xDF\xA3", "a video"},
};

FileIdentity of_format(const Format& format) {
    return {&format, FileIdentity::Own::no, format.words};
}

FileIdentity other_file(const char* words) {
    return {nullptr, FileIdentity::Own::no, words};
}

/// Whether a table could begin like this: with a column named MZ or ID3.
bool is_word(std::string_view signature) {
    return std::ranges::all_of(signature, [](unsigned char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
}

bool is_utf16(std::string_view text) {
    if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) return true;
    // Without a mark: every other byte of plain text is zero.
    if (text.size() < 8) return false;
    std::size_t even = 0, odd = 0;
    for (std::size_t i = 0; i + 1 < std::min<std::size_t>(text.size(), 64); i += 2) {
        even += text[i] == '\0' && text[i + 1] != '\0';
        odd += text[i + 1] == '\0' && text[i] != '\0';
    }
    const std::size_t pairs = std::min<std::size_t>(text.size(), 64) / 2;
    return even == pairs || odd == pairs;
}

/// The words for a safetensors file, or nothing if it is none.
FileIdentity safetensors(store::Input& input, std::string_view start) {
    if (start.size() < 10 || start[8] != '{') return {};
    std::uint64_t length = 0;
    std::memcpy(&length, start.data(), 8);
    if (length < 2 || length > 100'000'000) return {};
    const auto looked_at = static_cast<std::size_t>(std::min<std::uint64_t>(8 + length, 1 << 20));
    const std::string_view text = files::as_text(input.peek(looked_at)).substr(8);
    if (text.substr(0, length).find(R"("ebmlab-checkpoint")") != std::string_view::npos)
        return {nullptr, FileIdentity::Own::checkpoint, "a checkpoint of EBM Lab"};
    return other_file("safetensors of another program");
}

bool has_prefix(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char p, char c) {
               return p == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
           });
}

/// Whether it begins with the header of one, see core/lab/lesson.h; its lines are keys and values.
bool is_lesson(std::string_view text) {
    if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) return false;
    for (const std::string_view key : {"\ntitle:", "\nabout:", "\nscene:", "\nlayout:"})
        if (text.find(key) != std::string_view::npos) return true;
    return false;
}

FileIdentity text_kind(store::Input& input, std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with('{')) {
        const std::string_view all = files::as_text(input.peek(1 << 20));
        if (all.find(R"("ebmlab-scene")") != std::string_view::npos)
            return {nullptr, FileIdentity::Own::scene, "a scene of EBM Lab"};
        return other_file("a JSON document, but no scene");
    }
    if (has_prefix(text, "<!doctype html") || has_prefix(text, "<html"))
        return other_file("a web page (HTML)");
    if (has_prefix(text, "<svg")) return other_file("an SVG drawing");
    if (has_prefix(text, "<?xml")) return other_file("an XML document");
    if (has_prefix(text, "version https://git-lfs"))
        return other_file("a pointer of Git LFS to a file that was not downloaded");
    if (is_lesson(text)) return {nullptr, FileIdentity::Own::lesson, "a lesson of EBM Lab"};
    return of_format(*formats().back());
}

} // namespace

bool FileIdentity::is_picture() const {
    return format && format->picture;
}

FileIdentity identify(store::Input& input) {
    const std::span<const std::byte> start = input.peek(4096);
    if (start.empty()) throw Error("The file is empty", input.name(), "Copy or download it again.");
    const std::string_view text = files::as_text(start).substr(0, 4096);
    if (const FileIdentity known = safetensors(input, text); !known.words.empty()) return known;
    for (const Format* format : formats())
        if (format->is && format->is(start.first(text.size()))) return of_format(*format);
    const auto control = std::ranges::count_if(text, [](unsigned char c) {
        return c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1A;
    });
    for (const Signature& other : others)
        if (text.size() >= other.at && text.substr(other.at).starts_with(other.bytes) &&
            (control > 0 || !is_word(other.bytes)))
            return other_file(other.words);
    if (is_utf16(text)) return other_file("text in UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)");
    if (text.starts_with("\x80") && text.size() > 1 && text[1] >= 2 && text[1] <= 5)
        return other_file("a Python pickle, which is never loaded");
    if (text.size() > 6 && text.starts_with("BM") && text.substr(0, 64).find('\0') != std::string_view::npos)
        return other_file("a BMP picture, which is not read");
    if (control > 0) return other_file("a binary file of a kind that is not known");
    return text_kind(input, text);
}

} // namespace ebm::data
