#include "core/cuda/cache.h"
#include "tests/fuzz/mutate.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace ebm;
namespace fs = std::filesystem;

struct Folder {
    fs::path path = fs::temp_directory_path() / ("ebmlab-cache-" + std::to_string(getpid()));
    Folder() { fs::remove_all(path); }
    ~Folder() { fs::remove_all(path); }
};

fuzz::Bytes bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    fuzz::Bytes bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}
void write(const fs::path& file, const fuzz::Bytes& bytes) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
unsigned mode(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0u;
}

const std::string code("\x7f"
                       "ELF\0code",
                       9);

} // namespace

DOCTEST_TEST_CASE("GPU cache: a file comes back whole, in a folder that is the user's alone") {
    const Folder root;
    const fs::path folder = root.path / "ebmlab" / "kernels";
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder, "key"));
    cuda::write_cache(folder, "key", code);
    DOCTEST_CHECK(cuda::read_cache(folder, "key") == code);
    cuda::write_cache(folder, "key", "newer");
    DOCTEST_CHECK(cuda::read_cache(folder, "key") == "newer");
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder, "another"));
    DOCTEST_CHECK(std::distance(fs::directory_iterator(folder), {}) == 1);
    DOCTEST_CHECK(mode(folder) == 0700);
    DOCTEST_CHECK(mode(folder / "key") == 0600);
    fs::permissions(folder, fs::perms::all);
    DOCTEST_CHECK(cuda::read_cache(folder, "key") == "newer");
    DOCTEST_CHECK(mode(folder) == 0700);
    cuda::write_cache("/proc/nowhere", "key", code);
    DOCTEST_CHECK_FALSE(cuda::read_cache("/proc/nowhere", "key"));
    DOCTEST_CHECK_FALSE(cuda::read_cache({}, "key"));
}

DOCTEST_TEST_CASE("GPU cache: whatever is not what was written under this key is not given out") {
    const Folder folder;
    cuda::write_cache(folder.path, "key", code);
    cuda::write_cache(folder.path, "other", "other code");
    const fuzz::Bytes good = bytes_of(folder.path / "key"), other = bytes_of(folder.path / "other");
    int damaged = 0;
    for (std::uint32_t round = 0; round < 4000; ++round) {
        fuzz::Choices choices(7, 0, round);
        const fuzz::Bytes bytes = fuzz::mutated(good, other, choices);
        if (bytes == good) continue;
        ++damaged;
        write(folder.path / "key", bytes);
        DOCTEST_CAPTURE(round);
        DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    }
    DOCTEST_CHECK(damaged > 3000);
    for (std::size_t length = 0; length < good.size(); ++length) {
        write(folder.path / "key",
              fuzz::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)));
        DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    }
    write(folder.path / "key", other); // whole, but of another network
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    write(folder.path / "key", good);
    DOCTEST_CHECK(cuda::read_cache(folder.path, "key") == code);
}

DOCTEST_TEST_CASE("GPU cache: foreign folders, foreign files, links and pipes are refused") {
    const Folder folder;
    cuda::write_cache(folder.path, "key", code);
    const fs::path key = folder.path / "key", elsewhere = folder.path / "elsewhere";

    fs::permissions(key, fs::perms::others_write, fs::perm_options::add);
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    fs::permissions(key, fs::perms::others_write, fs::perm_options::remove);
    DOCTEST_CHECK(cuda::read_cache(folder.path, "key"));

    fs::rename(key, elsewhere);
    fs::create_symlink(elsewhere, key);
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    cuda::write_cache(folder.path, "key", code); // replaces the link, not what it points to
    DOCTEST_CHECK_FALSE(fs::is_symlink(key));
    fs::remove(key);
    DOCTEST_REQUIRE(mkfifo(key.c_str(), 0600) == 0);
    DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
    fs::remove(key);

    const fs::path link = folder.path.string() + "-link";
    fs::create_directory_symlink(folder.path, link);
    cuda::write_cache(link, "key", code);
    DOCTEST_CHECK_FALSE(fs::exists(key));
    fs::remove(link);

    if (geteuid() == 0) { // only root can make a foreign folder
        cuda::write_cache(folder.path, "key", code);
        DOCTEST_REQUIRE(chown(key.c_str(), 65534, 65534) == 0);
        DOCTEST_CHECK_FALSE(cuda::read_cache(folder.path, "key"));
        fs::remove(key);
        DOCTEST_REQUIRE(chown(folder.path.c_str(), 65534, 65534) == 0);
        cuda::write_cache(folder.path, "key", code);
        DOCTEST_CHECK_FALSE(fs::exists(key));
    } else {
        cuda::write_cache("/", "ebmlab-key", code);
        DOCTEST_CHECK_FALSE(fs::exists("/ebmlab-key"));
    }
}

DOCTEST_TEST_CASE("GPU cache: what killed writers left goes, what is being written stays") {
    const Folder folder;
    cuda::write_cache(folder.path, "key", code);
    const fs::path old = folder.path / "key.1.part", fresh = folder.path / "key.2.part";
    write(old, {});
    write(fresh, {});
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
    cuda::write_cache(folder.path, "key", code);
    DOCTEST_CHECK_FALSE(fs::exists(old));
    DOCTEST_CHECK(fs::exists(fresh));
}
