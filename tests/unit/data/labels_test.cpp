#include "core/data/labels.h"

#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/store/npy.h"
#include "core/store/npz_writer.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

using namespace ebm;
using data::read_records;
using data::Records;
using tests::contains;
using tests::failure_of;

namespace {

using Names = std::vector<std::string>;

/// Labels as numbers; empty without.
std::vector<std::int64_t> labels_of(const Records& records) {
    if (!records.labels.defined()) return {};
    const auto* first = records.labels.const_data_ptr<std::int64_t>();
    return {first, first + records.labels.numel()};
}

Records unlabelled(std::int64_t count) {
    Records records;
    records.values = torch::zeros({count, 2});
    records.source = "the samples";
    return records;
}

/// An archive of three pictures of 1 × 2 pixels beside other arrays.
std::string archive(const tests::TemporaryFolder& folder, const std::string& pictures,
                    const std::vector<store::NamedArray>& others) {
    std::vector<store::NamedArray> arrays = others;
    arrays.push_back(store::named_array(pictures, {3, 1, 2}, std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5}));
    const std::filesystem::path path = folder.path / "set.npz";
    store::write_npz(path, arrays);
    return path.string();
}

store::NamedArray bytes(const std::string& name, const std::vector<std::uint8_t>& values) {
    return store::named_array(name, {static_cast<std::int64_t>(values.size())}, values);
}

} // namespace

DOCTEST_TEST_CASE("labels: numbers are classes from 0, or from 1 if 0 is missing and all others are there") {
    Records records = unlabelled(4);
    data::set_labels(records, torch::tensor({3, 0, 0, 1}), "y");
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{3, 0, 0, 1});
    DOCTEST_CHECK(records.classes == Names{"0", "1", "2", "3"});
    data::set_labels(records, torch::tensor({{3.0}, {1.0}, {2.0}, {1.0}}), "y");
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{2, 0, 1, 0});
    DOCTEST_CHECK(records.classes == Names{"1", "2", "3"});
    // Two of the digits: the numbers stay, so that they mean the same to a model of all ten.
    data::set_labels(records, torch::tensor({3, 9, 9, 3}), "y");
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{3, 9, 9, 3});

    const auto failure = [&](const torch::Tensor& numbers) {
        return failure_of([&] { data::set_labels(records, numbers, "y.npy"); });
    };
    DOCTEST_CHECK(contains(failure(torch::tensor({0, 1, -1, 0})), "y.npy"));
    DOCTEST_CHECK(contains(failure(torch::tensor({0, 1, -1, 0})), "The label of record 3 is -1"));
    DOCTEST_CHECK(contains(failure(torch::tensor({0.0, 0.5, 1.0, 0.0})), "The label of record 2 is 0.5"));
    DOCTEST_CHECK(
        contains(failure(torch::tensor({0.0, 1.0, 1.0, double(NAN)})), "The label of record 4 is nan"));
    DOCTEST_CHECK(contains(failure(torch::tensor({0, 1, 2})), "3 labels for 4 samples"));
    DOCTEST_CHECK(contains(failure(torch::zeros({4, 2})), "2 dimensions"));
}

DOCTEST_TEST_CASE("labels: names are classes in natural order, and become those of a model by name") {
    Records records = unlabelled(4);
    data::set_labels(records, Names{"class 10", "class 2", "class 10", "bag"}, "y.csv");
    DOCTEST_CHECK(records.classes == Names{"bag", "class 2", "class 10"});
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{2, 1, 2, 0});
    data::match_classes(records, {"class 10", "boot", "class 2", "bag"});
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{0, 2, 0, 3});
    DOCTEST_CHECK(records.classes.size() == 4);
    const std::string failure = failure_of([&] { data::match_classes(records, {"class 10", "bags"}); });
    DOCTEST_CHECK(contains(failure, "The model has 2 classes, and class 2 is none of them"));
    // A class that nothing belongs to is no reason to refuse.
    data::set_labels(records, torch::tensor({0, 2, 2, 0}), "y");
    data::match_classes(records, {"2", "0"});
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{1, 0, 0, 1});
}

DOCTEST_TEST_CASE("labels: an IDX file has those beside it, gzip or not") {
    const tests::TemporaryFolder folder;
    const auto images = data::format_idx({{3, 1, 2}, {0, 1, 2, 3, 4, 5}});
    const std::string path = (folder.path / "train-images-idx3-ubyte").string();
    files::write_atomically(path, images);
    DOCTEST_CHECK(labels_of(read_records(path)).empty());
    files::write_atomically(folder.path / "train-labels-idx1-ubyte.gz",
                            files::gzip(data::format_idx({{3}, {7, 0, 9}})));
    const Records records = read_records(path);
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{7, 0, 9});
    DOCTEST_CHECK(records.classes.size() == 10);

    const std::string packed = (folder.path / "images.idx.gz").string();
    files::write_atomically(packed, files::gzip(images));
    files::write_atomically(folder.path / "labels.idx", data::format_idx({{3}, {1, 0, 1}}));
    DOCTEST_CHECK(labels_of(read_records(packed)) == std::vector<std::int64_t>{1, 0, 1});
    files::write_atomically(folder.path / "labels.idx", data::format_idx({{2}, {1, 0}}));
    const std::string failure = failure_of([&] { read_records(packed); });
    DOCTEST_CHECK(contains(failure, "2 labels for 3 samples"));
    DOCTEST_CHECK(contains(failure, "labels.idx"));
    DOCTEST_CHECK(contains(failure_of([&] { read_records(path, {}, "y"); }), "data.labels"));
}

DOCTEST_TEST_CASE("labels: an npz has them beside the pictures under the usual names") {
    const tests::TemporaryFolder folder;
    const std::vector<std::int64_t> expected = {2, 0, 1};
    for (const auto& names : {std::pair{"x", "y"},
                              {"images", "labels"},
                              {"data", "label"},
                              {"x_train", "y_train"},
                              {"digits", "labels"}}) {
        DOCTEST_CAPTURE(names.first);
        DOCTEST_CHECK(labels_of(read_records(
                          archive(folder, names.first, {bytes(names.second, {2, 0, 1})}))) == expected);
    }
    // Those of the other split are not its own.
    const std::string both =
        archive(folder, "x_test",
                {bytes("y_train", {5, 5, 5, 5}), bytes("y_test", {2, 0, 1}),
                 store::named_array("x_train", {4, 1, 2}, std::vector<std::uint8_t>(8))});
    DOCTEST_CHECK(labels_of(read_records(both + ":x_test")) == expected);
    DOCTEST_CHECK(labels_of(read_records(both)) == std::vector<std::int64_t>{5, 5, 5, 5});
    const std::string named = archive(folder, "x", {bytes("kind", {2, 0, 1})});
    DOCTEST_CHECK(labels_of(read_records(named)).empty());
    DOCTEST_CHECK(labels_of(read_records(named, {}, "kind")) == expected);
    DOCTEST_CHECK(contains(failure_of([&] { read_records(named, {}, "sort"); }), "There are: kind, x."));
    const std::string failure = failure_of([&] { read_records(archive(folder, "x", {bytes("y", {2, 0})})); });
    DOCTEST_CHECK(contains(failure, "2 labels for 3 samples"));
    DOCTEST_CHECK(contains(failure, "set.npz, y.npy"));
    // What a model for regression is to predict is no class.
    const Records values =
        read_records(archive(folder, "x", {store::named_array("y", {3}, std::vector<float>{0.5f, 1, 2})}));
    DOCTEST_CHECK(labels_of(values).empty());
    DOCTEST_CHECK(contains(values.note, "the array y holds numbers that are no classes"));
}

DOCTEST_TEST_CASE("labels: an npz may have them as texts") {
    const tests::TemporaryFolder folder;
    // As numpy.array(["bag", "Schuh", "été"]) and its bytes: shorter ones are filled up with zeros.
    std::string little, big;
    for (const char32_t point : std::u32string(U"bag\0\0Schuh\u00e9t\u00e9\0\0", 15))
        for (int b = 0; b < 4; ++b) {
            little += static_cast<char>(point >> (8 * b) & 255);
            big += static_cast<char>(point >> (8 * (3 - b)) & 255);
        }
    const std::vector<std::string> names = {"Schuh", "bag", "\u00e9t\u00e9"};
    const std::vector<std::int64_t> expected = {1, 0, 2};
    for (const store::NamedArray& array :
         {store::NamedArray{"y", {3}, "<U5", little}, {"y", {3, 1}, ">U5", big}}) {
        const Records records = read_records(archive(folder, "x", {array}));
        DOCTEST_CHECK(records.classes == names);
        DOCTEST_CHECK(labels_of(records) == expected);
    }
    const std::string path = archive(folder, "x", {{"kind", {3}, "|S4", std::string("boothat\0boot", 12)}});
    DOCTEST_CHECK(read_records(path, {}, "kind").classes == std::vector<std::string>{"boot", "hat"});
    const std::string two = archive(folder, "x", {{"y", {2}, "|S4", "bootcoat"}});
    DOCTEST_CHECK(contains(failure_of([&] { read_records(two); }), "2 labels for 3 samples"));
    const std::string cut = archive(folder, "x", {{"y", {3}, "|S4", "bootcoat"}});
    DOCTEST_CHECK(contains(failure_of([&] { read_records(cut); }), "does not fit"));
    const Records none = read_records(archive(folder, "x", {{"y", {1'000'000'000'000}, "|S0", ""}}));
    DOCTEST_CHECK(labels_of(none).empty());
    const Records pairs = read_records(archive(folder, "x", {{"y", {3, 2}, "|S1", "abcdef"}}));
    DOCTEST_CHECK(labels_of(pairs).empty());
    DOCTEST_CHECK(contains(pairs.note, "the array y does not hold numbers"));
}

DOCTEST_TEST_CASE("labels: a column of a table or an npy that is asked for, and no other") {
    const tests::TemporaryFolder folder;
    const std::string path = (folder.path / "flowers.csv").string();
    files::write_atomically(path, "a,b,class\n1,2,rose\n3,4,\"daisy\"\n5,6,rose\n");
    DOCTEST_CHECK(contains(failure_of([&] { read_records(path); }), "\"rose\" is not a number"));
    const Records records = read_records(path, {}, "class");
    DOCTEST_CHECK(records.names == Names{"a", "b"});
    DOCTEST_CHECK(records.values.size(1) == 2);
    DOCTEST_CHECK(records.classes == Names{"daisy", "rose"});
    DOCTEST_CHECK(labels_of(records) == std::vector<std::int64_t>{1, 0, 1});
    DOCTEST_CHECK(labels_of(read_records(path, {"b"}, "3")) == std::vector<std::int64_t>{1, 0, 1});
    DOCTEST_CHECK(contains(failure_of([&] { read_records(path, {}, "clas"); }), "no column clas"));

    files::write_atomically(path, "1;2,5;1\n3;4,5;1,0\n5;6,5;0\n");
    DOCTEST_CHECK(read_records(path).values.size(1) == 3);
    DOCTEST_CHECK(!read_records(path).labels.defined());
    const Records numbered = read_records(path, {}, "3");
    DOCTEST_CHECK(numbered.classes == Names{"0", "1"});
    DOCTEST_CHECK(labels_of(numbered) == std::vector<std::int64_t>{1, 1, 0});
    files::write_atomically(path, "1,2,1\n3,4,\n");
    DOCTEST_CHECK(contains(failure_of([&] { read_records(path, {}, "3"); }), "Line 2: the class is missing"));

    const std::string array = (folder.path / "a.npy").string();
    files::write_atomically(array, store::format_npy({{2, 3}, {1, 0, 3, 4, 2, 6}}));
    const Records rows = read_records(array, {}, "2");
    DOCTEST_CHECK(rows.values.equal(torch::tensor({{1.f, 3.f}, {4.f, 6.f}})));
    DOCTEST_CHECK(labels_of(rows) == std::vector<std::int64_t>{0, 2});
    DOCTEST_CHECK(contains(failure_of([&] { read_records(array, {}, "4"); }), "no column 4"));
}
