#include "core/base/files.h"

#include "core/base/error.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace ebm;
using tests::failure_of;
using tests::TemporaryFolder;

namespace {

std::string content_of(const std::filesystem::path& path) {
    return std::string(files::as_text(files::read(path, 1 << 20)));
}

size_t files_in(const std::filesystem::path& folder) {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// Files may not grow beyond `bytes` while this lives: what a full disk looks like to a writer.
struct FileSizeLimit {
    rlimit before{};
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit limit{bytes, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_DFL);
    }
};

/// The rights of an ordinary user while this lives, because the administrator may write anywhere.
struct OrdinaryUser {
    uid_t before = geteuid();
    OrdinaryUser() {
        if (before == 0) DOCTEST_REQUIRE(seteuid(65534) == 0);
    }
    ~OrdinaryUser() {
        if (before == 0) DOCTEST_REQUIRE(seteuid(0) == 0);
    }
};

} // namespace

DOCTEST_TEST_CASE("files: what is written is read back") {
    const TemporaryFolder folder;
    const auto path = folder.path / "note.txt";
    files::write_atomically(path, "first");
    files::write_atomically(path, "second, longer");
    DOCTEST_CHECK(content_of(path) == "second, longer");
    files::write_atomically(path, "");
    DOCTEST_CHECK(content_of(path).empty());
    DOCTEST_CHECK(files_in(folder.path) == 1);
}

DOCTEST_TEST_CASE("files: a byte order mark is not part of a text") {
    const TemporaryFolder folder;
    files::write_atomically(folder.path / "a", "\xEF\xBB\xBFx,y");
    DOCTEST_CHECK(files::read_text(folder.path / "a", 100) == "x,y");
}

DOCTEST_TEST_CASE("files: reading what is missing, a folder, a device or too large says so") {
    const TemporaryFolder folder;
    const auto read = [](const std::filesystem::path& path) {
        return failure_of([&] { files::read(path, 10); });
    };
    DOCTEST_CHECK(read(folder.path / "missing").find("there is no such file") != std::string::npos);
    DOCTEST_CHECK(read(folder.path).find("it is a folder") != std::string::npos);
    DOCTEST_CHECK(read("").find("no such file") != std::string::npos);
    DOCTEST_CHECK(read("/dev/zero").find("not an ordinary file") != std::string::npos);
    DOCTEST_CHECK(read(std::string("a\0b", 3)).find("character that no file name has (a)") !=
                  std::string::npos);
    DOCTEST_CHECK(read(folder.path / std::string(300, 'n')).find("the name is too long") !=
                  std::string::npos);
    std::filesystem::create_symlink("circle", folder.path / "circle");
    DOCTEST_CHECK(read(folder.path / "circle").find("its links lead in a circle") != std::string::npos);
    files::write_atomically(folder.path / "large", "eleven byte");
    DOCTEST_CHECK(read(folder.path / "large").find("11 bytes long, more than the 10 bytes allowed") !=
                  std::string::npos);
}

DOCTEST_TEST_CASE("files: a read-only folder leaves the old file and nothing else") {
    const TemporaryFolder folder;
    const auto path = folder.path / "kept.txt";
    files::write_atomically(path, "old");
    std::filesystem::permissions(folder.path, std::filesystem::perms(0555));
    {
        const OrdinaryUser user;
        const std::string failure = failure_of([&] { files::write_atomically(path, "new"); });
        DOCTEST_CHECK(failure.find("could not be written: permission is denied") != std::string::npos);
    }
    std::filesystem::permissions(folder.path, std::filesystem::perms(0755));
    DOCTEST_CHECK(content_of(path) == "old");
    DOCTEST_CHECK(files_in(folder.path) == 1);
}

DOCTEST_TEST_CASE("files: running out of space leaves the old file and nothing else") {
    const TemporaryFolder folder;
    const auto path = folder.path / "kept.bin";
    files::write_atomically(path, "old");
    {
        const FileSizeLimit limit(100000);
        const std::string failure =
            failure_of([&] { files::write_atomically(path, std::string(300000, 'x')); });
        DOCTEST_CHECK(failure.find("could not be written") != std::string::npos);
    }
    DOCTEST_CHECK(content_of(path) == "old");
    DOCTEST_CHECK(files_in(folder.path) == 1);
}

DOCTEST_TEST_CASE("files: only ordinary files are replaced, links are followed, permissions stay") {
    const TemporaryFolder folder;
    DOCTEST_CHECK_THROWS_AS(files::write_atomically("/dev/full", "x"), Error);
    DOCTEST_CHECK_THROWS_AS(files::write_atomically(folder.path / std::string(300, 'n'), "x"), Error);
    DOCTEST_CHECK_THROWS_AS(files::write_atomically(std::string("a\0b", 3), "x"), Error);
    DOCTEST_CHECK_THROWS_AS(files::write_atomically(folder.path, "x"), Error);
    DOCTEST_CHECK_THROWS_AS(files::write_atomically(folder.path / "", "x"), Error);
    DOCTEST_CHECK_THROWS_AS(files::write_atomically(folder.path / "no" / "folder", "x"), Error);

    files::write_atomically(folder.path / "real", "old");
    std::filesystem::permissions(folder.path / "real", std::filesystem::perms(0640));
    std::filesystem::create_symlink("real", folder.path / "link");
    files::write_atomically(folder.path / "link", "new");
    DOCTEST_CHECK(std::filesystem::is_symlink(folder.path / "link"));
    DOCTEST_CHECK(content_of(folder.path / "real") == "new");
    DOCTEST_CHECK(std::filesystem::status(folder.path / "real").permissions() ==
                  std::filesystem::perms(0640));
}

DOCTEST_TEST_CASE("files: a link to a file that is not there yet stays; a circle of links is an error") {
    const TemporaryFolder folder;
    std::filesystem::create_symlink("real", folder.path / "link");
    files::write_atomically(folder.path / "link", "new");
    DOCTEST_CHECK(std::filesystem::is_symlink(folder.path / "link"));
    DOCTEST_CHECK(content_of(folder.path / "real") == "new");
    DOCTEST_CHECK(files::same_file(folder.path / "link", folder.path / "real"));
    std::filesystem::create_hard_link(folder.path / "real", folder.path / "twin");
    DOCTEST_CHECK(files::same_file(folder.path / "twin", folder.path / "link"));
    DOCTEST_CHECK(!files::same_file(folder.path / "missing", folder.path / "missing"));
    std::filesystem::create_symlink("b", folder.path / "a");
    std::filesystem::create_symlink("a", folder.path / "b");
    DOCTEST_CHECK(failure_of([&] { files::write_atomically(folder.path / "a", "x"); }).find("circle") !=
                  std::string::npos);
}

DOCTEST_TEST_CASE("files: a stream is written to where it stands and read to its end") {
    const TemporaryFolder folder;
    const auto log = folder.path / "log";
    files::write_atomically(log, "kept\n");
    const int descriptor = ::open(log.c_str(), O_WRONLY | O_APPEND);
    const std::string name = "/dev/fd/" + std::to_string(descriptor);
    std::filesystem::create_symlink(name, folder.path / "link");
    DOCTEST_CHECK(files::is_stream("-"));
    DOCTEST_CHECK(files::is_stream("/dev/null"));
    DOCTEST_CHECK(files::is_stream(folder.path / "link"));
    DOCTEST_CHECK(!files::is_stream(log));
    DOCTEST_CHECK(!files::is_stream(folder.path / "missing"));
    files::write_atomically(name, "more\n");
    files::write_atomically(folder.path / "link", "and more\n");
    ::close(descriptor);
    DOCTEST_CHECK(content_of(log) == "kept\nmore\nand more\n");
    DOCTEST_CHECK(failure_of([&] { files::write_atomically(name, "x"); }).find("it is closed") !=
                  std::string::npos);
    files::write_atomically("/dev/null", "x");
    DOCTEST_CHECK(std::filesystem::is_character_file("/dev/null"));

    const auto pipe = folder.path / "pipe";
    DOCTEST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const std::string long_text(200'000, 'x'); // more than a pipe holds
    std::thread writer([&] { files::write_atomically(pipe, long_text); });
    const files::Bytes received = files::read(pipe, 1 << 20);
    writer.join();
    DOCTEST_CHECK(files::as_text(received) == long_text);
    DOCTEST_CHECK(std::filesystem::is_fifo(pipe));
    std::thread second([&] {
        std::signal(SIGPIPE, SIG_IGN);
        failure_of([&] { files::write_atomically(pipe, long_text); });
    });
    DOCTEST_CHECK_THROWS_AS(files::read(pipe, 1000), Error);
    second.join();
}

DOCTEST_TEST_CASE("files: what a killed writer left is removed, what others are writing stays") {
    const TemporaryFolder folder;
    const auto part = [&](const char* name) { return folder.path / name; };
    for (const char* name : {".ebmlab-abcdefgh.part", ".ebmlab-00000000.part", ".mine-abcdefgh.part"})
        std::ofstream(part(name)) << "half";
    const int writer = ::open(part(".ebmlab-00000000.part").c_str(), O_RDONLY);
    DOCTEST_REQUIRE(::flock(writer, LOCK_EX) == 0);
    files::write_atomically(folder.path / "note", "text");
    DOCTEST_CHECK(!std::filesystem::exists(part(".ebmlab-abcdefgh.part")));
    DOCTEST_CHECK(std::filesystem::exists(part(".ebmlab-00000000.part")));
    DOCTEST_CHECK(std::filesystem::exists(part(".mine-abcdefgh.part")));
    ::close(writer);
}

DOCTEST_TEST_CASE("files: a protected file is not replaced; a new file takes no name in use") {
    const TemporaryFolder folder;
    const auto path = folder.path / "kept.txt";
    files::write_atomically(path, "old");
    std::filesystem::permissions(path, std::filesystem::perms(0444));
    std::filesystem::permissions(folder.path, std::filesystem::perms(0777));
    {
        const OrdinaryUser user;
        DOCTEST_CHECK_THROWS_AS(files::write_atomically(path, "new"), Error);
    }
    DOCTEST_CHECK(content_of(path) == "old");
    DOCTEST_CHECK(files::make_new_file(folder.path / "a", ".png") == folder.path / "a.png");
    DOCTEST_CHECK(files::make_new_file(folder.path / "a", ".png") == folder.path / "a-002.png");
    std::filesystem::create_symlink("nowhere", folder.path / "b.png");
    DOCTEST_CHECK(files::make_new_file(folder.path / "b", ".png") == folder.path / "b-002.png");
}

DOCTEST_TEST_CASE("gzip: round trip, several members, size limit") {
    std::string text;
    for (int i = 0; i < 50000; ++i)
        text += std::to_string(7919 * i);
    const files::Bytes packed = files::gzip(files::as_bytes(text));
    DOCTEST_CHECK(packed.size() < text.size() / 2);
    DOCTEST_CHECK(files::is_gzip(packed));
    DOCTEST_CHECK(files::as_text(files::gunzip(packed, text.size(), "here")) == text);
    DOCTEST_CHECK_THROWS_AS(files::gunzip(packed, text.size() - 1, "here"), Error);

    files::Bytes twice = packed;
    twice.insert(twice.end(), packed.begin(), packed.end());
    DOCTEST_CHECK(files::gunzip(twice, 1 << 20, "here").size() == 2 * text.size());
    DOCTEST_CHECK(files::gunzip(files::gzip({}), 0, "here").empty());
}

DOCTEST_TEST_CASE("gzip: damage is found wherever it is") {
    std::string text(3001, 'a');
    text.back() = 'b';
    const files::Bytes packed = files::gzip(files::as_bytes(text));
    for (size_t length = 0; length < packed.size(); ++length)
        DOCTEST_CHECK_THROWS_AS(files::gunzip(std::span(packed).first(length), 1 << 20, "here"), Error);
    for (size_t i = 10; i < packed.size(); ++i) {
        files::Bytes damaged = packed;
        damaged[i] ^= std::byte{0x10};
        try {
            const files::Bytes unpacked = files::gunzip(damaged, 1 << 20, "here");
            DOCTEST_CHECK(files::as_text(unpacked) == text); // padding bits mean nothing
        } catch (const Error& error) {
            DOCTEST_CHECK(std::string(error.what()).find("damaged") != std::string::npos);
        }
    }
}

DOCTEST_TEST_CASE("files: sizes in words") {
    DOCTEST_CHECK(files::size_in_words(999) == "999 bytes");
    DOCTEST_CHECK(files::size_in_words(1000) == "1.0 kB");
    DOCTEST_CHECK(files::size_in_words(999999) == "1.0 MB");
    DOCTEST_CHECK(files::size_in_words(3'200'000'000) == "3.2 GB");
}
