#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/tensor.h"
#include "core/lab/model_file.h"
#include "core/store/checkpoint.h"
#include "core/store/safetensors.h"
#include "tests/unit/failure.h"
#include "tests/unit/same_bits.h"
#include "tests/unit/temporary_folder.h"

#include <cstring>
#include <fstream>

#include <doctest/doctest.h>

using ebm::Error;
using ebm::store::Checkpoint;
using ebm::store::read_checkpoint;
using ebm::store::write_checkpoint;
using ebm::tests::contains;
using ebm::tests::same_bits;

namespace {

constexpr std::int64_t buffer_size = 50;

Checkpoint small_checkpoint() {
    torch::manual_seed(3);
    Checkpoint checkpoint;
    checkpoint.scene_json = R"({"format": "ebmlab-scene", "version": 1, "name": "größe"})";
    checkpoint.iteration = 1234567;
    checkpoint.seconds = 98.7654321;
    for (const char* name : {"0.weight", "0.bias"})
        for (const char* group : {"weights.", "average.", "adam.m.", "adam.v."})
            checkpoint.tensors.emplace_back(std::string(group) + name, torch::randn({4, 3}));
    checkpoint.tensors.emplace_back("adam.steps", torch::full({1}, 40, torch::kLong));
    checkpoint.tensors.emplace_back("buffer.samples", torch::randn({buffer_size, 2}));
    checkpoint.tensors.emplace_back("buffer.energy", torch::full({buffer_size}, std::nan("")));
    checkpoint.tensors.emplace_back("buffer.age", torch::arange(buffer_size));
    checkpoint.extra = {{"sample_shape", "2"}, {"note", "by hand"}};
    return checkpoint;
}

torch::Tensor find(const Checkpoint& checkpoint, const std::string& name) {
    for (const auto& [key, tensor] : checkpoint.tensors)
        if (key == name) return tensor;
    return {};
}

std::string failure_to_read(const std::filesystem::path& path) {
    try {
        read_checkpoint(path);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

} // namespace

DOCTEST_TEST_CASE("a checkpoint comes back bit for bit") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "last.safetensors";
    const Checkpoint written = small_checkpoint();
    write_checkpoint(path, written);
    const Checkpoint read = read_checkpoint(path);
    DOCTEST_CHECK(read.scene_json == written.scene_json);
    DOCTEST_CHECK(read.iteration == written.iteration);
    DOCTEST_CHECK(read.seconds == written.seconds);
    DOCTEST_CHECK(read.extra == written.extra);
    DOCTEST_CHECK_FALSE(ebm::store::lacks_training_state(read));
    DOCTEST_REQUIRE(read.tensors.size() == written.tensors.size());
    for (const auto& tensor : written.tensors)
        DOCTEST_CHECK_MESSAGE(same_bits(find(read, tensor.first), tensor.second), tensor.first);
}

DOCTEST_TEST_CASE("tensors of other layouts are stored by their values") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "last.safetensors";
    Checkpoint written;
    const torch::Tensor images = torch::randn({2, 3, 4, 5});
    written.tensors = {{"transposed", torch::arange(6).reshape({2, 3}).t()},
                       {"channels_last", images.to(torch::MemoryFormat::ChannelsLast)},
                       {"double", torch::randn({3}, torch::kDouble)},
                       {"bytes", torch::arange(4, torch::kByte)},
                       {"int", torch::arange(4, torch::kInt)},
                       {"scalar", torch::tensor(2.5f)},
                       {"empty", torch::zeros({0, 7})}};
    write_checkpoint(path, written);
    const Checkpoint read = read_checkpoint(path);
    for (const auto& tensor : written.tensors)
        DOCTEST_CHECK_MESSAGE(same_bits(find(read, tensor.first), tensor.second), tensor.first);
}

DOCTEST_TEST_CASE("every flipped bit and every cut of a checkpoint is noticed") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "last.safetensors", broken = folder.path / "broken.safetensors";
    write_checkpoint(path, small_checkpoint());
    const ebm::files::Bytes whole = ebm::files::read(path, 1 << 20);
    // All bits of the length, then a bit of every seventh byte, so that header, metadata and tensors all get
    // their turn.
    for (std::size_t at = 0; at < whole.size(); at += at < 8 ? 1 : 7) {
        ebm::files::Bytes flipped = whole;
        flipped[at] ^= std::byte{static_cast<unsigned char>(1u << (at % 8))};
        ebm::files::write_atomically(broken, std::span<const std::byte>(flipped));
        const std::string message = failure_to_read(broken);
        DOCTEST_CAPTURE(at);
        DOCTEST_CHECK(contains(message, "broken.safetensors"));
        DOCTEST_CHECK_FALSE(contains(message, "\n"));
    }
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{8}, whole.size() / 3, whole.size() - 1}) {
        ebm::files::write_atomically(broken, std::span(whole).first(size));
        DOCTEST_CHECK(contains(failure_to_read(broken), "broken.safetensors"));
    }
}

DOCTEST_TEST_CASE("an empty tensor does not end what the checksum covers") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "last.safetensors";
    Checkpoint checkpoint = small_checkpoint();
    checkpoint.tensors.emplace_back("zz.empty", torch::empty({0, 4}));
    write_checkpoint(path, checkpoint);
    ebm::store::SafetensorsFile file = ebm::store::read_safetensors(path);
    ebm::store::StoredTensor& samples = file.tensors.at("buffer.samples");
    std::vector<std::byte> changed(samples.bytes.begin(), samples.bytes.end());
    changed[7] ^= std::byte{1};
    samples.bytes = changed;
    ebm::store::write_safetensors(path, file);
    DOCTEST_CHECK(contains(failure_to_read(path), "checksum"));
}

DOCTEST_TEST_CASE("writing a checkpoint takes no memory beside its tensors, reading one twice as much") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "large.safetensors";
    constexpr std::int64_t size = 128'000'000;
    // Bytes at most in memory since `begin`, beyond those that were there then.
    std::int64_t before = 0;
    const auto status = [](const std::string& key) -> std::int64_t {
        std::ifstream file("/proc/self/status");
        for (std::string line; std::getline(file, line);)
            if (line.starts_with(key)) return 1024 * std::stoll(line.substr(key.size() + 1));
        return 0;
    };
    const auto begin = [&] {
        std::ofstream("/proc/self/clear_refs") << "5"; // the peak is from now on
        before = status("VmRSS");
    };
    const auto growth = [&] { return status("VmHWM") - before; };
    {
        Checkpoint checkpoint = small_checkpoint();
        checkpoint.tensors.emplace_back("buffer.large", torch::ones({size}, torch::kByte));
        begin();
        write_checkpoint(path, checkpoint);
        DOCTEST_CHECK(growth() < size / 2);
    }
    begin();
    const Checkpoint back = read_checkpoint(path);
    DOCTEST_CHECK(growth() < 5 * size / 2);
    DOCTEST_CHECK(back.tensors.size() == small_checkpoint().tensors.size() + 1);
}

DOCTEST_TEST_CASE("other files and newer checkpoints are named as such") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "some.safetensors";
    DOCTEST_CHECK(contains(failure_to_read(path), "some.safetensors"));

    ebm::store::SafetensorsFile other;
    ebm::store::write_safetensors(path, other);
    DOCTEST_CHECK(contains(failure_to_read(path), "not a checkpoint"));

    write_checkpoint(path, small_checkpoint());
    ebm::store::SafetensorsFile newer = ebm::store::read_safetensors(path);
    newer.metadata["version"] = "2";
    ebm::store::write_safetensors(path, newer);
    DOCTEST_CHECK(contains(failure_to_read(path), "newer"));

    newer.metadata["version"] = "1";
    newer.metadata["iteration"] = "1234568";
    ebm::store::write_safetensors(path, newer);
    DOCTEST_CHECK(contains(failure_to_read(path), "checksum"));
}

DOCTEST_TEST_CASE("a checkpoint that cannot be written leaves the old one as it was") {
    const ebm::tests::TemporaryFolder folder;
    const auto path = folder.path / "last.safetensors";
    write_checkpoint(path, small_checkpoint());
    Checkpoint bad = small_checkpoint();
    bad.tensors.emplace_back("complex", torch::zeros({2}, torch::kComplexFloat));
    DOCTEST_CHECK_THROWS_AS(write_checkpoint(path, bad), Error);
    bad.tensors.back() = bad.tensors.front();
    DOCTEST_CHECK_THROWS_AS(write_checkpoint(path, bad), Error);
    DOCTEST_CHECK_THROWS_AS(write_checkpoint(folder.path / "no" / "folder.safetensors", small_checkpoint()),
                            Error);
    DOCTEST_CHECK(read_checkpoint(path).iteration == small_checkpoint().iteration);
}

DOCTEST_TEST_CASE("a model without training state is small and is completed when it is read") {
    const ebm::tests::TemporaryFolder folder;
    const auto full = folder.path / "full.safetensors", small = folder.path / "small.safetensors";
    const Checkpoint written = small_checkpoint();
    write_checkpoint(full, written);
    ebm::lab::export_model(full.string(), small.string(), 8);
    DOCTEST_CHECK(std::filesystem::file_size(small) < std::filesystem::file_size(full));
    for (const auto& tensor : ebm::store::read_safetensors(small).tensors)
        DOCTEST_CHECK_MESSAGE(!tensor.first.starts_with("adam."), tensor.first);

    const Checkpoint read = read_checkpoint(small);
    DOCTEST_CHECK(ebm::store::lacks_training_state(read));
    DOCTEST_CHECK(read.iteration == written.iteration);
    DOCTEST_REQUIRE(read.tensors.size() == written.tensors.size());
    for (const auto& entry : written.tensors) {
        const auto& [name, tensor] = entry;
        DOCTEST_CAPTURE(entry.first);
        const torch::Tensor back = find(read, name);
        DOCTEST_REQUIRE(back.defined());
        if (name.starts_with("adam."))
            DOCTEST_CHECK(torch::equal(back, torch::zeros_like(tensor)));
        else if (name.starts_with("buffer."))
            DOCTEST_CHECK(same_bits(back, tensor.index_select(0, torch::arange(buffer_size).remainder(8))));
        else
            DOCTEST_CHECK(same_bits(back, tensor));
    }
}

DOCTEST_TEST_CASE("a scene for another model names the setting that differs") {
    ebm::Settings trained, wanted;
    wanted.train.learning_rate = 0.1;
    wanted.train.seed = 9;
    ebm::lab::require_same_model(trained, wanted, "a.safetensors");
    wanted.model.width = 32;
    std::string message;
    try {
        ebm::lab::require_same_model(trained, wanted, "a.safetensors");
    } catch (const Error& error) {
        message = error.what();
    }
    DOCTEST_CHECK(contains(message, "model.width = 64"));
    DOCTEST_CHECK(contains(message, "32"));
    DOCTEST_CHECK(contains(message, "a.safetensors"));
}
