// This program's side of tests/bench/peers.py: holds the energies, writes their weights for the peers and
// times what it is told to, in the same run as they.
//
//   bench_peers FOLDER THREADS
//
// Writes FOLDER/{plane,images,flow,pixelcnn,vae,residual_…}.safetensors, then answers each line of standard
// input with one line; RESIDUAL is residual_HEIGHT_CHANNELS:
//   step plane|images|RESIDUAL CHAINS STEPS CALLS   mean seconds of STEPS Langevin steps
//   train SIDE CALLS                       mean seconds of one training iteration of any of them
//   loss flow|pixelcnn|vae                 FOLDER/x.npy → what training minimises, with the written weights
//   product CALLS                          mean seconds of the matrix product 1024³
//   evaluate plane|images|RESIDUAL         FOLDER/x.npy → FOLDER/energies.npy, FOLDER/gradients.npy
//   operations                             floating-point, NAME=STEP,ITERATION of all but the densities

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/base/tensor.h"
#include "core/density/density.h"
#include "core/energy/energy.h"
#include "core/energy/weights.h"
#include "core/lab/benchmark.h"
#include "core/lab/scene.h"
#include "core/learn/learner.h"
#include "core/measure/operations.h"
#include "core/sample/sampler.h"
#include "core/store/npy.h"
#include "core/store/safetensors.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace ebm;

constexpr int residual_classes = 10;

struct Side {
    std::string name;
    Settings settings;
    std::shared_ptr<Energy> energy; ///< whose chains are timed; the learner has a copy
    std::unique_ptr<Learner> learner;
    double step_operations = 0, training_operations = 0;
};

Side make_side(const std::string& name, Settings settings, const Shape& shape) {
    settings.data.count = 10000;
    Side side{name, settings, make_energy(settings, shape, 1), nullptr};
    const torch::Tensor data = uniform_samples(settings.data.count, shape, -1, 1, {1, random::Stream::data});
    side.learner = make_learner(settings, side.energy->clone(), {data, {}});
    const double energy_operations = measure::energy_operations(*side.energy->graph());
    side.step_operations = measure::step_operations(energy_operations);
    side.training_operations =
        measure::training_operations(energy_operations, settings.train.batch, settings.sampler.steps);
    return side;
}

/// A likelihood model of a scene of Fashion-MNIST on pictures of random 8-bit values, after some iterations,
/// so that none of its parts still stands at the 0 at which it began.
Side make_density(const std::string& name) {
    Settings settings = lab::find_scene("fashion_mnist_" + name).settings;
    const Shape shape{1, 28, 28};
    Side side{name, settings, make_energy(settings, shape, 1), nullptr};
    const torch::Tensor data = uniform_samples(10000, shape, 0, 256, {1, random::Stream::data});
    side.learner =
        make_learner(settings, side.energy, {data.floor_().clamp_max_(255).div_(127.5).sub_(1), {}});
    for (int iteration = 0; iteration < 5; ++iteration)
        side.learner->step(side.settings);
    return side;
}

/// A residual energy by ten classes, stages 1, 2, 2 with one block each, whose weights are all random, so
/// that no part begins at 0. Frozen weights are divided by their norms once, which costs no step anything:
/// here they are as they are. height: 28 for grey pictures, 32 for coloured ones.
Side make_residual(int height, int channels) {
    Settings settings;
    settings.model.energy = "residual";
    settings.model.conditional = true;
    settings.model.normalisation = Normalisation::none;
    settings.model.channels = channels;
    const Shape shape{height == 28 ? 1 : 3, height, height};
    Side side{fmt::format("residual_{}_{}", height, channels), settings,
              make_energy(settings, shape, 1, residual_classes), nullptr};
    std::size_t index = 0;
    for (const auto& [name, weight] : side.energy->parameters()) {
        const double inputs = weight.dim() == 4 ? static_cast<double>(weight[0].numel()) : 4;
        weight.copy_(normal_weights(weight.sizes().vec(), 1 / std::sqrt(inputs), 7, index++));
    }
    side.energy->weights_changed();
    side.step_operations = measure::step_operations(measure::energy_operations(*side.energy->graph()));
    return side;
}

/// What sample i is computed under: class i mod 10; undefined without classes.
torch::Tensor labels_of(const Side& side, std::int64_t count) {
    return side.energy->classes() > 0 ? torch::arange(count).remainder(residual_classes) : torch::Tensor();
}

void write_weights(const Side& side, const std::filesystem::path& folder) {
    store::SafetensorsFile file;
    NamedTensors all = side.energy->parameters();
    for (const auto& buffer : side.energy->buffers())
        if (buffer.second.scalar_type() == torch::kFloat) all.push_back(buffer);
    for (const auto& [name, values] : all)
        file.tensors[name] = store::stored_tensor<float>(
            values.sizes().vec(),
            std::span<const float>(values.data_ptr<float>(), static_cast<std::size_t>(values.numel())));
    store::write_safetensors(folder / (side.name + ".safetensors"), file);
}

void write(const std::filesystem::path& path, const torch::Tensor& tensor) {
    const float* values = tensor.data_ptr<float>();
    store::write_npy(path, {tensor.sizes().vec(), {values, values + tensor.numel()}});
}

void evaluate(const Side& side, const std::filesystem::path& folder) {
    const torch::Tensor x = store::read_npy(folder / "x.npy");
    const ValueAndGradient result = side.energy->value_and_gradient({x, labels_of(side, x.size(0))});
    write(folder / "energies.npy", result.value.unsqueeze(1));
    write(folder / "gradients.npy", result.gradient);
}

double loss(const Side& side, const std::filesystem::path& folder) {
    const torch::Tensor x = store::read_npy(folder / "x.npy");
    return dynamic_cast<const Density&>(*side.energy).training_loss({x, {}}, 1, 1).item<double>();
}

/// Mean seconds of a call; how many follow one another is the next word of standard input.
double seconds_of(const std::function<void()>& work) {
    int calls = 1;
    std::cin >> calls;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i)
        work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
}

/// x ← x − a ∇E + s ξ and nothing else, as all peers can do it.
double step(const Side& side, std::int64_t chains, int steps) {
    kernels::StepSettings settings;
    settings.rule = kernels::Rule::langevin;
    settings.drift = 0.005f;
    settings.noise = 0.1f;
    settings.box = false;
    const torch::Tensor x =
        uniform_samples(chains, side.energy->sample_shape(), -1, 1, {1, random::Stream::start});
    kernels::StepReport report;
    const torch::Tensor labels = labels_of(side, chains);
    return seconds_of([&] { advance(*side.energy, {x, labels}, settings, {1}, steps, report); });
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 3)
        throw Error("bench_peers takes FOLDER and THREADS", "", "See the head of peers_bench.cpp.");
    keep_freed_memory(); // as the program does
    const std::filesystem::path folder = argv[1];
    torch::set_num_threads(std::stoi(argv[2]));
    const torch::NoGradGuard no_graph;
    std::vector<Side> sides;
    sides.push_back(make_side("plane", lab::plane_benchmark(), {2}));
    sides.push_back(make_side("images", lab::image_benchmark(), {1, 28, 28}));
    for (const char* density : {"flow", "pixelcnn", "vae"})
        sides.push_back(make_density(density));
    for (const int height : {28, 32})
        for (const int channels : {16, 32, 64, 128})
            sides.push_back(make_residual(height, channels));
    for (const Side& side : sides)
        write_weights(side, folder);
    std::cout << "ready " << sides[0].energy->kernel_name() << std::endl;

    for (std::string command; std::cin >> command;) {
        if (command == "product") {
            std::cout << seconds_of([] { lab::product_speed(); }) << std::endl;
            continue;
        }
        if (command == "operations") {
            for (const Side& side : sides)
                if (side.step_operations > 0)
                    std::cout << side.name << '=' << side.step_operations << ',' << side.training_operations
                              << ' ';
            std::cout << std::endl;
            continue;
        }
        std::string name;
        std::cin >> name;
        const auto found = std::ranges::find(sides, name, &Side::name);
        if (found == sides.end())
            throw Error("There is no side '" + name + "'", "", "See the head of peers_bench.cpp.");
        const Side& side = *found;
        if (command == "step") {
            std::int64_t chains = 0;
            int steps = 0;
            std::cin >> chains >> steps;
            std::cout << step(side, chains, steps) << std::endl;
        } else if (command == "train") {
            std::cout << seconds_of([&] { side.learner->step(side.settings); }) << std::endl;
        } else if (command == "loss") {
            std::cout << loss(side, folder) << std::endl;
        } else if (command == "evaluate") {
            evaluate(side, folder);
            std::cout << "done" << std::endl;
        } else {
            throw Error("There is no command '" + command + "'", "", "See the head of peers_bench.cpp.");
        }
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << "bench_peers: " << error.what() << std::endl;
    return 1;
}
