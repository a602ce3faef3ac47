#include "core/base/files.h"

#include "core/base/error.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <csignal>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
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

DOCTEST_TEST_CASE("files: reading what is missing, a folder, a pipe or too large says so") {
    const TemporaryFolder folder;
    const auto read = [](const std::filesystem::path& path) {
        return failure_of([&] { files::read(path, 10); });
    };
    DOCTEST_CHECK(read(folder.path / "missing").find("there is no such file") != std::string::npos);
    DOCTEST_CHECK(read(folder.path).find("it is a folder") != std::string::npos);
    DOCTEST_CHECK(read("").find("no such file") != std::string::npos);
    DOCTEST_REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
    DOCTEST_CHECK(read(folder.path / "pipe").find("not an ordinary file") != std::string::npos);
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
    DOCTEST_CHECK_THROWS_AS(files::write_atomically("/dev/null", "x"), Error);
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
    const std::string text = std::string(3000, 'a') + "b";
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
