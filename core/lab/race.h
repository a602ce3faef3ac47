#pragma once

#include "core/energy/energy.h"
#include "core/lab/modes.h"
#include "core/lab/race_view.h"
#include "core/measure/diagnostics.h"
#include "core/sample/samplers.h"

#include <memory>
#include <optional>

namespace ebm::lab {

/// What a race is about.
struct RaceTrack {
    std::shared_ptr<const Energy> energy; ///< not changed by others while the race lasts
    Batch starts;                         ///< of all samplers
    SampleKind kind;
    SamplerTuning tuning; ///< without the steps
    ModeMap modes;
    std::int64_t iteration = 0;
};

/// Samplers side by side on one energy: from the same starts, with random numbers of the same keys. The one
/// with the fewest gradient evaluations is next, so that all have used as many at any time, up to one draw.
/// Those without a step of their own find it in a dry run first, which is neither timed nor counted.
class Race {
public:
    /// Throws Error if the settings make no race or the chains cannot start.
    Race(const RaceSettings& settings, RaceTrack track);

    /// Whether any sampler has something to do.
    bool left() const;
    /// One step of the sampler that is next. One that fails stops, and its lane says why.
    void advance();
    /// Share of all work that is done, by gradient evaluations; dry runs count for themselves.
    double done() const;
    /// ESS, R̂ and autocorrelation of one sampler; costs up to half a second for long traces.
    void measure(std::size_t lane);
    std::size_t lanes() const { return lanes_.size(); }
    /// Draws since its numbers were measured.
    std::int64_t unmeasured(std::size_t lane) const;
    RaceView view(bool paused) const;
    /// Every draw that counts.
    std::vector<RaceOutcome::Draws> draws() const;

private:
    struct Lane {
        const SamplerRecord* record = nullptr;
        SamplerTuning tuning;
        std::unique_ptr<StepSearch> search; ///< while the step is looked for
        SamplerState state;
        SamplerReport report;                  ///< since the warm-up
        std::int64_t gradients = 0, draws = 0; ///< of each chain; draws after the warm-up
        std::uint32_t steps = 0;
        double seconds = 0;
        bool started = false;
        std::vector<measure::Chains> values; ///< [statistics][chains][draws]
        std::vector<std::int64_t> mode_counts;
        std::int64_t in_no_mode = 0;
        RaceLane shown; ///< what is measured and what never changes
    };
    bool can_step(const Lane& lane) const;
    void start(Lane& lane);
    void step(Lane& lane);
    void keep_draw(Lane& lane);
    random::Place place(RandomGroup group) const;

    RaceSettings settings_;
    RaceTrack track_;
    std::vector<std::string> statistics_;
    std::vector<double> exact_shares_;
    std::vector<Lane> lanes_;
};

} // namespace ebm::lab
