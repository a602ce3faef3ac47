#pragma once

#include "core/base/random.h"
#include "core/energy/energy.h"
#include "core/kernels/step.h"

namespace ebm {

struct Settings;

/// Groups of random streams (random::Place::group): who draws.
enum class RandomGroup : std::uint32_t {
    training = 0,
    live_chains = 1,
    evaluation = 2,
    command_line = 3,
    density = 4, ///< core/density/noise.h
    race = 5,
    dry_run = 6 ///< of a race
};

/// The step that settings.sampler describes, in the internal form x ← x − a·∇E + s·ξ. Without the box there
/// is nothing to jump in: jump_share is 0 then.
kernels::StepSettings step_settings(const Settings& settings);

/// T of the density exp(−E/T) that belongs to the model: sampler.temperature; 1 as published, where chains
/// run at a T far below that of the model that they train.
double density_temperature(const Settings& settings);

/// The T at which chains move: s² / (2a), tiny as published; MALA's own.
double implied_temperature(const kernels::StepSettings& step);

/// Chains after `steps` steps, with what the last step knew about them.
struct ChainState {
    torch::Tensor x; ///< [N, sample_shape…]
    torch::Tensor
        energy; ///< [N], at x for mala; otherwise where the last gradient was taken, which is before the move
    torch::Tensor gradient_norm; ///< [N], at the same point, before clipping
    torch::Tensor accepted;      ///< bool [N], false if the last step was a rejected proposal
};

/// Advances every chain of `start`, under its label if the energy is conditional, by `steps` steps; chain i
/// uses random chain first.chain + i and step k first.step + k. The energy's fused kernel does it where there
/// is one; `advance_reference` is its readable twin. Throws Error naming the step if a state or an energy
/// stops being finite.
ChainState advance(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
                   const random::Place& first, int steps, kernels::StepReport& report);
ChainState advance_reference(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
                             const random::Place& first, int steps, kernels::StepReport& report);

/// The same loop with the energy's own gradients, for energies without a kernel.
ChainState advance_plainly(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
                           const random::Place& first, int steps, kernels::StepReport& report);

/// What one step did with each chain, as it was computed: `start` + `kick` + `pull` = `proposal` up to the
/// walls of the box, unless the chain jumped.
struct StepEvents {
    bool noise_first = false; ///< published rule: the gradient was taken at start + kick
    torch::Tensor start;      ///< [N, sample_shape…]
    torch::Tensor kick;       ///< the noise as it was added; 0 for a jump
    torch::Tensor pull;       ///< −a·g with g clipped and limited, and a spread; 0 for a jump
    torch::Tensor proposal;   ///< where the step, or the jump, led
    torch::Tensor step_scale; ///< [N], the factor that the spread gave a
    torch::Tensor jumped;     ///< bool [N]
    torch::Tensor accepted;   ///< bool [N]; true where nothing is refused
};
/// One step of the reference sampler, which also tells what it did.
ChainState step_reference(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
                          const random::Place& place, kernels::StepReport& report, StepEvents& events);
/// Makes energy and gradient norm those at x, under `labels` if the energy is conditional, for showing them
/// beside x: one more evaluation for the rules that move after the gradient, none for mala. Values that are
/// not finite stay as they are found.
void evaluate_at_state(const Energy& energy, const kernels::StepSettings& step, ChainState& state,
                       const torch::Tensor& labels = {});

/// The Error of a chain that stopped being finite in step first.step + step.
[[noreturn]] void throw_not_finite(const random::Place& first, std::int64_t step);

/// [N, shape…] uniform in [low, high], row i from chain first.chain + i. Fresh chains and the uniform OOD
/// set.
torch::Tensor uniform_samples(std::int64_t count, const Shape& shape, float low, float high,
                              const random::Place& first);
/// The same into samples[count · elements].
void fill_uniform(float* samples, std::int64_t count, std::int64_t elements, float low, float high,
                  const random::Place& first);
/// [N, shape…] standard normals, row i from chain first.chain + i.
torch::Tensor normal_samples(std::int64_t count, const Shape& shape, const random::Place& first);

} // namespace ebm
