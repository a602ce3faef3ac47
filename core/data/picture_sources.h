#pragma once

#include "core/data/picture_set.h"
#include "core/store/input.h"

/// The parts of find_pictures, one for a kind of set. Private to core/data.
namespace ebm::data {

/// Each gives nothing if `folder` does not hold a set of its kind.
std::optional<PictureSource> find_cifar(const std::filesystem::path& folder, const PictureForm& form);
std::optional<PictureSource> find_svhn(const std::filesystem::path& folder, const PictureForm& form);
std::optional<PictureSource> find_imagenet32(const std::filesystem::path& folder, const PictureForm& form);
std::optional<PictureSource> find_picture_files(const std::filesystem::path& folder, const PictureForm& form);

/// The files of a folder whose names have this beginning and end, in natural order (2 before 10).
std::vector<std::filesystem::path> files_like(const std::filesystem::path& folder, std::string_view beginning,
                                              std::string_view end);

/// Warns of the files beginning1end … beginning`whole`end of a published set that are not among `files`.
void warn_of_missing(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& files,
                     std::string_view beginning, std::string_view end, int whole);

/// The shape that pictures of one size get in a form.
void set_shape(CacheContent& content, const PictureForm& form, int channels, int height, int width);

/// Brings pictures of bytes to the form of a set.
class Former {
public:
    Former(const CacheContent& content, const PictureForm& form)
        : content_(content), form_(form), pixels_(static_cast<std::size_t>(content.picture_bytes())) {}

    /// Of planes [channels][height][width]. The result is valid until the next call.
    std::span<const std::uint8_t> planes(std::span<const std::uint8_t> planes, int channels, int height,
                                         int width, const std::string& source);
    std::span<const std::uint8_t> image(const store::Image& image, const std::string& source);

private:
    const CacheContent content_;
    const PictureForm form_;
    std::vector<std::uint8_t> pixels_;
    store::Image image_;
};

} // namespace ebm::data
