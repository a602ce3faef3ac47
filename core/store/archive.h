#pragma once

#include "core/store/input.h"

#include <memory>
#include <string>
#include <vector>

namespace ebm::store {

/// A ZIP archive, the outside of NumPy's .npz. Throws Error if it is damaged or encrypted.
class Archive {
public:
    /// Opens what `input` holds, without reading more than its table of contents where it is an ordinary
    /// file.
    explicit Archive(Input& input);
    ~Archive();
    Archive(const Archive&) = delete;

    /// Names of the files inside, in their order.
    const std::vector<std::string>& names() const { return names_; }
    /// The content of one of them, unpacked as it is read. The archive must outlive it.
    std::unique_ptr<Input> open(const std::string& name);

private:
    struct Handle;
    std::string source_;
    std::vector<std::byte> content_;
    std::vector<std::string> names_;
    std::unique_ptr<Handle> handle_;
};

} // namespace ebm::store
