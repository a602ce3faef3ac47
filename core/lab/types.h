#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

/// Plain types that everything in this folder, the window and the command line speak of. No LibTorch.
namespace ebm::lab {

enum class State { empty, ready, running, paused, failed };

struct Options {
    int threads = 0;             ///< 0 = all cores, less one for the window if `for_window`
    std::string device = "auto"; ///< a name of device_choices
    bool for_window = false;     ///< computes the expensive views too (landscape, histograms, buffer page)
    std::string recovery =
        {}; ///< file for training that nobody has saved yet, written now and then; empty: none
};

/// What a sample is: a point of the plane or a picture.
struct SampleKind {
    bool plane = true;
    int channels = 0, height = 0, width = 0; ///< of pictures
    int elements() const { return plane ? 2 : channels * height * width; }
    /// Of a sample: {2}, or {channels, height, width}.
    std::vector<std::int64_t> shape() const {
        return plane ? std::vector<std::int64_t>{2} : std::vector<std::int64_t>{channels, height, width};
    }
    /// Of an array of so many: {count, 2}, or {count, channels, height, width}.
    std::vector<std::int64_t> shape(std::int64_t count) const {
        std::vector<std::int64_t> of_array = shape();
        of_array.insert(of_array.begin(), count);
        return of_array;
    }
    bool operator==(const SampleKind&) const = default;
};

/// Samples as plain numbers: [count][elements], pictures scaled to the model's range (−1 … 1).
struct Samples {
    std::int64_t count = 0;
    SampleKind kind;
    std::vector<float> values;
    std::vector<std::int32_t> labels = {}; ///< of chains of a conditional model, [count]; else empty
    // Of chains only:
    double acceptance =
        std::numeric_limits<double>::quiet_NaN(); ///< share of moves; NaN if none was proposed
    double jump_acceptance = std::numeric_limits<double>::quiet_NaN(); ///< the same of jumps
    std::int64_t unmoved = 0; ///< chains that stand where they started
};

/// A part of the plane, or of a slice through pictures.
struct Rect {
    double low_x = -4, low_y = -4, high_x = 4, high_y = 4;
};

enum class Speed {
    slow,
    lines, ///< the lines of Algorithm 1, one Langevin step of its negatives at a time; live chains rest
    full,
};
/// How fast the laboratory works.
struct Pace {
    Speed speed = Speed::full;
    double steps_per_second = 4; ///< slow: live-chain steps, one training iteration each; lines: lines
    double share = 1;            ///< of the engine's time that is worked, 0.1 … 1
};

/// model: samples that a normalised model draws itself.
enum class ChainStart { noise, data, buffer, file, model };

/// A sampler of a race by the name of its record (core/sample/samplers.h).
struct Runner {
    std::string sampler;
    double step = 0; ///< of its moves; 0 = found in a dry run
    bool operator==(const Runner&) const = default;
};
/// Several samplers on one energy: the same starts, seed and gradient evaluations.
struct RaceSettings {
    std::vector<Runner> runners; ///< empty: all that there are
    int chains = 32;
    std::int64_t gradients = 4000; ///< evaluations for each chain, warm-up included
    std::int64_t warm_up = 400;    ///< of these, after which draws count
    std::uint64_t seed = 1;
    ChainStart start = ChainStart::noise;
    int leapfrogs = 10;  ///< of a Hamiltonian move
    int replicas = 4;    ///< of tempering
    double hottest = 10; ///< temperature of the hottest replica over that of the coldest
};

/// A picture that a person chose to restore it, or to look for training pictures like it.
enum class PictureSource { chain, held_out };
struct PictureChoice {
    PictureSource source = PictureSource::held_out;
    std::int64_t index = 0; ///< of a live chain, or of the held-out pictures
    bool operator==(const PictureChoice&) const = default;
};
/// How the chosen picture is damaged and restored by chains of the model.
struct RestoreSettings {
    /// [height · width]: 1 where pixels are replaced by noise and filled in while the others are put back
    /// after each step; empty: all pixels get `noise`, and all of them move.
    std::vector<std::uint8_t> hidden;
    double noise = 0.3; ///< standard deviation, in the model's values, whose range is 2
    int steps = 500;
    int chains = 4;
    int of_class = -1; ///< of a conditional model: all chains are of that class; −1: as settings.sampler.ask
    std::uint64_t seed = 1;
};

/// Which models of pictures are asked which pictures they know, see OodTable.
struct OodTableSettings {
    /// Scenes with a trained model, or checkpoints (.safetensors); empty: those of Fashion-MNIST that come
    /// with the program.
    std::vector<std::string> models;
    /// By name, or "all" that a model can give; empty: those that tell most for what they cost.
    std::vector<std::string> scores;
    std::int64_t most = 2000; ///< samples of each set, evenly taken; 0 = all
    /// More out-of-distribution sets: files or folders.
    struct Set {
        std::string name, path;
    };
    std::vector<Set> sets;
    std::vector<std::pair<std::string, std::string>> changes; ///< of settings of every model: key and value
};

enum class AnchorKind { data, chain, noise };
/// A corner of a slice through pictures.
struct Anchor {
    AnchorKind kind = AnchorKind::data;
    int index = 0;
};

enum class BufferOrder { slot, energy, age, reused };
/// drawn: the slots that the training iteration in the Algorithm panel takes its negatives from.
enum class BufferFilter { all, fresh, old, drawn };
/// A page of the replay buffer.
struct BufferQuery {
    BufferOrder order = BufferOrder::slot;
    bool descending = false;
    BufferFilter filter = BufferFilter::all;
    int page = 0, page_size = 64;
    int of_class = -1; ///< only samples with this label; −1 = all
    bool operator==(const BufferQuery&) const = default;
};

/// What is computed for looking at it, and only while it is shown.
enum class View {
    field,
    exact,
    slice,
    scores,
    buffer,
    quality,
    health,
    trace,
    mixing,
    modes,
    pictures,
    algorithm,
    race,
    restoration,
    nearest,
    partition,
    ood_table
};
constexpr std::size_t view_count = 17;
/// By View: whether it is shown.
using ShownViews = std::array<bool, view_count>;
constexpr ShownViews all_views = {true, true, true, true, true, true, true, true, true,
                                  true, true, true, true, true, true, true, true};

} // namespace ebm::lab
