#pragma once

#include "core/base/random.h"
#include "core/data/coding.h"
#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/snapshot.h"
#include "core/store/checkpoint.h"

namespace ebm::lab {

/// The data of a scene, in the model's coordinates: points as their coding says, pixels scaled to −1 … 1.
struct Dataset {
    SampleKind kind;
    data::Coding coding = data::plane_coding(); ///< between the model's coordinates and the numbers of files
    /// [n, shape…]: float32, or uint8 for pictures of bytes, which model_values turns into numbers of the
    /// model a batch at a time. They may be mapped from a file: never to be written to. Undefined for
    /// analytic scenes; train where the file is missing.
    torch::Tensor train, held_out;
    /// Of each training sample the number of its record in the file, from 0; empty where they stand in it as
    /// they are here, or there is no file.
    std::vector<std::int64_t> train_records;
    torch::Tensor train_labels, held_out_labels; ///< [n] int64, 0 … classes.size() − 1; undefined without
    /// What label k is called; empty without classes. Known without labels too where a checkpoint tells.
    std::vector<std::string> classes;
    std::shared_ptr<const data::PlaneSet> plane; ///< for the exact density; null without one
    std::string drawing;                         ///< where that was painted, see data::drawing_of; else empty
    std::shared_ptr<const DataView> view;
    std::vector<std::pair<std::string, torch::Tensor>> ood; ///< name, [n, shape…] as train
    std::string path;             ///< of the file or folder, absolute; empty without
    bool from_stream = false;     ///< the file was standard input or a pipe, which is read once
    std::string checksum;         ///< of the file's numbers; empty without a file
    std::uint64_t split_seed = 0; ///< the key of the split into training and held-out data

    Shape shape() const { return kind.shape(); }
    /// Throws Error that says what is missing, if there is nothing to train on.
    void require_training_data() const;
};

/// What a checkpoint keeps of its data, so that it can be used without them and notices others.
struct KeptData {
    std::optional<data::Coding> coding;
    std::optional<std::uint64_t> split_seed;
    std::string checksum;
    bool from_stream = false;         ///< they came through a stream, which is not read again
    std::string given_path;           ///< where a person says that they lie now; mostly empty
    std::vector<std::string> places;  ///< where else the file may lie, beside the scene's data.path
    torch::Tensor held_out;           ///< a part of it, as Dataset has it; undefined if none is kept
    torch::Tensor held_out_labels;    ///< of `held_out`, [n] int64; undefined without classes
    std::vector<std::string> classes; ///< that the model was trained with; empty without
    Shape shape;                      ///< of a sample; empty if there is no checkpoint
};

/// Puts what KeptData holds into `checkpoint`, which will lie at `path`.
void keep_data(const Dataset& dataset, store::Checkpoint& checkpoint, const std::string& path);
/// The same back from a checkpoint that lies at `path`. Checkpoints without it give shape alone.
KeptData kept_data(const store::Checkpoint& checkpoint, const std::string& path);

/// Loads or generates settings.data. Files are coded as `kept` says and their classes are those that were
/// kept, by name; a file that cannot be read or does not fit leaves the held-out data that were kept, and
/// Dataset::view says why. Throws Error if nothing is kept.
Dataset open_dataset(const Settings& settings, const KeptData& kept = {});

/// An OOD set of every scene on the plane: 1,000 points, uniform in the sampler's box.
inline constexpr const char* uniform_box_name = "Uniform box";
torch::Tensor uniform_box(const Settings& settings);

/// Samples of each OOD set that is made here.
inline constexpr std::int64_t made_count = 1000;
/// The random numbers of what is made of data; `step` keeps users apart.
random::Place evaluation_place(const Settings& settings, std::uint32_t chain, std::uint32_t step);

/// Adds the OOD sets that pictures of every kind have: digits, KMNIST, SVHN and textures where they are there
/// and have the shape of the data; uniform noise, one grey throughout, the mean of two held-out pictures; and
/// as controls held-out pictures inverted, turned by 90° and with their pixels shuffled.
void add_ood_pictures(Dataset& dataset, const Settings& settings);

/// settings.data.set, where older names of a set are replaced.
std::string data_set_name(const Settings& settings);

/// Names of the sets that are shown beside the OOD sets.
inline constexpr const char *training_set_name = "Training data", *held_out_set_name = "Held-out data",
                            *buffer_set_name = "Replay buffer", *live_chains_name = "Live chains";
/// Whether the program calls a set of its own so, in whatever case.
bool is_reserved_name(std::string_view name);

/// `name`, or with a number behind it if an OOD set has that name or the program uses it: no set takes the
/// place of another.
std::string free_name(const std::string& name, const Dataset& dataset);

/// Points of a file, standardised, for pictures of a scene: [n][2].
std::vector<float> standardised_points(const Settings& settings);

/// x in −1 … 1, or bytes as they are, to 8-bit pixels, clamped; x: [n, C, H, W].
std::vector<std::uint8_t> to_pixels(const torch::Tensor& x);
torch::Tensor to_tensor(const Samples& samples);
std::vector<float> to_vector(const torch::Tensor& x);

} // namespace ebm::lab
