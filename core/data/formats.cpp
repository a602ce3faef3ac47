#include "core/data/formats.h"

#include <array>

namespace ebm::data {

extern const Format npy_format, npz_format, png_format, jpeg_format, idx_format, table_format;

std::span<const Format* const> formats() {
    static constexpr std::array all = {&npy_format,  &npz_format, &png_format,
                                       &jpeg_format, &idx_format, &table_format};
    return all;
}

} // namespace ebm::data
