#include "core/store/npz_writer.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

/// ZIP: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; method 0, stored. NPY: NEP 1, version 1.0.
namespace ebm::store {
namespace {

template <class Value>
std::string bytes_of(const std::vector<Value>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

std::string npy(const NamedArray& array) {
    const std::string comma = array.shape.size() == 1 ? "," : "";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                     array.type, fmt::join(array.shape, ", "), comma);
    const std::size_t unpadded = 10 + header.size() + 1;
    header += std::string((64 - unpadded % 64) % 64, ' ') + "\n";
    std::string text("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(header.size() & 0xFF);
    text += static_cast<char>(header.size() >> 8);
    return text + header + array.bytes;
}

/// Little-endian.
void put(std::string& text, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i) & 0xFF);
}

} // namespace

NamedArray named_array(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    return {std::move(name), std::move(shape), "<f4", bytes_of(values)};
}
NamedArray named_array(std::string name, std::vector<std::int64_t> shape,
                       const std::vector<std::uint8_t>& values) {
    return {std::move(name), std::move(shape), "|u1", bytes_of(values)};
}

void write_npz(const std::filesystem::path& path, const std::vector<NamedArray>& arrays) {
    std::string content, directory;
    for (const NamedArray& array : arrays) {
        const std::string name = array.name + ".npy", data = npy(array);
        if (content.size() + data.size() >= 0xFFFF0000u)
            throw Error("The file would have 4 GiB or more, which this format cannot hold", path.string(),
                        "Use fewer chains or steps.");
        const std::uint64_t offset = content.size();
        const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
        std::string
            entry; // what the local and the central header share, from "version needed" to "name length"
        put(entry, 20, 2);
        put(entry, 0, 2);    // flags
        put(entry, 0, 2);    // stored
        put(entry, 0, 2);    // time
        put(entry, 0x21, 2); // 1 January 1980
        put(entry, checksum, 4);
        put(entry, data.size(), 4);
        put(entry, data.size(), 4);
        put(entry, name.size(), 2);
        put(entry, 0, 2); // extra field
        content += "PK\x03\x04" + entry + name + data;
        directory += "PK\x01\x02";
        put(directory, 20, 2);
        directory += entry;
        put(directory, 0, 2); // comment
        put(directory, 0, 2); // disk
        put(directory, 0, 2); // internal attributes
        put(directory, 0, 4); // external attributes
        put(directory, offset, 4);
        directory += name;
    }
    std::string end = "PK\x05\x06";
    put(end, 0, 4); // disks
    put(end, arrays.size(), 2);
    put(end, arrays.size(), 2);
    put(end, directory.size(), 4);
    put(end, content.size(), 4);
    put(end, 0, 2); // comment
    files::write_atomically(path, content + directory + end);
}

} // namespace ebm::store
