#pragma once

#include <string>

namespace ebm::store {
class Input;
}

/// What a file is, told by its first bytes and never by its name.
namespace ebm::data {

struct Format;

struct FileIdentity {
    enum class Own { no, scene, checkpoint, lesson }; ///< files of this program

    const Format* format = nullptr; ///< of files that samples are read from; null for all others
    Own own = Own::no;
    std::string words; ///< "a PDF document", to go on with "The file is …"

    bool is_picture() const;
};

/// Looks at the beginning without taking it. Text of no known form is taken for a table. Throws Error if the
/// content is empty or cannot be read.
FileIdentity identify(store::Input& input);

} // namespace ebm::data
