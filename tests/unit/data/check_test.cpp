#include "core/data/check.h"

#include "tests/unit/data/picture_files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

using namespace ebm::data;

DOCTEST_TEST_CASE("classes without samples are named, and a class for each sample is no class") {
    using Classes = std::vector<DataReport::Class>;
    const auto problems = [](const Classes& classes) { return problems_of_classes(classes, "a.csv"); };
    DOCTEST_CHECK(problems({{"boot", 3}, {"bag", 1}}).empty());
    const std::vector<std::string> one = problems({{"boot", 3}, {"bag", 0}});
    DOCTEST_REQUIRE(one.size() == 1);
    DOCTEST_CHECK(one[0] == "The class 'bag' has no samples (a.csv). Add some, or take the class away.");
    const std::vector<std::string> two = problems({{"boot", 0}, {"shirt", 8}, {"bag", 0}});
    DOCTEST_REQUIRE(two.size() == 1);
    DOCTEST_CHECK(two[0].starts_with("2 of 3 classes have no samples: 'boot', 'bag' (a.csv)."));

    Classes names; // a column of names or numbers of the rows
    for (int row = 0; row < 30; ++row)
        names.push_back({"row " + std::to_string(row), 1});
    const std::vector<std::string> many = problems(names);
    DOCTEST_REQUIRE(many.size() == 1);
    DOCTEST_CHECK(many[0].starts_with("There are 30 classes for 30 samples (a.csv)"));

    Classes given = names; // classes that the set's own format names, most of them not in a small part of it
    given.push_back({"not here", 0});
    const std::vector<std::string> part = problems(given);
    DOCTEST_REQUIRE(part.size() == 1);
    DOCTEST_CHECK(part[0].starts_with("The class 'not here' has no samples"));
    for (DataReport::Class& found : names)
        found.count = 2;
    DOCTEST_CHECK(problems(names).empty());
}

DOCTEST_TEST_CASE(
    "a folder of many sizes is checked in the form that it will be learned in, and its notes are told") {
    using ebm::tests::contains;
    const ebm::tests::TemporaryFolder folder;
    for (int i = 0; i < 4; ++i) {
        ebm::tests::write(folder.path / "train/n01" / (std::to_string(i) + ".jpg"),
                          ebm::tests::jpeg(40 + i, 60, 50));
        ebm::tests::write(folder.path / "train/n02" / (std::to_string(i) + ".jpg"),
                          ebm::tests::cmyk_jpeg(48, 48 + i, {155, 255, 255, 200}, true));
        ebm::tests::write(folder.path / "val/n01" / (std::to_string(i) + ".jpg"),
                          ebm::tests::jpeg(50, 50 + i, 9));
    }
    ebm::tests::write(folder.path / "train/n01/5.webp", "RIFF....WEBP");
    ebm::tests::write(folder.path / "val/n01/5.webp", "RIFF....WEBP");
    const DataReport raw = check_data(folder.path.string());
    DOCTEST_REQUIRE(raw.problems.size() == 1);
    DOCTEST_CHECK(contains(raw.problems[0], "different sizes"));
    DOCTEST_CHECK(contains(raw.problems[0], "`ebmlab data check` --size"));
    const DataReport formed =
        check_data(folder.path.string(), "", {32, ebm::Crop::centre, ebm::Colours::colour});
    DOCTEST_CHECK(formed.problems.empty());
    DOCTEST_CHECK(formed.count == 12);
    DOCTEST_CHECK(formed.held_out == 4);
    DOCTEST_CHECK(formed.shape == std::vector<std::int64_t>{3, 32, 32});
    DOCTEST_REQUIRE(!formed.notes.empty());
    DOCTEST_CHECK(contains(formed.notes[0], "4 of the pictures are CMYK, n02/0.jpg among them"));
    DOCTEST_CHECK(
        contains(formed.notes[0], "2 of the files are neither JPEG nor PNG and are left out, n01/5.webp"));
}

DOCTEST_TEST_CASE(
    "one picture is checked as a folder of them is: CMYK, 16 bits and a doubtful range are said") {
    using ebm::tests::contains;
    const ebm::tests::TemporaryFolder folder;
    const auto notes = [&](const std::string& name, const std::string& content) {
        ebm::tests::write(folder.path / name, content);
        const DataReport report = check_data((folder.path / name).string());
        DOCTEST_CHECK(report.problems.empty());
        std::string text;
        for (const std::string& note : report.notes)
            text += note + " ";
        return text;
    };
    DOCTEST_CHECK(contains(notes("a.jpg", ebm::tests::cmyk_jpeg(8, 8, {155, 255, 255, 200}, true)),
                           "The picture is CMYK"));
    DOCTEST_CHECK(contains(notes("a.png", ebm::tests::png16(8, 8, 0xABCD)), "16 bits a channel; 8 are kept"));
    DOCTEST_CHECK(contains(notes("b.png", ebm::tests::png(8, 8, 1, 15)), "The pixels go from 15 to 15."));
    DOCTEST_CHECK(notes("c.png", ebm::tests::png(8, 8, 1, 200)).empty());
}
