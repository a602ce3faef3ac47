#include "core/store/npz_writer.h"

#include "core/base/files.h"
#include "core/store/npy.h"
#include "tests/unit/temporary_folder.h"

#include <cstring>
#include <doctest/doctest.h>
#include <zlib.h>

using namespace ebm;

namespace {

std::uint64_t number_at(const std::string& text, std::size_t at, int bytes) {
    std::uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i)
        value = value << 8 | static_cast<unsigned char>(text.at(at + static_cast<std::size_t>(i)));
    return value;
}

} // namespace

DOCTEST_TEST_CASE("npz: the directory leads to every array, with its checksum") {
    const tests::TemporaryFolder folder;
    const std::filesystem::path path = folder.path / "two.npz";
    store::write_npz(path, {store::named_array("first", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}),
                            store::named_array("second", {4}, std::vector<std::uint8_t>{9, 8, 7, 6})});
    const std::string file = files::read_text(path, 1 << 20);
    const std::size_t end = file.size() - 22;
    DOCTEST_REQUIRE(file.compare(end, 4, "PK\x05\x06") == 0);
    DOCTEST_CHECK(number_at(file, end + 10, 2) == 2);
    std::size_t entry = number_at(file, end + 16, 4);
    DOCTEST_CHECK(entry + number_at(file, end + 12, 4) == end);
    std::vector<std::string> names;
    for (int i = 0; i < 2; ++i) {
        DOCTEST_REQUIRE(file.compare(entry, 4, "PK\x01\x02") == 0);
        const std::size_t length = number_at(file, entry + 28, 2), local = number_at(file, entry + 42, 4),
                          size = number_at(file, entry + 24, 4);
        names.push_back(file.substr(entry + 46, length));
        DOCTEST_REQUIRE(file.compare(local, 4, "PK\x03\x04") == 0);
        const std::string data = file.substr(local + 30 + length, size);
        DOCTEST_CHECK(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()) ==
                      number_at(file, entry + 16, 4));
        DOCTEST_CHECK(number_at(file, local + 14, 4) == number_at(file, entry + 16, 4));
        if (i == 0) {
            const store::Array array = store::parse_npy(std::as_bytes(std::span(data)), "first");
            DOCTEST_CHECK(array.shape == std::vector<std::int64_t>{2, 3});
            DOCTEST_CHECK(array.values == std::vector<float>{1, 2, 3, 4, 5, 6});
        } else {
            DOCTEST_CHECK(data.find("'shape': (4,)") != std::string::npos);
            DOCTEST_CHECK(data.ends_with("\x09\x08\x07\x06"));
            DOCTEST_CHECK(data.find('\n') % 64 == 63);
        }
        entry += 46 + length;
    }
    DOCTEST_CHECK(names == std::vector<std::string>{"first.npy", "second.npy"});
}
