#include "core/store/table.h"

#include "core/base/files.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace ebm;
using store::parse_table;
using tests::contains;
using tests::failure_of;

DOCTEST_TEST_CASE("tables: every separator, with and without a header") {
    for (const std::string text :
         {"1,2.5\n3,-4e2\n", "1;2.5\r\n3;-4e2", "1\t2.5\n\n3\t-4e2\n", "  1   2.5 \n3 -4e2 \r\n",
          "\xEF\xBB\xBF# a comment\n1 , 2.5\n# another\n3, -4e2\n", "\"a b\",\"c\"\n1,2.5\n3,-4e2"}) {
        DOCTEST_CAPTURE(text);
        const store::Table table = parse_table(text, "here");
        DOCTEST_CHECK(table.columns == 2);
        DOCTEST_CHECK(table.rows() == 2);
        DOCTEST_CHECK(table.values == std::vector<double>{1, 2.5, 3, -400});
        DOCTEST_CHECK((table.names.empty() || table.names == std::vector<std::string>{"a b", "c"}));
    }
}

DOCTEST_TEST_CASE("tables: JSON and printed arrays are told as what they are, a unit in brackets is a name") {
    for (const std::string text :
         {"[[1,2],[3,4]]", "[1, 2]\n[3, 4]\n", "{\"x\": [1, 2]}", "[\n [1, 2],\n [3, 4]\n]", " [-1. 2.]\n"}) {
        DOCTEST_CAPTURE(text);
        DOCTEST_CHECK(contains(failure_of([&] { parse_table(text, "t.json"); }), "begins with a bracket"));
    }
    DOCTEST_CHECK(parse_table("[cm],[kg]\n1,2\n3,4\n", "t.csv").rows() == 2);
}

DOCTEST_TEST_CASE("tables: a first row in another notation is not taken for names in silence") {
    // As in any other line, it is named with what it is.
    for (const char* text : {"1.234,5;2.345,6\n0,1;-0,2\n",
                             "\"1,234.5\",\"2,345.6\"\n0.1,-0.2\n",
                             "1d0,2D1\n1,2\n",
                             "1O,4\n1,2\n",
                             "1_000,2\n1,2\n",
                             "1.2.3,4\n1,2\n",
                             "0x10,1\n1,2\n",
                             "12:30,5\n1,2\n",
                             "$5,3\n1,2\n",
                             "-€5,3\n1,2\n",
                             "5%,3\n1,2\n",
                             "5 cm,60 kg\n1,2\n",
                             ".5x,1\n1,2\n",
                             "(1.5),(2.5)\n1,2\n",
                             "<5,>6\n1,2\n",
                             "'1.5','2.5'\n1,2\n",
                             "５,６\n1,2\n",
                             "١٫٥;٢\n1;2\n",
                             "½,¼\n1,2\n",
                             "\u20111.5,\u20112.5\n1,2\n",
                             "=1+1,=2\n1,2\n",
                             "∞,-∞\n1,2\n",
                             "*,*\n1,2\n",
                             "TRUE,FALSE\n1,0\n",
                             "true,0.5\nfalse,0.25\n",
                             "USD 5,USD 6\n7,8\n",
                             "EUR 5.50;EUR 6,10\n7;8\n",
                             "5 EUR,6 EUR\n7,8\n",
                             "US$5,US$6\n7,8\n",
                             "R$ 5,-A$6\n7,8\n",
                             "Rs. 5,Rs. 6\n7,8\n",
                             "2024-01-02,2024-01-03\n1,2\n",
                             "02/01/2024,5\n1,2\n",
                             "2024-01-02T10:00:00Z,5\n1,2\n",
                             "n.a.,n.a.\n1,2\n",
                             "no data,5\n1,2\n"}) {
        DOCTEST_CAPTURE(text);
        DOCTEST_CHECK(contains(failure_of([&] { parse_table(text, "t.csv"); }), "Line 1"));
    }
    const store::Table missing = parse_table("#N/A,3\n1,2\n#REF!,4\n", "here");
    DOCTEST_CHECK(missing.rows() == 3);
    DOCTEST_CHECK(std::isnan(missing.values[0]));
    // What may be meant as names is said.
    for (const char* text :
         {"l,4\n1,2\n", "\"1.5\",\"2.5\"\n3,4\n5,6\n", "id,2019\n1,0.5\n", "2m_temp,10m_wind\n1,2\n",
          "yes,no\n1,0\n", "id,no\n1,0\n", "Jan 2 2024,5\n1,0.5\n", "Jan-02,Jan-03\n1,2\n",
          "2 Jan 2024,USD 5\n1,2\n", "N 45.5,W 122.4\n1,2\n", "minus 5,plus 6\n1,2\n", "ca. 5,ca. 6\n1,2\n",
          "10 percent,20 percent\n1,2\n", "Sensor 3,Sensor 7\n1,2\n"}) {
        DOCTEST_CAPTURE(text);
        const store::Table table = parse_table(text, "here");
        DOCTEST_CHECK(table.names.size() == 2);
        DOCTEST_CHECK(contains(table.note, "taken for the names"));
    }
    const store::Table years =
        parse_table("label,\"1990\",\"2000\"\na,1,2\nb,3,4\n", "here", {"1990", "2000"});
    DOCTEST_CHECK(years.values == std::vector<double>{1, 2, 3, 4});
    for (const char* text :
         {"Sensor 1,Sensor 2\n1,2\n", "dim 0,dim 1\n1,2\n", "x1,x2\n1,2\n", "PM2.5,PM10\n1,2\n",
          "Jan,Feb\n1,2\n", "t,y\n1,2\n", "height_cm,Co-60\n1,2\n", "größe,温度\n1,2\n", "x,y\n1,2\n",
          ",x,y\n0,1,2\n", "\"1st\",\"2nd\"\n1,2\n", "height (cm);[kg]\n1;2\n"}) {
        DOCTEST_CAPTURE(text);
        DOCTEST_CHECK(parse_table(text, "here").note.empty());
    }
}

DOCTEST_TEST_CASE("tables: below the first line only \"# …\" is a comment, for # begins cells too") {
    const auto failure = [](const std::string& text) {
        return failure_of([&] { parse_table(text, "t.csv"); });
    };
    const store::Table missing = parse_table("x,y\n1,2\n#N/A,2\n3,4\n", "here");
    DOCTEST_REQUIRE(missing.rows() == 3);
    DOCTEST_CHECK(std::isnan(missing.values[2]));
    DOCTEST_CHECK(contains(failure("x,y\n1,2\n#5,6\n"), "Line 3"));
    const store::Table colours = parse_table("colour,x,y\n#ff0000,1,2\nred,3,4\n", "here", {"x", "y"});
    DOCTEST_CHECK(colours.values == std::vector<double>{1, 2, 3, 4});
    DOCTEST_CHECK(parse_table("#made by hand\n#x,y\n1,2\n# and here\n#\n3,4\n", "here").rows() == 2);
}

DOCTEST_TEST_CASE("tables: a row of numbers behind a # is not lost without a word") {
    for (const char* text :
         {"#1.5,2.5\n1,2\n", "x,y\n#1,2\n3,4\n", "# made by hand\n#x,y\n#1.5,2.5\n1,2\n", "#-1;NA\n1;2\n",
          "#0,5;1\n1;2\n", "#1,2,\n1,2,\n3,4,\n", "#7\n1\n2\n", "#1.5,2.5\nx,y\n1,2\n"}) {
        DOCTEST_CAPTURE(text);
        const std::string failure = failure_of([&] { parse_table(text, "t.csv"); });
        DOCTEST_CHECK((contains(failure, "begins with #") || contains(failure, "\"#1\" is not a number")));
    }
    const store::Table colours = parse_table("#ff0000,1,2\nred,3.5,4.5\n", "t.csv", {"2", "3"});
    DOCTEST_CHECK(contains(colours.note, "Line 1, #ff0000,1,2, is taken for a comment."));
    for (const char* text : {"# 1.5,2.5\n1,2\n", "#x,y\n1,2\n", "#made 2024, by hand\n1,2\n", "#2024\n1,2\n",
                             "#made by me, in 2024, and again\n1,2\n", "## 1,2\n1,2\n"}) {
        DOCTEST_CAPTURE(text);
        const store::Table table = parse_table(text, "here");
        DOCTEST_CHECK(table.rows() == 1);
        DOCTEST_CHECK(table.note.empty());
    }
}

DOCTEST_TEST_CASE("tables: sep= of spreadsheets is no row, a column is chosen once, numbers have a range") {
    const store::Table table = parse_table("sep=;\nx;y\n1;2\n3;4\n", "here");
    DOCTEST_CHECK(table.names == std::vector<std::string>{"x", "y"});
    DOCTEST_CHECK(table.rows() == 2);
    const auto chosen = [](const std::vector<std::string>& columns) {
        return failure_of([&] { parse_table("a,b,c\n1,2,3\n4,5,6\n", "t.csv", columns); });
    };
    DOCTEST_CHECK(contains(chosen({"a", "1"}), "chosen twice"));
    DOCTEST_CHECK(contains(chosen({"99", "1"}), "from 1 to 3"));
    DOCTEST_CHECK(chosen({"c", "1"}) == "no error");
}

DOCTEST_TEST_CASE("tables: empty files have no rows, empty cells are not numbers") {
    DOCTEST_CHECK(parse_table("", "here").rows() == 0);
    DOCTEST_CHECK(parse_table("\n\n# nothing\n", "here").rows() == 0);
    DOCTEST_CHECK(parse_table("x,y\n", "here").rows() == 0);
    const store::Table table = parse_table("1,,nan\n", "here");
    DOCTEST_REQUIRE(table.columns == 3);
    DOCTEST_CHECK(std::isnan(table.values[1]));
    DOCTEST_CHECK(std::isnan(table.values[2]));
}

DOCTEST_TEST_CASE("tables: decimal commas, quotes and the other habits of spreadsheets") {
    for (const std::string text :
         {"a;b\n0,5;-1,25\n-2;0,75\n", "a\tb\n0,5\t-1,25\n-2\t0,75\n", "0,5 -1,25\n-2 0,75\n",
          "a,b\n\"0,5\",\"-1,25\"\n\"-2\",\"0,75\"\n", "a,b,\r0.5,-1.25,\r-2,0.75,\r",
          "a,b\n+0.5,\xE2\x88\x92"
          "1.25\n-2,.75\n",
          "\"a\nb\";\"c;\"\"d\"\n0,5;-1,25\n-2;0,75"}) {
        DOCTEST_CAPTURE(text);
        const store::Table table = parse_table(text, "here");
        DOCTEST_CHECK(table.values == std::vector<double>{0.5, -1.25, -2, 0.75});
    }
    DOCTEST_CHECK(parse_table("\"c;\"\"d\";e\n1;2\n", "here").names[0] == "c;\"\"d");
    const auto failure = [](const std::string& text) {
        return failure_of([&] { parse_table(text, "t.csv"); });
    };
    DOCTEST_CHECK(contains(failure("a;b\n0,5;1.5\n"), "Line 2, column b"));
    DOCTEST_CHECK(contains(failure("a;b\n1.234,5;2\n"), "thousands separator"));
    DOCTEST_CHECK(contains(failure("a,b\n\"1,234\",2\n\"2,345\",3\n"), "cannot be told"));
}

DOCTEST_TEST_CASE("tables: the first line is a header only where it says so") {
    const auto rows = [](const std::string& text) { return parse_table(text, "here").rows(); };
    DOCTEST_CHECK(rows("0,1\n0.5,-1.25\n-2,0.75\n") == 2); // as pandas names columns
    DOCTEST_CHECK(rows(",0,1\n0,0.5,-1.25\n1,-2,0.75\n") == 2);
    DOCTEST_CHECK(rows("0,1\n2,3\n4,5\n") == 3);
    DOCTEST_CHECK(rows("\"2019\",\"2020\"\n0.5,-1.25\n") == 1);
    DOCTEST_CHECK(rows("1e-400,-1.25\n-2,0.75\n1.5,2\n") == 3);
    DOCTEST_CHECK(rows("NA,-1.25\n-2,0.75\n") == 2);
    DOCTEST_CHECK(contains(failure_of([&] { rows("0.5,-1.2x\n-2,0.75\n"); }), "Line 1"));
    DOCTEST_CHECK(contains(failure_of([&] { rows("Ann,3\nBob,4\n"); }), "Line 1"));
    DOCTEST_CHECK(parse_table("id,2019\n7,0.5\n", "here").names == std::vector<std::string>{"id", "2019"});
    DOCTEST_CHECK(parse_table("1e-400,-1e-400\n", "here").values == std::vector<double>{0, 0});
    DOCTEST_CHECK(std::isinf(parse_table("1,1e999\n", "here").values[1]));
}

DOCTEST_TEST_CASE("tables: columns that are chosen, and names that others wrote") {
    const std::string text = "k;x;y;x\nA;1;2;3\nB;4;5;6\n";
    DOCTEST_CHECK(parse_table(text, "here", {"y", "2"}).values == std::vector<double>{2, 1, 5, 4});
    DOCTEST_CHECK(contains(failure_of([&] { parse_table(text, "here", {"x"}); }), "Two columns are named x"));
    DOCTEST_CHECK(contains(failure_of([&] { parse_table(text, "here", {"z"}); }), "no column z"));
    DOCTEST_CHECK(store::clean_name("a\x1B[2Jb\xC2\x9B") == "a?[2Jb?");
    DOCTEST_CHECK(store::clean_name("Gr\xF6\xDF"
                                    "e") == "Größe");
}

DOCTEST_TEST_CASE("tables: errors name the file and the line") {
    const auto failure = [](const std::string& text) {
        return failure_of([&] { parse_table(text, "points.csv"); });
    };
    DOCTEST_CHECK(
        contains(failure("x,y\n1,2\n3,four\n"), "Line 3, column y: \"four\" is not a number (points.csv)"));
    DOCTEST_CHECK(contains(failure("1,2\n\n3\n"), "Line 3 has 1 cell where the first line has 2"));
    DOCTEST_CHECK(contains(failure("1,2\n1,2 3\n"), "is not a number"));
    DOCTEST_CHECK(contains(failure("1,2\n1,0x10\n"), "is not a number"));
    DOCTEST_CHECK(contains(failure(std::string("\x1F\x8A\0\0", 4)), "not text"));
    DOCTEST_CHECK(contains(failure(std::string(200'000, ',')), "more than 100000"));
}

DOCTEST_TEST_CASE("tables: what is written is read back exactly, packed or not") {
    const tests::TemporaryFolder folder;
    const std::vector<float> values = {0.1f, -1e-30f, 3.4e38f, 5, INFINITY, 1.0f / 3};
    store::write_table(folder.path / "t.csv", {"energy", "step"}, values);
    store::Table table = store::read_table(folder.path / "t.csv");
    DOCTEST_CHECK(table.names == std::vector<std::string>{"energy", "step"});
    DOCTEST_CHECK(std::vector<float>(table.values.begin(), table.values.end()) == values);
    DOCTEST_CHECK(table.lines == std::vector<std::int64_t>{2, 3, 4});

    const std::string text = store::format_table({"energy", "step"}, values);
    files::write_atomically(folder.path / "t.csv.gz", files::gzip(files::as_bytes(text)));
    table = store::read_table(folder.path / "t.csv.gz");
    DOCTEST_CHECK(table.rows() == 3);
    DOCTEST_CHECK(failure_of([&] { store::format_table({"a", "b"}, {1, 2, 3}); }) != "no error");
    DOCTEST_CHECK(
        contains(failure_of([&] { store::read_table(folder.path / "missing.csv"); }), "no such file"));
}
