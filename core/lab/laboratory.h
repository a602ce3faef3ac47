#pragma once

#include "core/lab/session.h"

#include <chrono>

namespace ebm::lab {

/// Result of `ebmlab evaluate`.
struct Evaluation {
    std::optional<double> kl;                 ///< nats, plane sets with an exact density
    std::shared_ptr<const ScoresView> scores; ///< with the OOD rows
};

/// Samples as plain numbers: [count][elements], images scaled to the model's range (−1 … 1).
struct Samples {
    std::int64_t count = 0;
    SampleKind kind;
    std::vector<float> values;
};

/// One scene: data, energy, sampler, training and their views, without threads of its own. The window's
/// engine thread and the command line both drive this. Every function may throw Error; the laboratory then
/// stays usable.
class Laboratory {
public:
    explicit Laboratory(const Options& options);
    ~Laboratory();

    void apply(const Command& command);

    /// Works for about `budget` and returns; does nothing unless running or commands left work to do. Returns
    /// whether there is more to do at once.
    bool work(std::chrono::microseconds budget);

    /// Fills everything but RecordLog contents. Reuses the snapshot's memory.
    void fill(Snapshot& snapshot);

    // For the command line, which needs no views:
    const Scene& scene() const;
    const Settings& settings() const;
    SampleKind kind() const;
    /// Between the model's coordinates and the numbers of files.
    const data::Coding& coding() const;
    /// Samples of a file for this model, see read_samples of sample_files.h.
    Samples read(const std::string& path, const std::string& columns = {}) const;
    std::int64_t iteration() const;
    TrainingRecord train_iteration();
    /// Chains from `start` (or from `initial` if it has samples), K steps each with the averaged model.
    Samples sample(std::int64_t count, int steps, ChainStart start, const Samples* initial,
                   std::uint64_t seed, const std::function<void(int step)>& progress);
    /// Energies [n], and gradients [n][elements] if asked.
    void energies(const Samples& samples, std::vector<float>& energy, std::vector<float>* gradient);
    /// Throws Error if two sets have one name.
    Evaluation evaluate(const std::vector<std::pair<std::string, Samples>>& extra_ood);
    /// Brings every view up to date now (pictures from the command line).
    void refresh_views();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace ebm::lab
