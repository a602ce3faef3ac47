#include "core/data/reader.h"

#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/store/image.h"
#include "core/store/npy.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace ebm;
using data::read_records;
using data::Records;
using tests::contains;
using tests::failure_of;

namespace {

/// Writes a file into a folder of its own and gives its path.
class Files : public tests::TemporaryFolder {
public:
    std::string operator()(const std::string& name, std::string_view content) const {
        std::filesystem::create_directories((path / name).parent_path());
        files::write_atomically(path / name, content);
        return (path / name).string();
    }
    std::string operator()(const std::string& name, std::span<const std::byte> content) const {
        return (*this)(name, files::as_text(content));
    }
};

std::vector<double> numbers(const Records& records) {
    const torch::Tensor flat = records.values.to(torch::kDouble).contiguous().flatten();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

std::vector<float> coded(const Records& records, const data::Coding& coding,
                         std::vector<std::int64_t> shape) {
    std::vector<std::string> notes;
    const torch::Tensor x = data::encoded(records, coding, shape, notes).flatten();
    return {x.data_ptr<float>(), x.data_ptr<float>() + x.numel()};
}

std::string refusal(std::string_view content) {
    return failure_of([&] {
        store::Input input(files::as_bytes(content), "the file");
        read_records(input);
    });
}

store::Image grey_picture(int level) {
    return {2, 1, 1, {static_cast<std::uint8_t>(level), 255}};
}

} // namespace

DOCTEST_TEST_CASE("reader: a file is told by its content, whatever it is called, packed or not") {
    const Files file;
    const std::vector<double> points = {0.5, -1.25, -2, 0.75, 1.5, 2};
    const std::string csv = "x,y\n0.5,-1.25\n-2,0.75\n1.5,2\n";
    const store::Array array{{3, 2}, {0.5f, -1.25f, -2, 0.75f, 1.5f, 2}};
    for (const std::string& path :
         {file("POINTS.CSV", csv), file("points.npy", csv), file("a", files::gzip(files::as_bytes(csv))),
          file("points.csv", store::format_npy(array)),
          file("array.bin", files::gzip(store::format_npy(array))),
          file("points.tsv", "x\ty\n0.5\t-1.25\n-2\t0.75\n1.5\t2\n"),
          file("german.txt", "x;y\r\n0,5;-1,25\r\n-2;0,75\r\n1,5;2\r\n"),
          file("names.csv", "0,1\n0.5,-1.25\n-2,0.75\n1.5,2\n")}) {
        DOCTEST_CAPTURE(path);
        DOCTEST_CHECK(numbers(read_records(path)) == points);
    }
}

DOCTEST_TEST_CASE("reader: no row is dropped, and one that cannot be used is named") {
    DOCTEST_CHECK(contains(refusal("NA,-1.25\n-2,0.75\n"), "Line 1: the value of column 1 is missing"));
    DOCTEST_CHECK(contains(refusal("x,y\n0.5,-1.25\n-2,nan\n"), "Line 3: the value of y is missing"));
    DOCTEST_CHECK(contains(refusal("x,y\n\n0.5,\n"), "Line 3: the value of y is missing"));
    DOCTEST_CHECK(contains(refusal("x,y\n1,1e999\n"), "Line 2: the value of y is not finite"));
    const Files file;
    const Records tiny = read_records(file("tiny.csv", "1e-400,-1.25\n-2,0.75\n1.5,2\n"));
    DOCTEST_CHECK(tiny.count() == 3);
    DOCTEST_CHECK(numbers(tiny)[0] == 0);
    const Records nan = read_records(file("nan.npy", store::format_npy({{2, 2}, {1, 2, NAN, 4}})));
    DOCTEST_CHECK(contains(failure_of([&] { data::standardising(nan); }), "Record 2: x is missing"));
    DOCTEST_CHECK(
        contains(failure_of([&] { coded(nan, data::plane_coding(), {2}); }), "Record 2: x is missing"));
}

DOCTEST_TEST_CASE("reader: what is no data is named as what it is") {
    DOCTEST_CHECK(contains(refusal("%PDF-1.7\n"), "a PDF document"));
    DOCTEST_CHECK(contains(refusal("{\"a\": 1}"), "a JSON document"));
    DOCTEST_CHECK(contains(refusal("<!DOCTYPE html><html>"), "a web page"));
    DOCTEST_CHECK(contains(refusal(std::string("x\0,\0y\0\n\0", 8)), "UTF-16"));
    DOCTEST_CHECK(contains(refusal(std::string("\x10\0\0\0\0\0\0\0{\"a\":{}}        ", 24)),
                           "safetensors of another program"));
    DOCTEST_CHECK(contains(refusal(std::string(5000, '\0')), "a kind that is not known"));
    DOCTEST_CHECK(contains(refusal(""), "empty"));
    DOCTEST_CHECK(contains(refusal("x,y\n"), "no samples"));
    DOCTEST_CHECK(contains(failure_of([] { read_records("/no/such/file"); }), "no such file"));
    // A column named like the beginning of another format.
    const Files file;
    DOCTEST_CHECK(read_records(file("mz.csv", "MZ,intensity\n1,2\n3,4\n")).names[0] == "MZ");
}

DOCTEST_TEST_CASE("reader: columns by name and by number, also beside text") {
    const Files file;
    const std::string path = file("people.csv", "name;height;weight\nAnn;170;60\nBob;180;80\n");
    DOCTEST_CHECK(numbers(read_records(path, {"weight", "height"})) == std::vector<double>{60, 170, 80, 180});
    DOCTEST_CHECK(numbers(read_records(path, {"2", "3"})) == std::vector<double>{170, 60, 180, 80});
    DOCTEST_CHECK(
        contains(failure_of([&] { read_records(path); }), "Line 2, column name: \"Ann\" is not a number"));
    DOCTEST_CHECK(contains(failure_of([&] { read_records(path, {"wait"}); }), "no column wait"));
    DOCTEST_CHECK(data::split_columns(" a, b c,3 ") == std::vector<std::string>{"a", "b c", "3"});
    const std::string array = file("a.npy", store::format_npy({{2, 3}, {1, 2, 3, 4, 5, 6}}));
    DOCTEST_CHECK(numbers(read_records(array, {"3", "1"})) == std::vector<double>{3, 1, 6, 4});
    DOCTEST_CHECK(contains(failure_of([&] { read_records(array, {"4"}); }), "no column 4"));
}

DOCTEST_TEST_CASE("reader: pictures are the same numbers from bytes, 0 … 1, −1 … 1 and colour that is grey") {
    const Files file;
    const data::Coding bytes; // 0 … 255
    const std::string idx = file("p.idx", data::format_idx({{2, 1, 2}, {0, 255, 51, 204}}));
    const std::vector<float> x = coded(read_records(idx), bytes, {1, 1, 2});
    DOCTEST_CHECK(x[0] == -1);
    DOCTEST_CHECK(x[1] == 1);
    DOCTEST_CHECK(x[2] == doctest::Approx(-0.6));
    const std::string one = file("one.npy", store::format_npy({{2, 1, 2}, {0, 1, 0.2f, 0.8f}}));
    const std::string signs = file("signs.npy", store::format_npy({{2, 1, 1, 2}, {-1, 1, -0.6f, 0.6f}}));
    for (const std::string& path : {one, signs}) {
        const std::vector<float> other = coded(read_records(path), bytes, {1, 1, 2});
        for (std::size_t i = 0; i < 4; ++i)
            DOCTEST_CHECK(other[i] == doctest::Approx(x[i]).epsilon(1e-6));
    }
    DOCTEST_CHECK(data::pixel_coding(read_records(one)).high == 1);
    DOCTEST_CHECK(data::pixel_coding(read_records(signs)).low == -1);
    // Standardised pixels are none of these ranges, and those from which 0.5 was taken look like the middle
    // of one.
    const std::string standard =
        file("standard.npy", store::format_npy({{2, 1, 2}, {-0.81f, 2.02f, -0.24f, 1.46f}}));
    DOCTEST_CHECK(contains(failure_of([&] {
                               coded(read_records(standard), bytes, {1, 1, 2});
                           }),
                           "Were they standardised?"));
    const auto doubt = [&](const std::vector<float>& pixels) {
        std::vector<std::string> notes;
        data::encoded(read_records(file("doubt.npy", store::format_npy({{2, 1, 2}, pixels}))),
                      data::Coding{{}, 0, 1}, {1, 1, 2}, notes);
        return notes.empty() ? std::string() : notes[0];
    };
    DOCTEST_CHECK(contains(doubt({-0.5f, 0.5f, -0.3f, 0.3f}), "go from -0.5 to 0.5"));
    DOCTEST_CHECK(contains(doubt({-1.2f, 0.5f, -0.3f, 0.3f}), "go from -1.2 to 0.5"));
    DOCTEST_CHECK(contains(doubt({-0.05f, 0.95f, 0.3f, 0.3f}), "go from -0.05 to 0.95"));
    DOCTEST_CHECK(contains(doubt({-1, -0.7f, -0.3f, 0}), "go from -1 to 0"));
    DOCTEST_CHECK_FALSE(contains(doubt({-1.02f, 0.2f, -0.3f, 0.3f}), "go from"));
    // What arithmetic leaves below 0 makes no other range of 0 … 1.
    const std::string rounded = file("rounded.npy", store::format_npy({{2, 1, 2}, {-1e-7f, 1, 0.2f, 0.8f}}));
    const std::vector<float> as_before = coded(read_records(rounded), bytes, {1, 1, 2});
    for (std::size_t i = 0; i < 4; ++i)
        DOCTEST_CHECK(as_before[i] == doctest::Approx(x[i]).epsilon(1e-5));
    std::vector<std::string> notes;
    data::encoded(read_records(file("mask.idx", data::format_idx({{2, 1, 2}, {0, 1, 1, 0}}))), bytes,
                  {1, 1, 2}, notes);
    DOCTEST_REQUIRE(notes.size() == 1);
    DOCTEST_CHECK(contains(notes[0], "from 0 to 1. They are taken for pixels from 0 (black) to 255"));
    // Less than half of a range may be all of another: per cent, 4 bits, 12 bits of 16.
    DOCTEST_CHECK(contains(doubt({0, 100, 33.3f, 66.7f}),
                           "go from 0 to 100. They are taken for pixels from 0 (black) to 255"));
    DOCTEST_CHECK(contains(doubt({0, 0.06f, 0.03f, 0.01f}), "go from 0 to 0.06. They are taken"));
    DOCTEST_CHECK_FALSE(contains(doubt({0, 200, 33.3f, 66.7f}), "go from"));
    DOCTEST_CHECK_FALSE(contains(doubt({0, 0.6f, 0.03f, 0.01f}), "go from"));
    const auto doubt_of_bytes = [&](const std::vector<std::uint8_t>& pixels) {
        return data::pixel_doubt(read_records(file("doubt.idx", data::format_idx({{2, 1, 2}, pixels}))));
    };
    DOCTEST_CHECK(contains(doubt_of_bytes({0, 15, 3, 7}), "go from 0 to 15. They are taken"));
    DOCTEST_CHECK(doubt_of_bytes({0, 128, 3, 7}).empty());
    DOCTEST_CHECK(doubt_of_bytes({0, 0, 0, 0}).empty());
    const auto doubt_of_words = [&](float most) {
        Records records;
        records.values = torch::tensor({0.0f, most}).reshape({1, 1, 1, 2});
        records.whole = true;
        return data::pixel_doubt(records);
    };
    DOCTEST_CHECK(contains(doubt_of_words(4095), "to 65535 (white)"));
    DOCTEST_CHECK(doubt_of_words(50'000).empty());
    const std::string odd = file("odd.npy", store::format_npy({{1, 1, 2}, {-3, 700}}));
    DOCTEST_CHECK(contains(failure_of([&] {
                               coded(read_records(odd), bytes, {1, 1, 2});
                           }),
                           "no range of pictures"));
    DOCTEST_CHECK(contains(failure_of([&] {
                               coded(read_records(idx), bytes, {1, 2, 2});
                           }),
                           "the model takes 2 × 2 pixels"));

    const std::string grey = file("grey.png", store::encode_png({2, 1, 1, {10, 200}}));
    const std::string colour = file("colour.png", store::encode_png({2, 1, 3, {10, 10, 10, 200, 200, 200}}));
    const std::string opaque =
        file("opaque.png", store::encode_png({2, 1, 4, {10, 10, 10, 255, 200, 200, 200, 255}}));
    const std::vector<float> expected = coded(read_records(grey), bytes, {1, 1, 2});
    DOCTEST_CHECK(coded(read_records(colour), bytes, {1, 1, 2}) == expected);
    DOCTEST_CHECK(coded(read_records(opaque), bytes, {1, 1, 2}) == expected);
    DOCTEST_CHECK(coded(read_records(grey), bytes, {3, 1, 2}).size() == 6);
    const std::string red = file("red.png", store::encode_png({2, 1, 3, {10, 0, 0, 20, 0, 0}}));
    DOCTEST_CHECK(contains(failure_of([&] { coded(read_records(red), bytes, {1, 1, 2}); }), "in colour"));
    const std::string clear = file("clear.png", store::encode_png({2, 1, 2, {10, 255, 20, 0}}));
    DOCTEST_CHECK(contains(failure_of([&] { read_records(clear); }), "transparent"));
}

DOCTEST_TEST_CASE("reader: folders in natural order, with classes and one size") {
    const Files file;
    for (const auto& [name, level] : {std::pair{"set/b/2.png", 2}, {"set/b/10.png", 3}, {"set/a/1.png", 1}})
        file(name, store::encode_png(grey_picture(level)));
    file("set/notes.txt", "not a picture");
    const std::string folder = (file.path / "set").string();
    const Records records = read_records(folder);
    DOCTEST_REQUIRE(records.values.sizes().vec() == std::vector<std::int64_t>{3, 1, 1, 2});
    DOCTEST_CHECK(numbers(records)[0] == 1);
    DOCTEST_CHECK(numbers(records)[2] == 2);
    DOCTEST_CHECK(numbers(records)[4] == 3);
    DOCTEST_CHECK(records.classes == std::vector<std::string>{"a", "b"});
    DOCTEST_CHECK(records.labels.equal(torch::tensor({0, 1, 1}, torch::kLong)));
    DOCTEST_CHECK(data::describe(folder).use == data::FileDescription::Use::pictures);
    DOCTEST_CHECK(data::describe(folder).count == 3);

    file("set/b/11.png", store::encode_png({2, 1, 3, {9, 9, 9, 8, 7, 6}}));
    DOCTEST_CHECK(read_records(folder).values.size(1) == 3);
    file("set/c.png", store::encode_png({1, 1, 1, {0}}));
    DOCTEST_CHECK(contains(failure_of([&] { read_records(folder); }), "different sizes"));
    DOCTEST_CHECK(
        contains(failure_of([&] { read_records(file.path.string() + "/set/none"); }), "no such file"));
}

DOCTEST_TEST_CASE("reader: what a path is, without reading all of it") {
    using Use = data::FileDescription::Use;
    const Files file;
    const data::FileDescription people =
        data::describe(file("q", "name,height,weight\n\"P, 0\",1,2\nQ,,3\n"));
    DOCTEST_CHECK(people.columns == std::vector<std::string>{"name", "height", "weight"});
    DOCTEST_CHECK(people.numbers == std::vector<bool>{false, true, true});
    DOCTEST_CHECK(people.named);
    DOCTEST_CHECK_FALSE(data::describe(file("n", "1,2,x\n3,4,y\n")).named);
    DOCTEST_CHECK(data::describe(file("n", "1,2,x\n3,4,y\n")).numbers ==
                  std::vector<bool>{true, true, false});
    const data::FileDescription points = data::describe(file("p", "height;weight\n1;2\n"));
    DOCTEST_CHECK(points.use == Use::points);
    DOCTEST_CHECK(points.columns == std::vector<std::string>{"height", "weight"});
    const data::FileDescription pictures =
        data::describe(file("i", data::format_idx({{2, 1, 2}, {1, 2, 3, 4}})));
    DOCTEST_CHECK(pictures.use == Use::pictures);
    DOCTEST_CHECK(pictures.count == 2);
    DOCTEST_CHECK(pictures.width == 2);
    DOCTEST_CHECK(data::describe(file("l", "---\ntitle: Mine\nscene: ring\n---\n")).use == Use::lesson);
    DOCTEST_CHECK(data::describe(file("r", "--- 1 2\n3 4\n")).use != Use::lesson);
    DOCTEST_CHECK(data::describe(file("s", R"({"format": "ebmlab-scene", "version": 1})")).use == Use::scene);
    DOCTEST_CHECK(data::describe(file("pdf", "%PDF-1.4 ")).words == "a PDF document");
    DOCTEST_CHECK(data::describe("/no/such/file").use == Use::none);
}

DOCTEST_TEST_CASE("coding: mean 0 and sd 1, kept as JSON, undone exactly") {
    const Files file;
    const Records people = read_records(file("people.csv", "height;weight\n170;60\n180;80\n190;70\n"));
    const data::Coding coding = data::standardising(people);
    DOCTEST_CHECK(coding.columns[0].mean == doctest::Approx(180));
    DOCTEST_CHECK(coding.columns[0].sd == doctest::Approx(std::sqrt(200.0 / 3)));
    DOCTEST_CHECK(data::parse_coding(data::coding_json(coding), "here") == coding);
    const std::vector<float> x = coded(people, coding, {2});
    DOCTEST_CHECK(coding.to_file(1, x[1]) == doctest::Approx(60));
    // The model's columns are found by name, in any order and beside others.
    const Records turned =
        read_records(file("turned.csv", "id,weight,height\n1,60,170\n2,80,180\n3,70,190\n"));
    DOCTEST_CHECK(coded(turned, coding, {2}) == x);
    std::vector<std::string> notes;
    data::encoded(read_records(file("other.csv", "a,b\n1,2\n")), coding, {2}, notes);
    DOCTEST_REQUIRE(notes.size() == 1);
    DOCTEST_CHECK(contains(notes[0], "the columns are a, b, the model's are height, weight"));

    const auto failure = [&](const std::string& text) {
        return failure_of([&] { data::standardising(read_records(file("f.csv", text))); });
    };
    DOCTEST_CHECK(contains(failure("1,2\n3,2\n"), "column y are the same"));
    DOCTEST_CHECK(contains(failure("1,2,3\n4,5,6\n"), "3 columns"));
    DOCTEST_CHECK(contains(failure("1\n2\n"), "only one column"));
    DOCTEST_CHECK(contains(failure("1,2\n"), "too few points"));
    DOCTEST_CHECK(contains(
        failure_of([] { data::parse_coding("{\"columns\":[{\"name\":\"a\",\"mean\":0,\"sd\":0}]}", "c"); }),
        "cannot be read"));
}
