#include "core/data/catalogue.h"

#include "core/base/files.h"
#include "core/store/digest.h"
#include "core/store/unpack.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <filesystem>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

using namespace ebm;
using tests::contains;
using tests::failure_of;

namespace {

namespace fs = std::filesystem;

struct Entry {
    std::string name, content;
    std::string link = {}; ///< makes it a symbolic link
};

/// Writes an archive of the kind that the name says.
void write_archive(const fs::path& path, const std::vector<Entry>& entries) {
    archive* writer = archive_write_new();
    if (path.extension() == ".zip") {
        archive_write_set_format_zip(writer);
    } else {
        archive_write_set_format_pax_restricted(writer);
        archive_write_add_filter_gzip(writer);
    }
    DOCTEST_REQUIRE(archive_write_open_filename(writer, path.c_str()) == ARCHIVE_OK);
    for (const Entry& from : entries) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, from.name.c_str());
        archive_entry_set_filetype(entry, from.link.empty() ? AE_IFREG : AE_IFLNK);
        if (!from.link.empty()) archive_entry_set_symlink(entry, from.link.c_str());
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(from.content.size()));
        DOCTEST_REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
        archive_write_data(writer, from.content.data(), from.content.size());
        archive_entry_free(entry);
    }
    archive_write_free(writer);
}

bool always(std::uint64_t) {
    return true;
}

std::string text(const fs::path& path) {
    return files::read_text(path, 1'000'000);
}

/// A set of one archive that a person put into `folder`.
data::CatalogueSet set_of(const fs::path& folder, const std::string& name, std::vector<std::string> proof) {
    data::CatalogueSet set;
    set.name = "mine";
    set.title = "Mine";
    set.page = "https://example.org/";
    set.archives = true;
    data::CatalogueFile file;
    file.name = name;
    file.bytes = fs::file_size(folder / name);
    file.sha256 = store::file_digest(folder / name, store::DigestKind::sha256);
    file.proof = std::move(proof);
    set.files = {file};
    return set;
}

} // namespace

DOCTEST_TEST_CASE("digests of files") {
    const tests::TemporaryFolder folder;
    files::write_atomically(folder.path / "abc", std::string_view("abc"));
    DOCTEST_CHECK(store::file_digest(folder.path / "abc", store::DigestKind::sha256) ==
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    DOCTEST_CHECK(store::file_digest(folder.path / "abc", store::DigestKind::md5) ==
                  "900150983cd24fb0d6963f7d28e17f72");
    DOCTEST_CHECK(store::file_digest(folder.path / "abc", store::DigestKind::md5, [](std::uint64_t) {
                      return false;
                  }).empty());
}

DOCTEST_TEST_CASE("archives are unpacked, and nothing outside their folder is written") {
    const tests::TemporaryFolder folder;
    const std::string large(3'000'000, 'x');
    for (const char* name : {"a.tar.gz", "a.zip"}) {
        const fs::path to = folder.path / (std::string(name) + ".d");
        write_archive(folder.path / name, {{"top/one.bin", "one"}, {"top/deep/er/large", large}});
        DOCTEST_CHECK(store::unpack(folder.path / name, to, always));
        DOCTEST_CHECK(text(to / "top/one.bin") == "one");
        DOCTEST_CHECK(fs::file_size(to / "top/deep/er/large") == large.size());
        DOCTEST_CHECK(!store::unpack(folder.path / name, to, [](std::uint64_t) { return false; }));
    }
    const auto refused = [&](const std::vector<Entry>& entries) {
        write_archive(folder.path / "bad.tar.gz", entries);
        return failure_of([&] { store::unpack(folder.path / "bad.tar.gz", folder.path / "bad", always); });
    };
    DOCTEST_CHECK(contains(refused({{"../out", "x"}}), "leads out"));
    DOCTEST_CHECK(contains(refused({{"a/../../out", "x"}}), "leads out"));
    DOCTEST_CHECK(contains(refused({{(folder.path / "out").string(), "x"}}), "leads out"));
    DOCTEST_CHECK(contains(refused({{"link", "", "/etc"}, {"link/x", "x"}}), "neither a file nor a folder"));
    DOCTEST_CHECK(!fs::exists(folder.path / "out"));
    files::write_atomically(folder.path / "no.zip", std::string_view("This is a text."));
    DOCTEST_CHECK(contains(
        failure_of([&] { store::unpack(folder.path / "no.zip", folder.path / "no", always); }), "no.zip"));
    // Cut short.
    write_archive(folder.path / "cut.tar.gz", {{"large", large}});
    fs::resize_file(folder.path / "cut.tar.gz", fs::file_size(folder.path / "cut.tar.gz") / 2);
    DOCTEST_CHECK(
        contains(failure_of([&] { store::unpack(folder.path / "cut.tar.gz", folder.path / "cut", always); }),
                 "cannot be unpacked"));
}

DOCTEST_TEST_CASE("a set of an archive is checked, unpacked and put in place") {
    const tests::TemporaryFolder folder;
    const fs::path archive = folder.path / "mine.tar.gz";
    write_archive(archive, {{"inside/train.bin", "12345"}, {"inside/test.bin", "67"}});
    const data::CatalogueSet set = set_of(folder.path, "mine.tar.gz", {"train.bin", "test.bin"});
    DOCTEST_CHECK(!data::state_of(set, folder.path).present);
    DOCTEST_CHECK(data::state_of(set, folder.path).begun == set.bytes());
    // Stopped while it is unpacked: the archive stays, and nothing is in place.
    const auto stop_at_unpacking = [](const data::GetStage& stage) {
        return stage.kind != data::GetStage::Kind::unpack;
    };
    DOCTEST_CHECK((data::get_set(set, folder.path, stop_at_unpacking) == data::Got::stopped));
    DOCTEST_CHECK(fs::exists(archive));
    DOCTEST_CHECK(!fs::exists(folder.path / "inside"));
    // Something else is in the place of a file.
    fs::create_directories(folder.path / "inside");
    files::write_atomically(folder.path / "inside/test.bin", std::string_view("mine, not theirs"));
    const auto go_on = [](const data::GetStage&) { return true; };
    DOCTEST_CHECK(contains(failure_of([&] { data::get_set(set, folder.path, go_on); }), "inside/test.bin"));
    DOCTEST_CHECK(text(folder.path / "inside/test.bin") == "mine, not theirs");
    fs::remove(folder.path / "inside/test.bin");
    DOCTEST_CHECK((data::get_set(set, folder.path, go_on) == data::Got::done));
    DOCTEST_CHECK(text(folder.path / "inside/train.bin") == "12345");
    DOCTEST_CHECK(text(folder.path / "inside/test.bin") == "67");
    DOCTEST_CHECK(!fs::exists(archive));
    DOCTEST_CHECK(!fs::exists(folder.path / ".unpacking"));
    DOCTEST_CHECK(data::state_of(set, folder.path).present);
    DOCTEST_CHECK((data::get_set(set, folder.path, go_on) == data::Got::present));
}

DOCTEST_TEST_CASE("a set with a wrong checksum or other content is refused") {
    const tests::TemporaryFolder folder;
    write_archive(folder.path / "mine.zip", {{"other.bin", "12345"}});
    data::CatalogueSet set = set_of(folder.path, "mine.zip", {"train.bin"});
    const auto get = [&] {
        return failure_of(
            [&] { data::get_set(set, folder.path, [](const data::GetStage&) { return true; }); });
    };
    set.files[0].md5 = "900150983cd24fb0d6963f7d28e17f72";
    std::swap(set.files[0].sha256, set.files[0].md5);
    set.files[0].sha256.clear();
    DOCTEST_CHECK(contains(get(), "MD5"));
    DOCTEST_CHECK(fs::exists(folder.path / "mine.zip")); // a person's own file is not removed
    set.files[0].md5 = store::file_digest(folder.path / "mine.zip", store::DigestKind::md5);
    DOCTEST_CHECK(contains(get(), "not whole"));
}

DOCTEST_TEST_CASE("the catalogue is complete") {
    std::set<std::string> names;
    for (const data::CatalogueSet& set : data::catalogue()) {
        DOCTEST_CAPTURE(set.name);
        DOCTEST_CHECK(names.insert(set.name).second);
        DOCTEST_CHECK(!set.title.empty());
        DOCTEST_CHECK(!set.licence.empty());
        DOCTEST_CHECK(set.generated() == set.page.empty());
        for (const data::CatalogueFile& file : set.files) {
            DOCTEST_CHECK(!file.proof.empty());
            if (file.bytes == 0) continue; // a folder that a person makes
            DOCTEST_CHECK((file.sha256.size() == 64 || (file.sha256.empty() && file.md5.size() == 32)));
            DOCTEST_CHECK((file.address.empty() || file.address.ends_with("/" + file.name)));
        }
    }
    DOCTEST_CHECK(contains(failure_of([] { data::catalogue_set("cifar-10"); }), "cifar10"));
}
