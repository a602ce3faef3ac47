#pragma once

/// What the host hands to the kernels, by value. Compiled by the host's compiler and by NVRTC.
namespace ebm::cuda {

struct NetworkArguments {
    const float* weights; ///< packed, see WeightLayout
    float* workspace;     ///< BlockLayout::workspace_floats for each block, or null
    float curvature;      ///< of network::Graph
};

struct EvaluateArguments {
    NetworkArguments network;
    const float* x; ///< [n][elements]
    int n;
    float* energies;  ///< [n]
    float* gradients; ///< [n][elements], or null
};

/// kernels::StepSettings.
struct Settings {
    int rule; ///< 0 published, 1 langevin, 2 mala
    float drift, noise, log2_spread, gradient_clip, drift_limit;
    int box;
    float box_low, box_high, jump_share, temperature;
};

/// kernels::StepReport of one tile.
struct Tally {
    double gradient_norm, distance;
    long long clipped, clamped;
    float gradient_norm_max;
    int chain_steps, proposals, accepted, jumps, jumps_accepted;
    int non_finite_step; ///< −1 if everything is finite
    int unused;
};

struct RunArguments {
    NetworkArguments network;
    float* x; ///< [n][elements], moved in place
    int n;
    Settings settings;
    unsigned seed_low, seed_high, group, chain, step; ///< random::Place of the first chain and step
    int steps;
    float* energies;         ///< [n]
    float* gradient_norms;   ///< [n]
    unsigned char* accepted; ///< [n]
    Tally* tallies;          ///< one per tile
};

struct GradientArguments {
    NetworkArguments network;
    const float* x; ///< [n][elements]
    int n;
    const float* coefficients; ///< [n]
    float energy_factor;
    float* energies; ///< [n]
    float* sums;     ///< [blocks][WeightLayout::forward_floats]
};

/// packed[i] = scale[i] · raw[source[i]], or 0 where the source is −1.
struct PackArguments {
    const float* raw;
    const int* source;
    const float* scale;
    float* packed;
    int count;
};

/// gradients[i] = scale[i] · Σ over groups of sums[group][place[i]].
struct SumArguments {
    const float* sums;
    int groups, stride;
    const int* place;
    const float* scale;
    float* gradients;
    int count;
};

/// Random numbers into to[rows][elements], row i from chain + i; see core/base/random.h. Normals are of the
/// stream `noise` whatever `stream` says.
struct DrawArguments {
    float* to;
    long long rows;
    int elements;
    unsigned seed_low, seed_high, group, chain, step, stream;
};

static_assert(sizeof(Tally) <= 24 * sizeof(float));

} // namespace ebm::cuda
