#pragma once

#include "core/base/error.h"

#include <functional>
#include <string>

namespace ebm::tests {

/// The message of the ebm::Error that `action` throws, or "no error". Any other exception passes through and
/// fails the test.
inline std::string failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace ebm::tests
