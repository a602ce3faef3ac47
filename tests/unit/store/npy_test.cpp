#include "core/store/npy.h"

#include "core/base/files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <cstring>
#include <doctest/doctest.h>

using namespace ebm;
using tests::contains;
using tests::failure_of;

namespace {

template <class Element>
std::vector<std::byte> npy_bytes(const std::string& header, const std::vector<Element>& values,
                                 char version = 1) {
    std::string start = "\x93NUMPY";
    start += version;
    start += '\0';
    start += static_cast<char>(header.size() & 255);
    start += static_cast<char>(header.size() >> 8);
    if (version == 2) start += std::string(2, '\0');
    start += header;
    std::vector<std::byte> content(start.size() + values.size() * sizeof(Element));
    std::memcpy(content.data(), start.data(), start.size());
    if (!values.empty())
        std::memcpy(content.data() + start.size(), values.data(), values.size() * sizeof(Element));
    return content;
}

std::string header_of(const std::string& type, const std::string& shape, const std::string& order = "False") {
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }          \n";
}

template <class Element>
void check_type(const std::string& type) {
    const std::vector<Element> values = {0, 1, 2, 3, 4, 200 / 2};
    const torch::Tensor array = store::parse_npy(npy_bytes(header_of(type, "(3, 2)"), values), "here");
    DOCTEST_CHECK(array.sizes().vec() == std::vector<std::int64_t>{3, 2});
    DOCTEST_CHECK(array.to(torch::kFloat).flatten().equal(torch::tensor({0.f, 1.f, 2.f, 3.f, 4.f, 100.f})));
}

std::string npy_failure(const std::string& header, size_t values = 6) {
    return failure_of([&] { store::parse_npy(npy_bytes(header, std::vector<float>(values)), "x.npy"); });
}

} // namespace

DOCTEST_TEST_CASE("npy: every element type") {
    check_type<float>("<f4");
    check_type<double>("<f8");
    check_type<std::uint8_t>("|u1");
    check_type<std::int32_t>("<i4");
    check_type<std::int64_t>("<i8");
    check_type<std::int8_t>("|i1");
    check_type<std::uint16_t>("<u2");
    check_type<std::int16_t>("=i2");
    check_type<std::uint32_t>("<u4");
    check_type<std::uint64_t>("<u8");
    check_type<c10::Half>("<f2");
    const torch::Tensor bits =
        store::parse_npy(npy_bytes(header_of("|b1", "(1, 2)"), std::vector<std::uint8_t>{0, 7}), "here");
    DOCTEST_CHECK(bits.equal(torch::tensor({{0, 1}}, torch::kByte)));
    const std::vector<std::byte> big =
        npy_bytes(header_of(">i2", "(1, 2)"), std::vector<std::uint8_t>{1, 2, 0, 3});
    DOCTEST_CHECK(store::parse_npy(big, "here").equal(torch::tensor({{258.f, 3.f}})));
    // The first dimension fastest, as a saved transpose has it.
    const auto fortran = npy_bytes(header_of("<f4", "(3, 2)", "True"), std::vector<float>{0, 2, 4, 1, 3, 5});
    DOCTEST_CHECK(store::parse_npy(fortran, "here").flatten().equal(torch::arange(6, torch::kFloat)));
    const auto second = npy_bytes(header_of("<f4", "(1, 2, 1, 2)"), std::vector<float>{1, 2, 3, 4}, 2);
    DOCTEST_CHECK(store::parse_npy(second, "here").dim() == 4);
}

DOCTEST_TEST_CASE("npy: what is written is read back, the data begin at a multiple of 64") {
    const tests::TemporaryFolder folder;
    const store::Array array{{2, 3}, {1, 2, 3, 4, 5, 0.1f}};
    store::write_npy(folder.path / "a.npy", array);
    const torch::Tensor back = store::read_npy(folder.path / "a.npy");
    DOCTEST_CHECK(back.sizes().vec() == array.shape);
    DOCTEST_CHECK(back.flatten().equal(torch::tensor(array.values)));
    const torch::Tensor doubles = store::parse_npy(store::format_npy({1, 2}, {0.1, 1e300}), "here");
    DOCTEST_CHECK(doubles.flatten().equal(torch::tensor({0.1, 1e300}, torch::kDouble)));
    const std::vector<std::byte> content = store::format_npy(array);
    DOCTEST_CHECK((content.size() - 24) % 64 == 0);
    DOCTEST_CHECK(content[content.size() - 25] == std::byte{'\n'});
    DOCTEST_CHECK(failure_of([] { store::format_npy({{2, 2}, {1}}); }) != "no error");
}

DOCTEST_TEST_CASE("npy: everything else is refused in words") {
    DOCTEST_CHECK(npy_failure(header_of("<f4", "(3, 2)")) == "no error");
    DOCTEST_CHECK(contains(npy_failure(header_of("|O", "(3, 2)")), "Python objects"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<c8", "(3, 2)")), "complex"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<U3", "(3, 2)")), "texts"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<M8[ns]", "(3, 2)")), "dates"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f16", "(3, 2)")), "longdouble"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<x4", "(3, 2)")), "unknown type"));
    DOCTEST_CHECK(contains(npy_failure("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), }"),
                           "records"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "(3, 3)")), "does not fit"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "(4611686018427387904, 8)")), "does not fit"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "(3, -2)")), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "(3, 2")), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "[3, 2]")), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure(header_of("<f4", "(3, 2)", "None")), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure("{'descr': '<f4', 'shape': (3, 2)}"), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure("{'shape': (3, 2), 'shape': (3, 2)}"), "cannot be read"));
    DOCTEST_CHECK(contains(npy_failure("__import__('os')"), "cannot be read"));

    const auto parse = [](std::span<const std::byte> content) {
        return failure_of([&] { store::parse_npy(content, "x.npy"); });
    };
    const std::vector<std::byte> good = store::format_npy({{2, 3}, {1, 2, 3, 4, 5, 6}});
    for (size_t length = 0; length < good.size(); ++length)
        DOCTEST_CHECK(parse(std::span(good).first(length)) != "no error");
    std::vector<std::byte> version = good;
    version[6] = std::byte{4};
    DOCTEST_CHECK(contains(parse(version), "Version 4.0"));
    DOCTEST_CHECK(contains(parse(files::as_bytes("1,2\n3,4\n")), "not in the npy format"));
}
