#include "core/store/safetensors.h"

#include "core/base/files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace ebm;
using store::SafetensorsFile;
using tests::contains;
using tests::failure_of;

namespace {

std::vector<std::byte> bytes_of(std::string header, const std::string& data, std::int64_t length = -1) {
    const std::uint64_t size = length < 0 ? header.size() : static_cast<std::uint64_t>(length);
    std::vector<std::byte> content(8 + header.size() + data.size());
    std::memcpy(content.data(), &size, 8);
    std::memcpy(content.data() + 8, header.data(), header.size());
    std::memcpy(content.data() + 8 + header.size(), data.data(), data.size());
    return content;
}

std::string safetensors_failure(const std::string& header, const std::string& data = "") {
    return failure_of([&] { store::parse_safetensors(bytes_of(header, data), "model.safetensors"); });
}

SafetensorsFile example() {
    SafetensorsFile file;
    const std::vector<float> weights = {1, -2.5f, NAN, INFINITY, 0, 6};
    const std::vector<double> momenta = {1e-300, 2};
    const std::vector<std::uint8_t> pixels = {1, 2, 255};
    const std::vector<std::int32_t> ages = {-1, 7};
    const std::vector<std::int64_t> steps = {1'000'000'000'000};
    file.tensors["layer.weight"] = store::stored_tensor<float>({2, 3}, weights);
    file.tensors["m"] = store::stored_tensor<double>({2}, momenta);
    file.tensors["pixels"] = store::stored_tensor<std::uint8_t>({3, 1, 1}, pixels);
    file.tensors["ages"] = store::stored_tensor<std::int32_t>({2}, ages);
    file.tensors["step"] = store::stored_tensor<std::int64_t>({}, steps);
    file.tensors["empty"] = store::stored_tensor<float>({0, 4}, std::span<const float>());
    file.metadata = {{"format", "1"}, {"scene", "{\"quote\": \"λ\"}"}};
    return file;
}

} // namespace

DOCTEST_TEST_CASE("safetensors: what is written is read back, bit for bit") {
    const tests::TemporaryFolder folder;
    const SafetensorsFile file = example();
    store::write_safetensors(folder.path / "a.safetensors", file);
    const SafetensorsFile back = store::read_safetensors(folder.path / "a.safetensors");
    DOCTEST_CHECK(back.metadata == file.metadata);
    DOCTEST_REQUIRE(back.tensors.size() == file.tensors.size());
    for (const auto& entry : file.tensors) {
        const auto& [name, tensor] = entry;
        DOCTEST_CAPTURE(entry.first);
        DOCTEST_CHECK(back.tensor(name).dtype == tensor.dtype);
        DOCTEST_CHECK(back.tensor(name).shape == tensor.shape);
        DOCTEST_CHECK(std::ranges::equal(back.tensor(name).bytes, tensor.bytes));
    }
    DOCTEST_CHECK(back.tensor("step").values<std::int64_t>()[0] == 1'000'000'000'000);
    DOCTEST_CHECK((store::format_safetensors(back) == store::format_safetensors(file)));
    DOCTEST_CHECK(contains(failure_of([&] { back.tensor("layer.weigth"); }), "layer.weight"));
    DOCTEST_CHECK(contains(failure_of([&] { back.tensor("m").values<float>(); }), "F32"));
}

DOCTEST_TEST_CASE("safetensors: a file as other programs write it") {
    const std::string header =
        R"({"__metadata__":{"a":"b"},"x":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}}   )";
    const float values[] = {1.5f, -2};
    std::string data(8, '\0');
    std::memcpy(data.data(), values, 8);
    const std::vector<std::byte> content = bytes_of(header, data);
    const SafetensorsFile file = store::parse_safetensors(content, "here");
    DOCTEST_CHECK(file.tensor("x").values<float>() == std::vector<float>{1.5f, -2});
    DOCTEST_CHECK(store::parse_safetensors(bytes_of("{}", ""), "here").tensors.empty());
}

DOCTEST_TEST_CASE("safetensors: every rule of the format is checked") {
    const auto entry = [](const char* dtype, const char* shape, const char* offsets) {
        return std::string("{\"dtype\":\"") + dtype + "\",\"shape\":" + shape +
               ",\"data_offsets\":" + offsets + "}";
    };
    const auto one = [&](const char* dtype, const char* shape, const char* offsets) {
        return safetensors_failure("{\"x\":" + entry(dtype, shape, offsets) + "}", std::string(8, 'x'));
    };
    DOCTEST_CHECK(one("F32", "[2]", "[0,8]") == "no error");
    DOCTEST_CHECK(contains(one("F16", "[4]", "[0,8]"), "of another program"));
    DOCTEST_CHECK(contains(one("F33", "[4]", "[0,8]"), "type that is not"));
    DOCTEST_CHECK(contains(one("F32", "[-2]", "[0,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "[2.0]", "[0,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "[\"2\"]", "[0,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "[[2]]", "[0,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "null", "[0,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "[3]", "[0,8]"), "does not fit its size"));
    DOCTEST_CHECK(contains(one("F32", "[4611686018427387904,4,2]", "[0,8]"), "does not fit its size"));
    DOCTEST_CHECK(contains(one("F32", "[18446744073709551615]", "[0,8]"), "implausible"));
    DOCTEST_CHECK(contains(one("F32", "[99999999999999999999999]", "[0,8]"), "form"));
    DOCTEST_CHECK(contains(one("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), "implausible"));
    DOCTEST_CHECK(contains(one("F32", "[2]", "[8,0]"), "outside the file"));
    DOCTEST_CHECK(contains(one("F32", "[4]", "[0,16]"), "outside the file"));
    DOCTEST_CHECK(contains(one("F32", "[2]", "[0]"), "incomplete"));
    DOCTEST_CHECK(contains(one("F32", "[2]", "[0,4,8]"), "another form"));
    DOCTEST_CHECK(contains(one("F32", "[1]", "[0,4]"), "after the last"));
    DOCTEST_CHECK(contains(one("F32", "[1]", "[4,8]"), "gap"));

    const std::string x = "\"x\":" + entry("F32", "[1]", "[0,4]");
    const std::string data(8, 'x');
    DOCTEST_CHECK(contains(safetensors_failure("{" + x + "," + x + "}", data), "occurs twice"));
    DOCTEST_CHECK(contains(
        safetensors_failure("{" + x + ",\"y\":" + entry("F32", "[2]", "[0,8]") + "}", data), "overlaps"));
    DOCTEST_CHECK(
        contains(safetensors_failure("{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}"), "occurs twice"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"x\":{\"dtype\":\"U8\",\"code\":\"U8\"}}"), "unknown"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"x\":{\"dtype\":\"U8\"}}"), "incomplete"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"__metadata__\":{\"a\":1}}"), "another form"));
    DOCTEST_CHECK(
        contains(safetensors_failure("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}"), "occurs twice"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"__metadata__\":{\"a\":{}}}"), "another form"));
    DOCTEST_CHECK(contains(safetensors_failure("[]"), "another form"));
    DOCTEST_CHECK(contains(safetensors_failure("3"), "another form"));
    DOCTEST_CHECK(contains(safetensors_failure("{} {}"), "not valid JSON"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"x\":"), "not valid JSON"));
    DOCTEST_CHECK(contains(safetensors_failure(std::string(100'000, '[')), "another form"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"x\":" + std::string(100'000, '{')), "not valid JSON"));
    DOCTEST_CHECK(contains(safetensors_failure("{\"\xFF\":1}"), "not valid JSON"));
}

DOCTEST_TEST_CASE("safetensors: wrong lengths and files of another kind") {
    const auto parse = [](std::span<const std::byte> content) {
        return failure_of([&] { store::parse_safetensors(content, "here"); });
    };
    DOCTEST_CHECK(contains(parse({}), "empty"));
    DOCTEST_CHECK(contains(parse(files::as_bytes("short")), "too short"));
    DOCTEST_CHECK(contains(parse(bytes_of("{}", "", 3)), "ends within its header"));
    DOCTEST_CHECK(contains(parse(bytes_of("{}", "", 100'000'001)), "not safetensors"));
    DOCTEST_CHECK(contains(parse(bytes_of("{}", "", INT64_MAX)), "not safetensors"));
    DOCTEST_CHECK(contains(parse(files::as_bytes("\x89PNG\r\n\x1A\n and so on")), "not safetensors"));

    const std::vector<std::byte> good = store::format_safetensors(example());
    for (size_t length = 0; length < good.size(); ++length)
        DOCTEST_CHECK(parse(std::span(good).first(length)) != "no error");
}

DOCTEST_TEST_CASE("safetensors: a failed write leaves the old file") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "a.safetensors";
    store::write_safetensors(path, example());
    SafetensorsFile wrong = example();
    wrong.tensors["m"].shape = {3};
    DOCTEST_CHECK(contains(failure_of([&] { store::write_safetensors(path, wrong); }), "cannot be stored"));
    DOCTEST_CHECK(store::read_safetensors(path).tensors.size() == example().tensors.size());
    DOCTEST_CHECK(contains(failure_of([&] { store::read_safetensors(folder.path / "no"); }), "no such file"));
}
