#pragma once

#include "core/base/files.h"

#include <string>
#include <string_view>

namespace ebm {

/// base64url without padding (RFC 4648, section 5).
std::string base64(const files::Bytes& bytes);
/// The bytes back. `what` names the text in the Error of a sign that none of these has: "text of the scene".
files::Bytes from_base64(std::string_view text, const std::string& what);

} // namespace ebm
