#pragma once

#include "core/base/random.h"
#include "core/kernels/step.h"

#include <cstdint>
#include <functional>

namespace ebm::kernels {

/// An energy on raw arrays. x: [n][elements]; energies: [n]; gradients: [n][elements], or null where they are
/// not wanted; labels: [n] or null. Called from several threads at once.
using EvaluateSamples = std::function<void(const float* x, std::int64_t n, const std::int64_t* labels,
                                           float* energies, float* gradients)>;

/// Moves n chains by `steps` steps of step.h on an energy that is given as a function: the loop of the
/// networks' kernels, with the same random numbers. A group of chains stays on its thread over all steps.
/// x: [n][elements], moved in place; labels: [n] or null. Throws ebm::Error if there are jumps without a box.
void run_chains(const EvaluateSamples& energy, int elements, float* x, const std::int64_t* labels,
                std::int64_t n, const StepSettings& settings, const random::Place& first, int steps,
                int threads, const ChainOutputs& outputs, StepReport& report);

/// The functions of one instruction set. They handle one tile: `samples` ≤ tile rows of x.
struct ChainBackend {
    int tile = 1;
    std::int64_t (*scratch_floats)(int elements) = nullptr;
    void (*run)(const EvaluateSamples& energy, int elements, float* x, const std::int64_t* labels,
                int samples, const StepSettings& settings, const random::Place& first, int steps,
                const ChainOutputs& outputs, StepReport& report, float* scratch) = nullptr;
};
/// The backend of the instruction set in use.
const ChainBackend& current_chain_backend();

} // namespace ebm::kernels
