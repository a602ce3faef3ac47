#pragma once

#include "core/settings/settings.h"
#include "core/store/image.h"

#include <cstdint>
#include <span>
#include <string>

/// Pictures of many sizes in one form.
namespace ebm::data {

/// What all pictures of a set are brought to.
struct PictureForm {
    int size = 0; ///< pixels a side; 0: as they are, which must then be one size
    Crop crop = Crop::centre;
    Colours colours = Colours::as_they_are;

    bool operator==(const PictureForm&) const = default;
    /// "64 pixels a side, centre, grey": for keys and messages.
    std::string in_words() const;
};

PictureForm picture_form(const Settings& settings);

/// Channels of pictures that have `channels` of them (1 to 4, see store::Image) in this form: 1 or 3.
int channels_in(const PictureForm& form, int channels);

/// One picture in that form, with `channels` 1 or 3, into `pixels` as planes, [channels][height][width].
///
/// - Crop::centre: the shorter side is brought to `size` by bilinear interpolation with antialiasing
/// (triangle
///   filter, as PIL), then the middle is cut out. Crop::top_left: the first `size` rows and columns as they
///   are; Error if the picture is smaller.
/// - Colour to grey: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). Grey to colour: three times the same. Opaque
///   alpha is dropped; Error if a part of the picture is transparent.
///
/// `source` names the picture in errors. Throws Error if the result does not have the size of `pixels`.
void bring_to_form(const store::Image& image, const PictureForm& form, int channels,
                   std::span<std::uint8_t> pixels, const std::string& source);

} // namespace ebm::data
