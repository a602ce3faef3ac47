#pragma once

#include "core/lab/snapshot.h"

#include <string>
#include <vector>

namespace ebm::panels {

/// A line of Algorithm 1 (Du & Mordatch 2019) as the paper prints it, and what it did in this iteration.
struct AlgorithmLine {
    /// note: what the letters of the steps mean, and what is done in their place now and then.
    enum class Kind { draw, start, repeat, step, note, stop, gradient, update, keep };
    Kind kind;
    int indent = 0;
    std::string text;
    std::vector<std::string> did; ///< sentences with the numbers of the run; empty while it is not known
    bool done = false;            ///< in this iteration
    bool newest = false;          ///< of what was done last
    bool next = false;
};

/// Both updates, of the weights and of the buffer, are one step of the program: they are newest together.
/// `account` may be null. The steps tell of negative number `followed`, or the last one that is known.
std::vector<AlgorithmLine> algorithm_lines(const lab::AlgorithmView* account, const Settings& settings,
                                           bool plane, int followed = 0);

} // namespace ebm::panels
