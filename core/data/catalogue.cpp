#include "core/data/catalogue.h"

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/names.h"
#include "core/base/system_error.h"
#include "core/data/places.h"
#include "core/store/unpack.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

/// A file that is used as it is.
CatalogueFile file_at(const std::string& folder, const std::string& name, std::uint64_t bytes,
                      const std::string& sha256) {
    const std::string packed = ".gz";
    const std::string plain = name.ends_with(packed) ? name.substr(0, name.size() - packed.size()) : name;
    return {{folder + name, name, bytes, sha256, ""}, {plain}};
}

/// An archive; without an address one that is that its makers give by hand only.
CatalogueFile archive_at(const std::string& address, const std::string& name, std::uint64_t bytes,
                         const std::string& sha256, const std::string& md5, std::vector<std::string> proof) {
    return {{address, name, bytes, sha256, md5}, std::move(proof)};
}

/// "train_data_batch_1.npz" … "train_data_batch_10.npz".
std::vector<std::string> numbered(const std::string& start, int count, const std::string& end) {
    std::vector<std::string> names;
    for (int number = 1; number <= count; ++number)
        names.push_back(fmt::format("{}{}{}", start, number, end));
    return names;
}

/// Sizes and checksums are those of TensorFlow Datasets (url_checksums), of CelebA those of torchvision.
std::vector<CatalogueSet> make_catalogue() {
    const std::string fashion = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/";
    const std::string mnist = "https://storage.googleapis.com/cvdf-datasets/mnist/";
    const std::string cifar = "https://www.cs.toronto.edu/~kriz/";
    const std::string svhn = "http://ufldl.stanford.edu/housenumbers/"; // has no https
    const std::string dtd = "https://www.robots.ox.ac.uk/~vgg/data/dtd/";
    return {
        {"sprites",
         "Sprites",
         "as many colour pictures of 32 × 32 as wanted, in 6 shapes, 8 colours, 4 places and 3 sizes; made "
         "by the program",
         "free",
         "",
         {},
         false},
        {"fashion_mnist",
         "Fashion-MNIST",
         "60,000 and 10,000 grey pictures of clothes, 28 × 28, 10 classes",
         "MIT",
         "https://github.com/zalandoresearch/fashion-mnist",
         {file_at(fashion, "train-images-idx3-ubyte.gz", 26'421'880,
                  "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
          file_at(fashion, "train-labels-idx1-ubyte.gz", 29'515,
                  "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
          file_at(fashion, "t10k-images-idx3-ubyte.gz", 4'422'102,
                  "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
          file_at(fashion, "t10k-labels-idx1-ubyte.gz", 5'148,
                  "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")},
         false},
        {"mnist",
         "MNIST",
         "60,000 and 10,000 grey pictures of digits, 28 × 28, 10 classes; 5,000 of them come with the "
         "program",
         "CC BY-SA 3.0",
         "https://storage.googleapis.com/cvdf-datasets/mnist/",
         {file_at(mnist, "train-images-idx3-ubyte.gz", 9'912'422,
                  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
          file_at(mnist, "train-labels-idx1-ubyte.gz", 28'881,
                  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
          file_at(mnist, "t10k-images-idx3-ubyte.gz", 1'648'877,
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
          file_at(mnist, "t10k-labels-idx1-ubyte.gz", 4'542,
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")},
         false},
        {"cifar10",
         "CIFAR-10",
         "50,000 and 10,000 colour pictures, 32 × 32, 10 classes",
         "none stated; its makers ask to be cited",
         "https://www.cs.toronto.edu/~kriz/cifar.html",
         {archive_at(cifar + "cifar-10-binary.tar.gz", "cifar-10-binary.tar.gz", 170'052'171,
                     "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", "",
                     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                      "data_batch_5.bin", "test_batch.bin"})},
         true},
        {"cifar100",
         "CIFAR-100",
         "50,000 and 10,000 colour pictures, 32 × 32, 100 classes",
         "none stated; its makers ask to be cited",
         "https://www.cs.toronto.edu/~kriz/cifar.html",
         {archive_at(cifar + "cifar-100-binary.tar.gz", "cifar-100-binary.tar.gz", 168'513'733,
                     "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", "",
                     {"train.bin", "test.bin"})},
         true},
        {"svhn",
         "Street View House Numbers",
         "73,257 and 26,032 colour pictures of digits, 32 × 32, 10 classes",
         "non-commercial use",
         "http://ufldl.stanford.edu/housenumbers/",
         {file_at(svhn, "train_32x32.mat", 182'040'794,
                  "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
          file_at(svhn, "test_32x32.mat", 64'275'384,
                  "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b")},
         false},
        {"dtd",
         "Describable Textures",
         "5,640 colour pictures of 300 to 640 pixels a side, 47 classes",
         "research",
         "https://www.robots.ox.ac.uk/~vgg/data/dtd/",
         {archive_at(dtd + "download/dtd-r1.0.1.tar.gz", "dtd-r1.0.1.tar.gz", 625'239'812,
                     "e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205", "",
                     {"images", "labels"})},
         true},
        {"imagenet32",
         "ImageNet 32 × 32",
         "1,281,167 and 50,000 colour pictures, 32 × 32, 1,000 classes",
         "non-commercial research, after registration",
         "https://image-net.org/download-images.php",
         {archive_at("", "Imagenet32_train_npz.zip", 3'580'435'279,
                     "94226337ecc1b0309d9fcd0167127aaadc931587035fbcb53925235edbaec4fc", "",
                     numbered("train_data_batch_", 10, ".npz")),
          archive_at("", "Imagenet32_val_npz.zip", 139'697'668,
                     "013990e6dec1237dcd1f9beadbab81ead6604cc119af5cacbfb59ae28148377a", "",
                     {"val_data.npz"})},
         true},
        {"imagenet",
         "ImageNet (ILSVRC 2012)",
         "1,281,167 and 50,000 colour pictures of many sizes, 1,000 classes",
         "non-commercial research, after registration",
         "https://image-net.org/download-images.php",
         {{{"", "train", 0, "", ""}, {"train"}}},
         false},
        {"celeba",
         "CelebA, aligned and cropped",
         "202,599 colour pictures of faces, 178 × 218, without classes",
         "non-commercial research",
         "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
         {archive_at("", "img_align_celeba.zip", 1'443'490'838, "", "00d2c5bc6d35e252742224ab0c1e8fcb",
                     {"img_align_celeba"})},
         true},
    };
}

/// Where archives are unpacked before they are moved into place.
constexpr const char* work_folder = ".unpacking";

/// `folder`, or if that is empty the set's own; empty if there is none.
fs::path own_folder(const CatalogueSet& set, const fs::path& folder) {
    if (!folder.empty()) return folder;
    const fs::path home = data_home();
    return home.empty() ? home : home / set.name;
}

std::uint64_t size_or_zero(const fs::path& path) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

/// The file with its address at $EBMLAB_DATA_MIRROR, if that is set.
store::RemoteFile mirrored(store::RemoteFile file) {
    const char* mirror = std::getenv("EBMLAB_DATA_MIRROR");
    if (!mirror || !*mirror) return file;
    file.address = mirror;
    if (!file.address.ends_with('/')) file.address += '/';
    file.address += file.name;
    return file;
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw system_error("The folder could not be made", folder, error.value());
}

/// Unpacks an archive that is whole and removes it.
bool unpack_archive(const store::RemoteFile& file, const fs::path& folder, const GetProgress& progress) {
    const fs::path archive = folder / file.name, work = folder / work_folder;
    std::error_code error;
    fs::remove_all(work, error); // of a call that was stopped
    const bool whole = store::unpack(archive, work, [&](std::uint64_t read) {
        return progress({GetStage::Kind::unpack, file.name, std::min(read, file.bytes), file.bytes});
    });
    if (!whole) {
        fs::remove_all(work, error);
        return false;
    }
    store::move_into(work, folder);
    fs::remove(archive, error);
    return true;
}

/// One file to its place. Returns false if it was stopped.
bool get_file(const CatalogueSet& set, const store::RemoteFile& wanted, const fs::path& folder,
              const GetProgress& progress) {
    const store::RemoteFile file = mirrored(wanted);
    const auto report = [&](std::uint64_t done) {
        const auto kind = done == file.bytes ? GetStage::Kind::check : GetStage::Kind::download;
        return progress({kind, file.name, done, file.bytes});
    };
    if (!file.address.empty()) {
        if (!store::download(file, folder, report)) return false;
    } else if (std::error_code error; fs::exists(folder / file.name, error)) {
        if (!store::check_download(file, folder / file.name, report)) return false;
    } else {
        const std::string remedy =
            set.archives ? fmt::format("Get {} there, put it into {} and give the same command again.",
                                       file.name, folder.string())
                         : fmt::format("Get it there and unpack it to {}, with a folder for each class.",
                                       (folder / file.name).string());
        throw Error(
            fmt::format("{} cannot be downloaded by a program: its makers give it by hand", set.title),
            set.page, remedy);
    }
    return !set.archives || unpack_archive(file, folder, progress);
}

/// Where the set may lie: `folder` and what is in it, or if that is empty its usual places.
std::vector<fs::path> places_of(const CatalogueSet& set, const fs::path& folder) {
    if (folder.empty()) return places(set.name);
    std::vector<fs::path> found{folder};
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        if (entry.is_directory(error) && entry.path().filename() != work_folder)
            found.push_back(entry.path());
    return found;
}

/// The file or folder of that name, gzip or not, in the first of the places that has it; else empty.
fs::path find_proof(const std::vector<fs::path>& folders, const std::string& proof) {
    std::error_code ignored;
    for (const fs::path& folder : folders)
        for (const std::string& name : {proof, proof + ".gz"})
            if (fs::exists(folder / name, ignored)) return folder / name;
    return {};
}

bool has_file(const std::vector<fs::path>& folders, const CatalogueFile& file) {
    return std::ranges::all_of(file.proof,
                               [&](const std::string& proof) { return !find_proof(folders, proof).empty(); });
}

} // namespace

std::uint64_t CatalogueSet::bytes() const {
    std::uint64_t sum = 0;
    for (const CatalogueFile& file : files)
        sum += file.bytes;
    return sum;
}

const std::vector<CatalogueSet>& catalogue() {
    static const std::vector<CatalogueSet> sets = make_catalogue();
    return sets;
}

const CatalogueSet& catalogue_set(std::string_view name) {
    std::vector<std::string_view> names;
    for (const CatalogueSet& set : catalogue()) {
        if (set.name == name) return set;
        names.push_back(set.name);
    }
    throw Error(fmt::format("There is no data set '{}' to get", name), "", did_you_mean(name, names));
}

SetState state_of(const CatalogueSet& set, const fs::path& folder) {
    SetState state;
    const std::vector<fs::path> folders = places_of(set, folder);
    state.present =
        std::ranges::all_of(set.files, [&](const CatalogueFile& file) { return has_file(folders, file); });
    if (set.generated()) return state;
    if (state.present) {
        state.folder = find_proof(folders, set.files.front().proof.front()).parent_path();
    } else if (const fs::path own = own_folder(set, folder); !own.empty()) {
        state.folder = own;
        for (const CatalogueFile& file : set.files) {
            state.begun += size_or_zero(own / file.name);
            state.begun += size_or_zero(own / (file.name + ".part"));
        }
    }
    return state;
}

Got get_set(const CatalogueSet& set, const fs::path& chosen, const GetProgress& progress) {
    if (state_of(set, chosen).present) return Got::present;
    const fs::path folder = own_folder(set, chosen);
    if (folder.empty())
        throw Error("There is no folder for data", "",
                    "Set the environment variable EBMLAB_DATA to the path of one.");
    make_folder(folder);
    const auto lock = files::FileLock::take(folder / ".lock");
    if (!lock)
        throw Error("Another program is getting this set: " + files::lock_holder(folder / ".lock"),
                    folder.string(), "Wait until it is done, or stop it.");
    for (const CatalogueFile& file : set.files)
        if (!has_file(places_of(set, chosen), file) && !get_file(set, file, folder, progress))
            return Got::stopped;
    if (!state_of(set, chosen).present)
        throw Error("The files have come, but the set is not whole", folder.string(),
                    "Look whether its archives unpack to other names than they did.");
    return Got::done;
}

} // namespace ebm::data
