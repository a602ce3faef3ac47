// The steps of step.h on one tile of chains, for any network. Included once per instruction set.
#if defined(EBM_KERNELS_STEPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_STEPS_INL_H_
#undef EBM_KERNELS_STEPS_INL_H_
#else
#define EBM_KERNELS_STEPS_INL_H_
#endif

#include <cmath>
#include <cstring>
#include <limits>

#include "core/kernels/philox-inl.h"
#include "core/kernels/step.h"
#include "core/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

/// One number per chain of a tile.
struct alignas(64) PerChain {
    float at[kTile];

    HWY_INLINE Vector load(int v) const { return hn::Load(kFloat, at + v * kLanes); }
    HWY_INLINE void store(int v, Vector value) { hn::Store(value, kFloat, at + v * kLanes); }
};

HWY_INLINE Draw make_draw(const random::Place& place, random::Stream stream, std::uint32_t step) {
    return {step, place.group << 8 | static_cast<std::uint32_t>(stream),
            static_cast<std::uint32_t>(place.seed), static_cast<std::uint32_t>(place.seed >> 32)};
}

HWY_INLINE WordVector chains_of(std::uint32_t first, int v) {
    return hn::Iota(kWord, first + static_cast<std::uint32_t>(v * kLanes));
}

/// What a gradient looks like before and after clipping.
struct GradientSize {
    PerChain squared;      ///< |g|²
    PerChain drift_factor; ///< what the clipped gradient is multiplied by to respect drift_limit
    PerChain clipped;      ///< elements changed by gradient_clip
};

/// Moves one tile of chains; all arrays are [position][kTile]. Network: LaneNetwork, or what has its members.
template <class Network>
class TileSteps {
public:
    /// scratch: scratch_floats.
    TileSteps(Network& network, const StepSettings& settings, const random::Place& first, float* scratch)
        : network_(network), settings_(settings), first_(first), elements_(network.elements()) {
        float* next = scratch;
        for (float** array : {&state, &point_, &noise_, &gradient_, &proposal_, &proposal_gradient_}) {
            *array = next;
            next += static_cast<std::int64_t>(elements_) * kTile;
        }
        if (settings.rule == Rule::langevin) point_ = state;
        const float infinite = std::numeric_limits<float>::infinity();
        low_ = settings.box ? settings.box_low : -infinite;
        high_ = settings.box ? settings.box_high : infinite;
        clip_ = settings.gradient_clip > 0 ? settings.gradient_clip : infinite;
        std::memset(&jumps_, 0, sizeof(jumps_));
        for (int v = 0; v < kVectors; ++v)
            accepted.store(v, constant(1.0f));
    }

    static std::int64_t scratch_floats(int elements) { return std::int64_t{6} * elements * kTile; }

    void run(int steps, int samples, StepReport& report) {
        if (settings_.rule == Rule::mala) {
            network_.evaluate(state, energy.at, gradient_);
            measure(gradient_, size_);
        }
        for (int k = 0; k < steps; ++k) {
            const std::uint32_t step = first_.step + static_cast<std::uint32_t>(k);
            choose(step);
            if (settings_.rule == Rule::mala) {
                metropolis_step(step);
            } else {
                langevin_step(step);
            }
            record(k, samples, report);
        }
        if (settings_.rule == Rule::mala) size_before_ = size_.squared;
    }

    /// |∇E| at the point that `energy` belongs to, before clipping.
    float gradient_norm(int chain) const { return std::sqrt(size_before_.at[chain]); }

    float* state = nullptr;
    PerChain energy;   ///< at the last gradient point of langevin and published, at the state for mala
    PerChain accepted; ///< 1 if the last step was not a rejected proposal

private:
    /// Draws what a step needs besides its noise.
    void choose(std::uint32_t step) {
        const bool spread = settings_.spread > 1.0f, jumps = settings_.jump_share > 0.0f;
        const bool metropolis = settings_.rule == Rule::mala;
        any_jump_ = false;
        const float log2_spread = spread ? std::log2(settings_.spread) : 0.0f;
        for (int v = 0; v < kVectors; ++v) {
            Vector drift = constant(settings_.drift), noise = constant(settings_.noise);
            if (spread || jumps || metropolis) {
                WordVector words[4];
                random_words(make_draw(first_, random::Stream::choice, step), hn::Zero(kWord),
                             chains_of(first_.chain, v), words);
                accept_draw_.store(v, uniform(words[0]));
                if (jumps) {
                    const Mask jump = hn::Lt(uniform(words[1]), constant(settings_.jump_share));
                    jumps_.store(v, hn::IfThenElseZero(jump, constant(1.0f)));
                    any_jump_ = any_jump_ || !hn::AllFalse(kFloat, jump);
                }
                if (spread) {
                    const Vector u = hn::MulAdd(constant(2.0f), uniform(words[2]), constant(-1.0f));
                    const Vector exponent = hn::Mul(u, constant(log2_spread));
                    drift = hn::Mul(drift, exp2_in_range(exponent));
                    noise = hn::Mul(noise, exp2_in_range(hn::Mul(constant(0.5f), exponent)));
                }
            }
            drift_.store(v, drift);
            noise_scale_.store(
                v, metropolis ? hn::Sqrt(hn::Mul(constant(2.0f * settings_.temperature), drift)) : noise);
        }
    }

    /// Four values of each block of random numbers, written to the rows of their elements.
    template <class Values>
    void fill(random::Stream stream, std::uint32_t step, float* rows, Values values) {
        const Draw draw = make_draw(first_, stream, step);
        for (int block = 0; block * 4 < elements_; ++block) {
            for (int v = 0; v < kVectors; ++v) {
                WordVector words[4];
                random_words(draw, hn::Set(kWord, static_cast<std::uint32_t>(block)),
                             chains_of(first_.chain, v), words);
                Vector value[4];
                values(words, value);
                for (int i = 0; i < 4 && block * 4 + i < elements_; ++i) {
                    hn::Store(value[i], kFloat, rows + network_.position(block * 4 + i) * kTile + v * kLanes);
                }
            }
        }
    }

    struct Normals {
        HWY_INLINE void operator()(const WordVector (&words)[4], Vector (&value)[4]) const {
            normal_pair(words[0], words[1], value[0], value[1]);
            if (pairs > 1) normal_pair(words[2], words[3], value[2], value[3]);
        }
        int pairs;
    };
    struct Uniforms {
        HWY_INLINE void operator()(const WordVector (&words)[4], Vector (&value)[4]) const {
            const Vector width = constant(high - low);
            for (int i = 0; i < 4; ++i)
                value[i] = hn::MulAdd(width, uniform(words[i]), constant(low));
        }
        float low, high;
    };

    void measure(const float* gradient, GradientSize& size) const {
        const Vector clip = constant(clip_);
        for (int v = 0; v < kVectors; ++v) {
            Vector squared = hn::Zero(kFloat), limited = hn::Zero(kFloat), clipped = hn::Zero(kFloat);
            for (int e = 0; e < elements_; ++e) {
                const Vector g = hn::Load(kFloat, gradient + e * kTile + v * kLanes);
                const Vector c = clamp(g, hn::Neg(clip), clip);
                squared = hn::MulAdd(g, g, squared);
                limited = hn::MulAdd(c, c, limited);
                clipped = hn::Add(clipped, hn::IfThenElseZero(hn::Gt(hn::Abs(g), clip), constant(1.0f)));
            }
            size.squared.store(v, squared);
            size.clipped.store(v, clipped);
            Vector factor = constant(1.0f);
            if (settings_.drift_limit > 0) {
                const Vector norm = hn::Sqrt(limited), limit = constant(settings_.drift_limit);
                factor = hn::IfThenElse(hn::Gt(norm, limit), hn::Div(limit, norm), factor);
            }
            size.drift_factor.store(v, factor);
        }
    }

    void langevin_step(std::uint32_t step) {
        const bool published = settings_.rule == Rule::published;
        fill(random::Stream::noise, step, noise_, Normals{elements_ > 2 ? 2 : 1});
        if (published) {
            for (int v = 0; v < kVectors; ++v) {
                // A chain that jumps is evaluated where it is.
                const Vector scale = hn::IfThenElse(jumping(v), hn::Zero(kFloat), noise_scale_.load(v));
                for (int e = 0; e < elements_; ++e) {
                    const std::int64_t at = e * kTile + v * kLanes;
                    const Vector moved =
                        hn::MulAdd(scale, hn::Load(kFloat, noise_ + at), hn::Load(kFloat, state + at));
                    hn::Store(limit_to_box(moved, hn::Load(kFloat, state + at), jumping(v)), kFloat,
                              point_ + at);
                }
            }
        }
        network_.evaluate(point_, energy.at, gradient_);
        measure(gradient_, size_);
        size_before_ = size_.squared;
        for (int v = 0; v < kVectors; ++v)
            accepted.store(v, constant(1.0f));
        if (any_jump_) propose_jumps(step);
        for (int v = 0; v < kVectors; ++v) {
            const Vector drift = hn::Mul(drift_.load(v), size_.drift_factor.load(v));
            const Vector noise = published ? hn::Zero(kFloat) : noise_scale_.load(v);
            const Mask jump = jumping(v), accept = hn::Gt(accepted.load(v), hn::Zero(kFloat));
            const Vector clip = constant(clip_), low = constant(low_), high = constant(high_);
            Vector squares = hn::Zero(kFloat), clamped = hn::Zero(kFloat);
            for (int e = 0; e < elements_; ++e) {
                const std::int64_t at = e * kTile + v * kLanes;
                const Vector before = hn::Load(kFloat, state + at);
                const Vector g = clamp(hn::Load(kFloat, gradient_ + at), hn::Neg(clip), clip);
                Vector after = hn::NegMulAdd(drift, g, hn::Load(kFloat, point_ + at));
                if (!published) after = hn::MulAdd(noise, hn::Load(kFloat, noise_ + at), after);
                after = clamp(after, low, high);
                if (any_jump_) {
                    const Vector jumped = hn::IfThenElse(accept, hn::Load(kFloat, proposal_ + at), before);
                    after = hn::IfThenElse(jump, jumped, after);
                }
                accumulate_move(before, after, squares, clamped);
                hn::Store(after, kFloat, state + at);
            }
            distance_squared_.store(v, squares);
            clamped_.store(v, clamped);
        }
    }

    /// Uniform proposals of the chains that jump; sets `accepted` of those.
    void propose_jumps(std::uint32_t step) {
        fill(random::Stream::jump, step, proposal_, Uniforms{settings_.box_low, settings_.box_high});
        network_.evaluate(proposal_, proposal_energy_.at, nullptr);
        for (int v = 0; v < kVectors; ++v) {
            const Mask accept = accepts(fall(v), v);
            accepted.store(v, hn::IfThenElseZero(hn::Or(accept, hn::Not(jumping(v))), constant(1.0f)));
        }
    }

    void metropolis_step(std::uint32_t step) {
        fill(random::Stream::noise, step, noise_, Normals{elements_ > 2 ? 2 : 1});
        if (any_jump_) {
            fill(random::Stream::jump, step, proposal_, Uniforms{settings_.box_low, settings_.box_high});
        }
        const Vector clip = constant(clip_), low = constant(low_), high = constant(high_);
        PerChain forward;
        for (int v = 0; v < kVectors; ++v) {
            const Vector drift = hn::Mul(drift_.load(v), size_.drift_factor.load(v)),
                         noise = noise_scale_.load(v);
            const Mask jump = jumping(v);
            Vector squares = hn::Zero(kFloat);
            Mask in_box = hn::Eq(squares, squares);
            for (int e = 0; e < elements_; ++e) {
                const std::int64_t at = e * kTile + v * kLanes;
                const Vector x = hn::Load(kFloat, state + at);
                const Vector g = clamp(hn::Load(kFloat, gradient_ + at), hn::Neg(clip), clip);
                const Vector mean = hn::NegMulAdd(drift, g, x);
                Vector moved = hn::MulAdd(noise, hn::Load(kFloat, noise_ + at), mean);
                const Vector difference = hn::Sub(moved, mean);
                squares = hn::MulAdd(difference, difference, squares);
                if (any_jump_) moved = hn::IfThenElse(jump, hn::Load(kFloat, proposal_ + at), moved);
                in_box = hn::And(in_box, hn::And(hn::Ge(moved, low), hn::Le(moved, high)));
                hn::Store(moved, kFloat, proposal_ + at);
            }
            forward.store(v, squares);
            inside_.store(v, hn::IfThenElseZero(in_box, constant(1.0f)));
        }
        GradientSize proposal_size;
        network_.evaluate(proposal_, proposal_energy_.at, proposal_gradient_);
        measure(proposal_gradient_, proposal_size);
        size_before_ = size_.squared;
        clipped_before_ = size_.clipped;

        for (int v = 0; v < kVectors; ++v) {
            const Vector drift = hn::Mul(drift_.load(v), proposal_size.drift_factor.load(v));
            Vector back = hn::Zero(kFloat);
            for (int e = 0; e < elements_; ++e) {
                const std::int64_t at = e * kTile + v * kLanes;
                const Vector g = clamp(hn::Load(kFloat, proposal_gradient_ + at), hn::Neg(clip), clip);
                const Vector mean = hn::NegMulAdd(drift, g, hn::Load(kFloat, proposal_ + at));
                const Vector difference = hn::Sub(hn::Load(kFloat, state + at), mean);
                back = hn::MulAdd(difference, difference, back);
            }
            // log of q(x | x′) / q(x′ | x), with q normal of variance 2aT; a jump is symmetric.
            const Vector moves = hn::Div(hn::Sub(forward.load(v), back),
                                         hn::Mul(constant(4.0f * settings_.temperature), drift_.load(v)));
            const Vector correction = hn::IfThenElse(jumping(v), hn::Zero(kFloat), moves);
            const Vector log_ratio = hn::Add(fall(v), correction);
            const Mask accept = hn::And(accepts(log_ratio, v), hn::Gt(inside_.load(v), hn::Zero(kFloat)));
            accepted.store(v, hn::IfThenElseZero(accept, constant(1.0f)));
            energy.store(v, hn::IfThenElse(accept, proposal_energy_.load(v), energy.load(v)));
            blend(accept, v, proposal_size, size_);
            Vector squares = hn::Zero(kFloat), clamped = hn::Zero(kFloat);
            for (int e = 0; e < elements_; ++e) {
                const std::int64_t at = e * kTile + v * kLanes;
                const Vector before = hn::Load(kFloat, state + at);
                const Vector after = hn::IfThenElse(accept, hn::Load(kFloat, proposal_ + at), before);
                const Vector g = hn::IfThenElse(accept, hn::Load(kFloat, proposal_gradient_ + at),
                                                hn::Load(kFloat, gradient_ + at));
                accumulate_move(before, after, squares, clamped);
                hn::Store(after, kFloat, state + at);
                hn::Store(g, kFloat, gradient_ + at);
            }
            distance_squared_.store(v, squares);
            clamped_.store(v, clamped);
        }
    }

    static HWY_INLINE void blend(Mask accept, int v, const GradientSize& proposal, GradientSize& size) {
        size.squared.store(v, hn::IfThenElse(accept, proposal.squared.load(v), size.squared.load(v)));
        size.clipped.store(v, hn::IfThenElse(accept, proposal.clipped.load(v), size.clipped.load(v)));
        size.drift_factor.store(
            v, hn::IfThenElse(accept, proposal.drift_factor.load(v), size.drift_factor.load(v)));
    }

    /// (E(x) − E(x′)) / T.
    HWY_INLINE Vector fall(int v) const {
        return hn::Div(hn::Sub(energy.load(v), proposal_energy_.load(v)), constant(settings_.temperature));
    }

    /// u < exp(log_ratio). NaN is refused, and so is what u = 0 would accept beyond the range of the
    /// exponential.
    HWY_INLINE Mask accepts(Vector log_ratio, int v) const {
        const Mask possible = hn::Gt(log_ratio, constant(-87.0f));
        return hn::And(possible, hn::Lt(accept_draw_.load(v), exponential(log_ratio)));
    }

    HWY_INLINE Mask jumping(int v) const { return hn::Gt(jumps_.load(v), hn::Zero(kFloat)); }

    HWY_INLINE Vector limit_to_box(Vector moved, Vector before, Mask jump) const {
        return hn::IfThenElse(jump, before, clamp(moved, constant(low_), constant(high_)));
    }

    HWY_INLINE void accumulate_move(Vector before, Vector after, Vector& squares, Vector& clamped) const {
        const Vector difference = hn::Sub(after, before);
        squares = hn::MulAdd(difference, difference, squares);
        const Mask at_wall = hn::Or(hn::Eq(after, constant(low_)), hn::Eq(after, constant(high_)));
        clamped = hn::Add(clamped, hn::IfThenElseZero(at_wall, constant(1.0f)));
    }

    void record(int k, int samples, StepReport& report) const {
        const bool metropolis = settings_.rule == Rule::mala;
        const PerChain& clipped = metropolis ? clipped_before_ : size_.clipped;
        bool suspicious = false;
        for (int i = 0; i < samples; ++i) {
            const double norm = std::sqrt(static_cast<double>(size_before_.at[i]));
            report.gradient_norm += norm;
            if (!(norm <= report.gradient_norm_max)) report.gradient_norm_max = norm;
            report.distance += std::sqrt(static_cast<double>(distance_squared_.at[i]));
            report.clipped += static_cast<std::int64_t>(clipped.at[i]);
            if (settings_.box) report.clamped += static_cast<std::int64_t>(clamped_.at[i]);
            const bool jump = jumps_.at[i] > 0, accept = accepted.at[i] > 0;
            report.jumps += jump;
            report.jumps_accepted += jump && accept;
            report.proposals += metropolis && !jump;
            report.accepted += metropolis && !jump && accept;
            suspicious = suspicious || impossible(i) ||
                         !std::isfinite(distance_squared_.at[i] + energy.at[i] + size_before_.at[i]);
        }
        report.chain_steps += samples;
        report.elements += std::int64_t{samples} * elements_;
        if (suspicious && report.non_finite_step < 0 && !finite(samples)) report.non_finite_step = k;
    }

    /// Whether the last step asked for the energy of a proposal in the box and got none that a proposal can
    /// have: +∞ is one (it has no density and is refused), −∞ and what is not a number are not.
    bool impossible(int chain) const {
        const bool proposed = settings_.rule == Rule::mala ? inside_.at[chain] > 0 : jumps_.at[chain] > 0;
        return proposed && !(proposal_energy_.at[chain] > -std::numeric_limits<float>::infinity());
    }

    /// The sums above may overflow while everything is finite, so this looks at each number.
    bool finite(int samples) const {
        for (int i = 0; i < samples; ++i) {
            if (!std::isfinite(energy.at[i])) return false;
            if (impossible(i)) return false;
            for (int e = 0; e < elements_; ++e) {
                if (!std::isfinite(state[e * kTile + i])) return false;
            }
        }
        return true;
    }

    Network& network_;
    const StepSettings& settings_;
    const random::Place& first_;
    const int elements_;
    float *point_ = nullptr, *noise_ = nullptr, *gradient_ = nullptr, *proposal_ = nullptr,
          *proposal_gradient_ = nullptr;
    float low_, high_, clip_;
    bool any_jump_ = false;
    GradientSize size_;
    PerChain proposal_energy_, inside_;
    PerChain size_before_, clipped_before_, drift_, noise_scale_, accept_draw_, jumps_, distance_squared_,
        clamped_;
};

/// [samples][elements] → [position][kTile]; lanes without a sample are zero.
template <class Network>
void to_lanes(const Network& network, const float* x, int samples, float* rows) {
    const int elements = network.elements();
    for (int e = 0; e < elements; ++e) {
        float* row = rows + network.position(e) * kTile;
        for (int i = 0; i < samples; ++i)
            row[i] = x[static_cast<std::int64_t>(i) * elements + e];
        for (int i = samples; i < kTile; ++i)
            row[i] = 0.0f;
    }
}

template <class Network>
void from_lanes(const Network& network, const float* rows, int samples, float* x) {
    const int elements = network.elements();
    for (int i = 0; i < samples; ++i) {
        float* sample = x + static_cast<std::int64_t>(i) * elements;
        for (int e = 0; e < elements; ++e)
            sample[e] = rows[network.position(e) * kTile + i];
    }
}

/// Energies and, if not null, gradients of the samples of a tile. scratch: 2 × elements × kTile floats.
template <class Network>
void evaluate_samples(Network& network, const float* x, int samples, float* energies, float* gradients,
                      float* scratch) {
    float* outputs = gradients ? scratch + static_cast<std::int64_t>(network.elements()) * kTile : nullptr;
    to_lanes(network, x, samples, scratch);
    PerChain energy;
    network.evaluate(scratch, energy.at, outputs);
    std::memcpy(energies, energy.at, sizeof(float) * static_cast<std::size_t>(samples));
    if (gradients) from_lanes(network, outputs, samples, gradients);
}

/// Whole chains of a tile. scratch: TileSteps::scratch_floats.
template <class Network>
void run_chains(Network& network, float* x, int samples, const StepSettings& settings,
                const random::Place& first, int steps, const ChainOutputs& outputs, StepReport& report,
                float* scratch) {
    TileSteps<Network> tile(network, settings, first, scratch);
    to_lanes(network, x, samples, tile.state);
    tile.run(steps, samples, report);
    from_lanes(network, tile.state, samples, x);
    if (steps <= 0 && settings.rule != Rule::mala) return; // nothing was evaluated
    for (int i = 0; i < samples; ++i) {
        if (outputs.energies) outputs.energies[i] = tile.energy.at[i];
        if (outputs.gradient_norms) outputs.gradient_norms[i] = tile.gradient_norm(i);
        if (outputs.accepted) outputs.accepted[i] = tile.accepted.at[i] > 0;
    }
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
