#pragma once

#include "core/cuda/network.cuh"

/// The steps of core/kernels/step.h on one tile of chains. The elements of a chain are dealt to its threads
/// in the fours of one random block; what belongs to the whole chain is held by each of them.
namespace ebm::cuda {

enum : int { published_rule = 0, langevin_rule = 1, mala_rule = 2 };

/// What a gradient looks like before and after clipping.
struct GradientSize {
    float squared, drift_factor, clipped;
};

constexpr int power_of_two_from(int count) {
    int power = 1;
    while (power < count)
        power *= 2;
    return power;
}

template <class N>
class Steps {
    using B = Block<N>;
    static constexpr int count = elements(N::shape), tile = N::shape.tile;
    static constexpr int fours = (count + 3) / 4;
    /// Threads of a chain.
    static constexpr int lanes = fours == 1 ? 1 : smaller(N::shape.threads / tile, power_of_two_from(fours));

public:
    __device__ Steps(const B& block, const RunArguments& arguments, int first)
        : block_(block), a_(arguments), s_(arguments.settings), chain_(threadIdx.x / lanes),
          lane_(threadIdx.x % lanes), mine_(chain_ < tile), present_(mine_ && first + chain_ < arguments.n) {
        if (!mine_) chain_ = 0;
        place_ = {a_.seed_low, a_.seed_high, a_.group, a_.chain + static_cast<unsigned>(first + chain_), 0};
        const float infinite = __int_as_float(0x7F800000);
        low_ = s_.box ? s_.box_low : -infinite;
        high_ = s_.box ? s_.box_high : infinite;
        clip_ = s_.gradient_clip > 0 ? s_.gradient_clip : infinite;
        if (lane_ == 0 && mine_) tally() = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0};
    }

    __device__ void run(int first) {
        if (s_.rule == mala_rule) {
            evaluate<N>(block_, B::layout.state, B::layout.energies, true, B::layout.gradient);
            energy_ = B::shared(B::layout.energies)[chain_];
            size_ = measure(B::layout.gradient);
        }
        for (int k = 0; k < a_.steps; ++k) {
            place_.step = a_.step + static_cast<unsigned>(k);
            choose();
            if (s_.rule == mala_rule) {
                metropolis_step(k);
            } else {
                langevin_step(k);
            }
        }
        if (s_.rule == mala_rule) size_before_ = size_;
        if (lane_ != 0 || !present_ || (a_.steps == 0 && s_.rule != mala_rule)) return;
        a_.energies[first + chain_] = energy_;
        a_.gradient_norms[first + chain_] = sqrtf(size_before_.squared);
        a_.accepted[first + chain_] = accepted_;
    }

    __device__ static Tally& tally_of(int chain) {
        return *reinterpret_cast<Tally*>(B::shared(B::layout.tallies + tally_floats * chain));
    }

private:
    __device__ Tally& tally() const { return tally_of(chain_); }
    __device__ float* samples(int offset) const {
        return block_.memory(offset + chain_ * sample_floats(N::shape));
    }
    /// Calls work(e, place, i) for each element of this thread, element e being number i of its random block;
    /// begin(block) goes before each block.
    template <class Begin, class Work>
    __device__ void for_elements(Begin begin, Work work) const {
        if (!mine_) return;
        for (int four = lane_; four < fours; four += lanes) {
            begin(static_cast<unsigned>(four));
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                if (4 * four + i < count) work(place_of<N>(4 * four + i), i);
            }
        }
    }
    template <class Work>
    __device__ void for_elements(Work work) const {
        for_elements([](unsigned) {}, work);
    }

    /// Draws what a step needs besides its noise.
    __device__ void choose() {
        drift_ = s_.drift;
        noise_ = s_.noise;
        jump_ = false;
        const bool metropolis = s_.rule == mala_rule;
        if (metropolis || s_.log2_spread > 0 || s_.jump_share > 0) {
            const Words words = random_words(place_, choice_stream, 0);
            accept_draw_ = uniform(words.at[0]);
            jump_ = uniform(words.at[1]) < s_.jump_share;
            if (s_.log2_spread > 0) {
                const float exponent = (2.0f * uniform(words.at[2]) - 1.0f) * s_.log2_spread;
                drift_ *= exp2f(exponent);
                noise_ *= exp2f(0.5f * exponent);
            }
        }
        if (metropolis) noise_ = sqrtf(2.0f * drift_ * s_.temperature);
    }

    __device__ GradientSize measure(int gradient) const {
        float sums[3] = {0, 0, 0};
        const float* g = samples(gradient);
        for_elements([&](int at, int) {
            const float c = clamp(g[at], -clip_, clip_);
            sums[0] += g[at] * g[at];
            sums[1] += c * c;
            sums[2] += fabsf(g[at]) > clip_ ? 1.0f : 0.0f;
        });
        sum_over_lanes<N, tile, lanes>(sums);
        const float norm = sqrtf(sums[1]);
        const bool limited = s_.drift_limit > 0 && norm > s_.drift_limit;
        return {sums[0], limited ? s_.drift_limit / norm : 1.0f, sums[2]};
    }

    __device__ void langevin_step(int k) {
        const bool published = s_.rule == published_rule;
        float* state = samples(B::layout.state);
        float* point = samples(published ? B::layout.point : B::layout.state);
        float z[4];
        const auto draw = [&](unsigned four) { normals<count>(place_, four, z); };
        if (published) {
            for_elements(draw, [&](int at, int i) {
                // A chain that jumps is evaluated where it is.
                point[at] = jump_ ? state[at] : clamp(state[at] + noise_ * z[i], low_, high_);
            });
        }
        evaluate<N>(block_, published ? B::layout.point : B::layout.state, B::layout.energies, true,
                    B::layout.gradient);
        energy_ = B::shared(B::layout.energies)[chain_];
        size_ = size_before_ = measure(B::layout.gradient);
        accepted_ = true;
        proposal_possible_ = true;
        if (s_.jump_share > 0) propose_jumps();

        const float* gradient = samples(B::layout.gradient);
        const float* proposal = samples(B::layout.proposal);
        const float drift = drift_ * size_.drift_factor;
        float sums[3] = {0, 0, 0};
        const auto begin = [&](unsigned four) {
            if (!published) draw(four);
        };
        for_elements(begin, [&](int at, int i) {
            const float before = state[at];
            float after = point[at] - drift * clamp(gradient[at], -clip_, clip_);
            if (!published) after += noise_ * z[i];
            after = clamp(after, low_, high_);
            if (jump_) after = accepted_ ? proposal[at] : before;
            add_move(before, after, sums);
            state[at] = after;
        });
        record(k, sums, size_before_.clipped, jump_);
    }

    /// Uniform proposals of the chains that jump.
    __device__ void propose_jumps() {
        float* flags = B::shared(B::layout.flags);
        if (mine_ && lane_ == 0) flags[chain_] = jump_ ? 1.0f : 0.0f;
        __syncthreads();
        float any = 0;
        for (int i = 0; i < tile; ++i)
            any += flags[i];
        if (any == 0) return; // the same in all threads
        fill_proposal();
        evaluate<N>(block_, B::layout.proposal, B::layout.proposal_energies, false, 0);
        if (!jump_) return;
        const float proposed = B::shared(B::layout.proposal_energies)[chain_];
        accepted_ = accepts((energy_ - proposed) / s_.temperature);
        proposal_possible_ = possible(proposed);
    }

    __device__ void fill_proposal() {
        float* proposal = samples(B::layout.proposal);
        Words words;
        for_elements([&](unsigned four) { words = random_words(place_, jump_stream, four); },
                     [&](int at, int i) {
                         proposal[at] = (s_.box_high - s_.box_low) * uniform(words.at[i]) + s_.box_low;
                     });
    }

    __device__ void metropolis_step(int k) {
        float* state = samples(B::layout.state);
        float* gradient = samples(B::layout.gradient);
        float* proposal = samples(B::layout.proposal);
        const float* proposal_gradient = samples(B::layout.point);
        float forward[2] = {0, 0}; // |x′ − mean|², elements outside the box
        float z[4];
        if (jump_) fill_proposal();
        for_elements([&](unsigned four) { normals<count>(place_, four, z); },
                     [&](int at, int i) {
                         const float drift = drift_ * size_.drift_factor;
                         const float mean = state[at] - drift * clamp(gradient[at], -clip_, clip_);
                         const float moved = mean + noise_ * z[i], difference = moved - mean;
                         forward[0] += difference * difference;
                         if (!jump_) proposal[at] = moved;
                         forward[1] += proposal[at] >= low_ && proposal[at] <= high_ ? 0.0f : 1.0f;
                     });
        sum_over_lanes<N, tile, lanes>(forward);
        evaluate<N>(block_, B::layout.proposal, B::layout.proposal_energies, true, B::layout.point);
        const float proposed = B::shared(B::layout.proposal_energies)[chain_];
        const GradientSize proposal_size = measure(B::layout.point);
        size_before_ = size_;

        float back[1] = {0};
        for_elements([&](int at, int) {
            const float drift = drift_ * proposal_size.drift_factor;
            const float mean = proposal[at] - drift * clamp(proposal_gradient[at], -clip_, clip_);
            const float difference = state[at] - mean;
            back[0] += difference * difference;
        });
        sum_over_lanes<N, tile, lanes>(back);
        // log of q(x | x′) / q(x′ | x), with q normal of variance 2aT; a jump is symmetric.
        const float correction = jump_ ? 0.0f : (forward[0] - back[0]) / (4.0f * drift_ * s_.temperature);
        const bool inside = forward[1] == 0;
        accepted_ = accepts((energy_ - proposed) / s_.temperature + correction) && inside;
        proposal_possible_ = !inside || possible(proposed);
        if (accepted_) {
            energy_ = proposed;
            size_ = proposal_size;
        }
        float sums[3] = {0, 0, 0};
        for_elements([&](int at, int) {
            const float before = state[at], after = accepted_ ? proposal[at] : before;
            if (accepted_) gradient[at] = proposal_gradient[at];
            add_move(before, after, sums);
            state[at] = after;
        });
        record(k, sums, size_before_.clipped, jump_);
    }

    /// u < exp(log_ratio). NaN is refused, and so is what u = 0 would accept beyond the range of the
    /// exponential.
    __device__ bool accepts(float log_ratio) const {
        return log_ratio > -87.0f && accept_draw_ < expf(fminf(log_ratio, 87.0f));
    }

    /// What the energy of a proposal can be: +∞ has no density and is refused, −∞ and what is not a number
    /// are failures.
    __device__ static bool possible(float energy) {
        return energy > -__int_as_float(0x7F800000);
    }

    /// sums: |x_after − x_before|², elements on the box, elements that are not finite.
    __device__ void add_move(float before, float after, float (&sums)[3]) const {
        const float difference = after - before;
        sums[0] += difference * difference;
        sums[1] += after == low_ || after == high_ ? 1.0f : 0.0f;
        sums[2] += finite(after) ? 0.0f : 1.0f;
    }

    __device__ void record(int k, float (&sums)[3], float clipped, bool jump) {
        sum_over_lanes<N, tile, lanes>(sums);
        if (lane_ != 0 || !present_) return;
        Tally& t = tally();
        const bool metropolis = s_.rule == mala_rule;
        const float norm = sqrtf(size_before_.squared);
        t.chain_steps += 1;
        t.gradient_norm += norm;
        if (!(norm <= t.gradient_norm_max)) t.gradient_norm_max = norm;
        t.distance += sqrtf(sums[0]);
        t.clipped += static_cast<long long>(clipped);
        if (s_.box) t.clamped += static_cast<long long>(sums[1]);
        t.jumps += jump;
        t.jumps_accepted += jump && accepted_;
        t.proposals += metropolis && !jump;
        t.accepted += metropolis && !jump && accepted_;
        const bool good = finite(energy_) && proposal_possible_ && sums[2] == 0;
        if (!good && t.non_finite_step < 0) t.non_finite_step = k;
    }

    const B& block_;
    const RunArguments& a_;
    const Settings& s_;
    int chain_, lane_;
    bool mine_, present_; ///< whether this thread works, whether its chain exists
    Place place_;
    float low_, high_, clip_;
    float energy_ = 0, drift_ = 0, noise_ = 0, accept_draw_ = 0;
    bool jump_ = false, accepted_ = true, proposal_possible_ = true;
    GradientSize size_ = {0, 1, 0}, size_before_ = {0, 1, 0};
};

/// The tallies of a tile's chains in their order, as one.
template <class N>
__device__ inline Tally sum_tallies() {
    Tally sum = Steps<N>::tally_of(0);
    for (int i = 1; i < N::shape.tile; ++i) {
        const Tally& t = Steps<N>::tally_of(i);
        sum.gradient_norm += t.gradient_norm;
        sum.distance += t.distance;
        sum.clipped += t.clipped;
        sum.clamped += t.clamped;
        if (!(t.gradient_norm_max <= sum.gradient_norm_max)) sum.gradient_norm_max = t.gradient_norm_max;
        sum.chain_steps += t.chain_steps;
        sum.proposals += t.proposals;
        sum.accepted += t.accepted;
        sum.jumps += t.jumps;
        sum.jumps_accepted += t.jumps_accepted;
        if (t.non_finite_step >= 0 && (sum.non_finite_step < 0 || t.non_finite_step < sum.non_finite_step))
            sum.non_finite_step = t.non_finite_step;
    }
    return sum;
}

/// Kernel body: all steps of all chains.
template <class N>
__device__ inline void run_chains(const RunArguments& a) {
    using B = Block<N>;
    const B block(a.network);
    block.prepare();
    const int tiles = (a.n + N::shape.tile - 1) / N::shape.tile;
    for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        const int first = tile * N::shape.tile;
        load_samples<N>(block, a.x, first, a.n, B::layout.state);
        __syncthreads();
        Steps<N> steps(block, a, first);
        steps.run(first);
        __syncthreads();
        store_samples<N>(block, B::layout.state, a.x, first, a.n);
        if (threadIdx.x == 0) a.tallies[tile] = sum_tallies<N>();
        __syncthreads();
    }
}

} // namespace ebm::cuda
