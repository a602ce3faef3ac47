#pragma once

#include <stdexcept>
#include <string>

namespace ebm {

/// What went wrong, in words for the person at the screen. Thrown by every layer, caught once at the top of
/// each thread. `what_happened` is a sentence without a full stop, `where` names the file, setting or step,
/// `what_to_do` is the remedy, a sentence of its own.
class Error : public std::runtime_error {
public:
    Error(std::string what_happened, std::string where, std::string what_to_do)
        : std::runtime_error(what_happened + (where.empty() ? "" : " (" + where + ")") + ". " + what_to_do),
          what_happened(std::move(what_happened)), where(std::move(where)),
          what_to_do(std::move(what_to_do)) {}

    std::string what_happened;
    std::string where;
    std::string what_to_do;
};

} // namespace ebm
