#include "app/draw/embedded.h"

#include <stdexcept>
#include <string>

namespace ebm {

std::string_view embedded(std::span<const EmbeddedFile> files, std::string_view name) {
    for (const EmbeddedFile& file : files)
        if (file.name == name) return file.bytes;
    throw std::logic_error("not embedded: " + std::string(name));
}

} // namespace ebm
