#pragma once

#include <string_view>

namespace ebm {

/// A file that the build put inside the program or library, see core/embed.cmake.
struct EmbeddedFile {
    std::string_view name; ///< "field.frag"
    std::string_view bytes;
};

} // namespace ebm
