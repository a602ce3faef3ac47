#pragma once

#include "core/lab/laboratory.h"
#include "core/measure/chain_history.h"
#include "core/measure/modes.h"

#include <memory>
#include <string>
#include <vector>

namespace ebm::cli {

/// What `ebmlab sample --trace FILE` writes, see trace_help.
class Trace {
public:
    /// Throws Error unless the file is .csv or .npz, and if it would need more than 2 GiB.
    Trace(std::string path, const lab::SampleKind& kind, std::int64_t chains, int steps,
          const data::PlaneSet* modes);

    void add(const lab::ObservedStep& step);
    void write() const;

private:
    std::string path_;
    lab::SampleKind kind_;
    std::int64_t chains_;
    int steps_;
    measure::ChainHistory history_;
    std::unique_ptr<measure::ModeCrossings> crossings_; ///< null without modes
    std::vector<float> states_, energies_;
    std::vector<std::uint8_t> accepted_;
    std::vector<float> rows_; ///< [steps + 1][columns]
};

extern const char* const trace_help;

} // namespace ebm::cli
