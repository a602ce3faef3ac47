// fuzz_readers CORPUS [ROUNDS [SEED]]
//
// Gives every reader of a file ROUNDS damaged copies of each file in CORPUS. A reader may accept or throw
// ebm::Error; anything else, a result that contradicts itself, or a single allocation above 64 MB is a
// failure. The inputs are a function of the corpus, ROUNDS and SEED. A failing input is written to the
// working folder.

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/data/images.h"
#include "core/data/picture_set.h"
#include "core/data/reader.h"
#include "core/store/image.h"
#include "core/store/npy.h"
#include "core/store/safetensors.h"
#include "core/store/table.h"
#include "tests/fuzz/allocation.h"
#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

namespace {

using namespace ebm;
using fuzz::Bytes;
using Content = std::span<const std::byte>;

struct Contradiction : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void expect(bool holds, const char* what) {
    if (!holds) throw Contradiction(what);
}

/// The one reader behind every door: told by content, whatever the corpus calls the file.
void read_records(Content content) {
    store::Input input(content, "input");
    const data::Records records = data::read_records(input);
    expect(records.count() > 0 && records.values.numel() > 0, "records are empty");
    expect(records.names.empty() || records.names.size() == static_cast<std::size_t>(records.values.size(1)),
           "names and columns differ");
    std::vector<std::string> notes;
    try {
        const data::Coding coding =
            records.pictures() ? data::pixel_coding(records) : data::standardising(records);
        const data::Coding again = data::parse_coding(data::coding_json(coding), "written again");
        expect(again == coding, "a coding differs after writing");
        std::vector<std::int64_t> shape = {2};
        if (records.pictures()) shape = records.values.sizes().slice(1).vec();
        const torch::Tensor x = data::encoded(records, coding, shape, notes);
        expect(x.size(0) == records.count(), "a record was lost");
        expect(x.isfinite().all().item<bool>(), "a coded number is not finite");
    } catch (const Error&) {
    }
}

void read_idx(Content content) {
    const torch::Tensor values = data::parse_idx(content, "input");
    expect(values.dim() >= 1 && values.dim() <= 4, "idx has an odd shape");
    try {
        read_records(content);
    } catch (const Error&) { // labels
    }
}

void read_gzip(Content content) {
    expect(files::gunzip(content, 1'000'000, "input").size() <= 1'000'000, "gunzip exceeds its limit");
}

/// Calls both; the table counts as accepted if one of them accepts it.
void read_text(Content content) {
    const store::Table table = store::parse_table(files::as_text(content), "input");
    expect(table.values.size() == static_cast<std::size_t>(table.rows() * table.columns),
           "table has a broken row");
    expect(table.lines.size() == static_cast<std::size_t>(table.rows()), "table has rows without lines");
    try {
        read_records(content);
    } catch (const Error&) {
    }
    try {
        const data::ImageSet digits = data::parse_digit_table(content, "input");
        expect(digits.pixels.size() == digits.labels.size() * 784, "a digit is incomplete");
    } catch (const Error&) {
    }
}

void read_npy(Content content) {
    (void)store::parse_npy(content, "input");
    read_records(content);
}

void read_safetensors(Content content) {
    const store::SafetensorsFile file = store::parse_safetensors(content, "input");
    const std::vector<std::byte> written = store::format_safetensors(file);
    const store::SafetensorsFile again = store::parse_safetensors(written, "written again");
    expect(again.metadata == file.metadata && again.tensors.size() == file.tensors.size(),
           "safetensors differ after writing");
    for (const auto& [name, tensor] : file.tensors) {
        const store::StoredTensor& other = again.tensors.at(name);
        expect(other.shape == tensor.shape && std::ranges::equal(other.bytes, tensor.bytes),
               "a tensor differs after writing");
    }
}

void read_picture(Content content) {
    const store::Image image = store::decode_image(content, "input");
    expect(image.pixels.size() == static_cast<std::size_t>(image.width) *
                                      static_cast<std::size_t>(image.height) *
                                      static_cast<std::size_t>(image.channels),
           "size and pixels of a picture differ");
}

/// A folder for what is told by the names of files; gone at the end.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "ebmlab-fuzz-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    Folder(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    /// `content` as the only file.
    const std::filesystem::path& holding(const char* name, Content content) const {
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            std::filesystem::remove(entry.path());
        std::ofstream(path_ / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()),
                   static_cast<std::streamsize>(content.size()));
        return path_;
    }

private:
    std::filesystem::path path_;
};

/// A file of a set under the name that the set gives it.
void read_set(const char* name, Content content) {
    static const Folder folder;
    const auto source = data::find_pictures(folder.holding(name, content), {});
    expect(source.has_value(), "a set was not found");
    const data::PictureSet set = data::load_pictures(*source, {}, {{}, 0, 0});
    expect(set.train.size(0) == source->content.count(), "a picture was lost");
    if (!set.train_labels.defined()) return;
    expect(set.train_labels.numel() == set.train.size(0), "labels and pictures differ");
    expect(set.train_labels.max().item<std::int64_t>() < static_cast<std::int64_t>(set.classes.size()),
           "a label is no class");
}

void read_cifar(Content content) {
    read_set("data_batch_1.bin", content);
}

void read_svhn(Content content) {
    read_set("train_32x32.mat", content);
}

void read_imagenet(Content content) {
    read_set("train_data_batch_1.npz", content);
}

void read_cache(Content content) {
    static const Folder folder;
    const auto cache = data::open_cache(folder.holding("cache", content) / "cache", "fuzz");
    if (!cache) throw Error("The cache is not believed", "cache", "Make it anew.");
    expect(cache->pixels.size(0) == cache->content.count(), "pictures of a cache differ");
    (void)cache->pixels.sum(); // every byte is there
}

using Reader = void (*)(Content);

const std::map<std::string, Reader> readers = {{".idx", read_idx},        {".gz", read_gzip},
                                               {".csv", read_text},       {".npy", read_npy},
                                               {".npz", read_records},    {".png", read_picture},
                                               {".jpg", read_picture},    {".safetensors", read_safetensors},
                                               {".bin", read_cifar},      {".mat", read_svhn},
                                               {".npz32", read_imagenet}, {".bytes", read_cache}};

struct Case {
    std::filesystem::path path;
    Bytes content;
    Reader reader = nullptr;
};

std::vector<Case> corpus(const std::filesystem::path& folder) {
    std::vector<Case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto reader = readers.find(entry.path().extension().string());
        if (reader == readers.end()) continue;
        cases.push_back({entry.path(), files::read(entry.path(), 1'000'000), reader->second});
    }
    std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.path < b.path; });
    return cases;
}

enum class Outcome { accepted, refused, failed };

Outcome outcome(Reader reader, Content content, std::string& what) {
    const fuzz::AllocationLimit limit;
    try {
        reader(content);
        return Outcome::accepted;
    } catch (const Error&) {
        return Outcome::refused;
    } catch (const std::exception& error) {
        what = error.what();
        return Outcome::failed;
    }
}

/// The damaged copy number `round` of a case.
Bytes input_of(const std::vector<Case>& cases, std::size_t index, std::uint64_t seed, std::uint32_t round) {
    const Case& one = cases[index];
    fuzz::Choices choices(seed, static_cast<std::uint32_t>(index), round);
    const Bytes& other = cases[choices.below(cases.size())].content;
    const bool repair = choices.below(2) == 0;
    if (repair && files::is_gzip(one.content)) // damage inside, whole outside
        return files::gzip(fuzz::mutated(files::gunzip(one.content, 1'000'000, "corpus"), other, choices));
    Bytes input = fuzz::mutated(one.content, other, choices);
    return repair && one.path.extension() == ".png" ? fuzz::with_png_checksums(std::move(input)) : input;
}

} // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 2) {
        std::fprintf(stderr, "usage: fuzz_readers CORPUS [ROUNDS [SEED]]\n");
        return 2;
    }
    const auto rounds = static_cast<std::uint32_t>(argument_count > 2 ? std::atol(arguments[2]) : 200);
    const std::uint64_t seed = argument_count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1;
    const std::vector<Case> cases = corpus(arguments[1]);
    std::size_t accepted = 0, refused = 0, failed = 0;
    std::string what;
    for (std::size_t index = 0; index < cases.size(); ++index) {
        const Case& one = cases[index];
        const std::string name = one.path.filename().string();
        if (outcome(one.reader, one.content, what) != Outcome::accepted) {
            std::printf("%s: the undamaged file is not accepted\n", name.c_str());
            ++failed;
        }
        for (std::uint32_t round = 0; round < rounds; ++round) {
            const Bytes input = input_of(cases, index, seed, round);
            const Outcome result = outcome(one.reader, input, what);
            ++(result == Outcome::accepted ? accepted : result == Outcome::refused ? refused : failed);
            if (result != Outcome::failed) continue;
            const std::string kept = "fuzz-failure-" + std::to_string(round) + "-" + name;
            files::write_atomically(kept, input);
            std::printf("%s, round %u: %s (input kept as %s)\n", name.c_str(), round, what.c_str(),
                        kept.c_str());
        }
    }
    std::printf("fuzz: %zu files, %zu damaged copies accepted, %zu refused, %zu failures\n", cases.size(),
                accepted, refused, failed);
    return failed == 0 && !cases.empty() ? 0 : 1;
}
