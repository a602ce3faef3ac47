#pragma once

#include "core/base/random.h"
#include "core/lab/snapshot.h"

#include <span>

/// Snapshots that look like those of a run half-way, made without an engine: the speed of drawing is measured
/// on the same content on every machine, and with more chains than an engine could move meanwhile. Tests use
/// a real Session.
namespace ebm::demo {

/// Eight Gaussians at iteration 800 of 2000: learned and exact field (160²), 512 chains with trails, buffer,
/// scores, trace.
lab::Snapshot plane();
/// Fashion-like 28 × 28 pictures at iteration 800, with a slice, thumbnails, buffer page, OOD sets and trace.
lab::Snapshot images();
/// An analytic energy, sampled without training: minima, no data, no records.
lab::Snapshot analytic();

// Parts that both are made of; `n` numbers the draws so that no two parts share them.
float normal(std::uint32_t n, std::uint32_t index);
float uniform(std::uint32_t n, std::uint32_t index);
/// `count` training records of a run that settles, with a burst near the end of the first third.
std::shared_ptr<const lab::RecordLog> records(int count);
/// A set of scores from its energies; compared with `held_out` (AUROC, FPR at 95 % TPR, ROC) if that is not
/// empty.
lab::ScoreSet score_set(const char* name, lab::SetMeaning meaning, std::span<const float> energies,
                        std::span<const float> held_out, std::span<const float> edges);
/// Fills what does not depend on the kind of sample: records, changes, quality, health, rates, reading.
void fill_common(lab::Snapshot& snapshot);
/// Energy trace with its autocorrelation and effective sample size.
void fill_trace(lab::TraceView& trace, std::span<const float> energies);

} // namespace ebm::demo
