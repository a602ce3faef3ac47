#pragma once

#include "core/base/tensor.h"
#include "core/data/byte_cache.h"
#include "core/data/picture_form.h"
#include "core/data/reader.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Sets of pictures that lie in folders: CIFAR-10 and -100, SVHN, ImageNet 32 and folders of PNG and JPEG.
namespace ebm::data {

/// A set before its pictures are decoded.
struct PictureSource {
    CacheContent content;   ///< counts, shape, classes and labels; `made_of` and `checksum` are empty
    bool has_split = false; ///< whether the set says itself which pictures are held out; else held_out is 0
    std::filesystem::path folder;
    std::uint64_t packed_bytes = 0; ///< of the files; 0 if decoding is no more than reading
    /// Decodes the pictures, those for training first. Throws Error that names file and record.
    std::function<void(const PutPicture&)> decode;
};

/// The set that lies in `folder`, told by the names of its files; nothing if there are no pictures at all.
///
/// - data_batch_*.bin and test_batch.bin are CIFAR-10; train.bin and test.bin CIFAR-100, by its 100 fine
///   classes (A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009).
/// - train_32x32.mat and test_32x32.mat are SVHN (Netzer et al. 2011); label 10 is digit 0.
/// - train_data_batch_*.npz and val_data.npz are ImageNet 32 × 32 (Chrabaszcz et al. 2017).
/// - Else PNG and JPEG files; the first folder below is the class. Folders train and val (valid, validation,
///   test) are the set's own split, and a folder images, or train alone, with folders in it is looked into,
///   as in Describable Textures.
std::optional<PictureSource> find_pictures(const std::filesystem::path& folder, const PictureForm& form);

/// The sets of data.set that find_pictures tells: cifar10, cifar100, svhn, imagenet32, imagenet128, dtd.
const std::vector<std::string>& picture_set_names();
bool is_picture_set(const std::string& name);
/// "CIFAR-10".
std::string picture_set_title(const std::string& name);
/// What a named set is brought to where the settings leave the pictures as they are: ImageNet and textures
/// have many sizes.
PictureForm form_of_set(const std::string& name, PictureForm form);
/// A set in memory, or mapped. Bytes [n, channels, height, width].
struct PictureSet {
    torch::Tensor train, held_out;               ///< held_out is undefined unless there is a split
    torch::Tensor train_labels, held_out_labels; ///< int64, −1 for a picture without a class; or undefined
    std::vector<std::string> classes;
    std::string source, checksum;
    std::string note; ///< what a person should know about how it was read; mostly empty
};

/// Which sets are decoded once into a file. Others are decoded each time.
struct CacheRule {
    std::filesystem::path folder = picture_cache_folder(); ///< empty: none are
    std::uint64_t decoded_bytes = 300'000'000;             ///< sets that are larger than this in memory,
    std::uint64_t packed_bytes = 30'000'000;               ///< or whose packed files are
};

/// Decodes a set, or maps the cache of it. A set without a split that goes into a cache is split by
/// held_out_rows(count, 0), so that no part of it need be copied.
PictureSet load_pictures(const PictureSource& source, const PictureForm& form, const CacheRule& rule = {});

/// find_pictures and load_pictures in one, without a look at any file where the cache knows them all.
std::optional<PictureSet> open_pictures(const std::filesystem::path& folder, const PictureForm& form,
                                        const CacheRule& rule = {});

/// The same of a folder that a person named. Throws Error if it holds no pictures.
PictureSet open_folder(const std::filesystem::path& folder, const PictureForm& form,
                       const CacheRule& rule = {});

/// Opens a named set in `path`, or if that is empty in places(name). Throws Error that says what is missing,
/// where it was looked for and how to get it.
PictureSet open_picture_set(const std::string& name, const std::filesystem::path& path,
                            const PictureForm& form, const CacheRule& rule = {});

/// The pictures of `records`, which lie in one file, in that form. Throws Error if they are not bytes and the
/// form changes them.
void bring_to_form(Records& records, const PictureForm& form);

/// Rows of held-out data, in order: a tenth, at least one, drawn without replacement with `seed` as the key.
/// A pure function of its arguments.
std::vector<std::int64_t> held_out_rows(std::int64_t count, std::uint64_t seed);

} // namespace ebm::data
