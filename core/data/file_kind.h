#pragma once

#include <string>

namespace ebm::store {
class Input;
}

/// What a file is, told by its first bytes and never by its name.
namespace ebm::data {

enum class FileKind { table, npy, zip, idx, picture, scene, checkpoint, other };

struct FileIdentity {
    FileKind kind = FileKind::other;
    std::string words; ///< "a PDF document", to go on with "The file is …"
};

/// Looks at the beginning without taking it. Text of no known form is taken for a table. Throws Error if the
/// content is empty or cannot be read.
FileIdentity identify(store::Input& input);

} // namespace ebm::data
