#include "core/lab/benchmark.h"

#include "core/base/counted.h"
#include "core/base/memory.h"
#include "core/energy/device.h"
#include "core/energy/graph_energy.h"
#include "core/lab/scene.h"
#include "core/lab/views.h"
#include "core/learn/contrastive_divergence.h"
#include "core/measure/operations.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <ATen/ops/mm.h>
#include <fmt/format.h>

namespace ebm::lab {
namespace {

using torch::Tensor;

constexpr double shortest_run = 0.1; ///< seconds: below, a core that has just woken up decides
constexpr int product_size = 1024;
constexpr int landscape_size = 256;

/// A network without its kernel: LibTorch computes everything that asks this energy.
class PlainTwin final : public Energy {
public:
    explicit PlainTwin(std::shared_ptr<Energy> energy) : energy_(std::move(energy)) {}

    Shape sample_shape() const override { return energy_->sample_shape(); }
    Tensor value(const Batch& batch) const override {
        return dynamic_cast<const GraphEnergy&>(*energy_).network_value(batch);
    }
    std::vector<std::pair<std::string, Tensor>> parameters() const override { return energy_->parameters(); }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<PlainTwin>(energy_->clone()); }

private:
    std::shared_ptr<Energy> energy_;
};

Shape shape_of(const Settings& settings) {
    return settings.model.energy == "conv" ? Shape{1, 28, 28} : Shape{2};
}

double energy_operations(const Settings& settings) {
    return measure::energy_operations(*make_energy(settings, shape_of(settings), 1)->graph());
}

Tensor uniform_in_box(const Settings& settings, std::int64_t count) {
    return uniform_samples(count, shape_of(settings), static_cast<float>(settings.sampler.box_low),
                           static_cast<float>(settings.sampler.box_high), {1, random::Stream::start});
}

/// Where workloads compute: shared, because they are prepared later.
using Device = std::shared_ptr<ComputeDevice>;

/// settings.model.energy with random weights, on the device.
std::shared_ptr<Energy> network_on(const Device& device, const Settings& settings) {
    std::shared_ptr<Energy> energy = make_energy(settings, shape_of(settings), 1);
    move_to(*device, *energy);
    return energy;
}

/// Of the CPU, whose matrix product they are compared with.
double counted(const Device& device, double operations) {
    return device->gpu ? 0 : operations;
}

/// `steps` steps of `chains` chains, always from the same places.
Workload sampling(std::string name, std::string title, const Settings& settings, int chains, int steps,
                  int threads, const Device& device) {
    Workload work{std::move(name), std::move(title), threads, steps, static_cast<double>(chains),
                  "chain steps"};
    work.operations = counted(device, chains * measure::step_operations(energy_operations(settings)));
    work.prepare = [settings, chains, steps, device]() -> Paths {
        const std::shared_ptr<const Energy> energy = network_on(device, settings);
        const Tensor x = uniform_in_box(settings, chains);
        const auto run = [=](auto& advance_chains) {
            kernels::StepReport report;
            advance_chains(*energy, x, step_settings(settings), random::Place{1}, steps, report);
        };
        return {[=] { run(advance); }, [=] { run(advance_reference); }};
    };
    return work;
}

Workload training(std::string name, std::string title, const Settings& settings, int threads,
                  const Device& device) {
    Workload work{std::move(name), std::move(title), threads, 1, 1, "iterations"};
    work.operations =
        counted(device, measure::training_operations(energy_operations(settings), settings.train.batch,
                                                     settings.sampler.steps));
    work.prepare = [settings, device]() -> Paths {
        const auto iterate = [&](std::shared_ptr<Energy> energy) -> std::function<void()> {
            const auto learner = std::make_shared<ContrastiveDivergence>(
                settings, std::move(energy), uniform_in_box(settings, settings.data.count));
            return [=] { learner->step(settings); };
        };
        const auto network = [&] { return network_on(device, settings); };
        return {iterate(network()), iterate(std::make_shared<PlainTwin>(network()))};
    };
    return work;
}

Workload every_point(std::string name, const std::string& which, const Settings& settings, int threads,
                     const Device& device) {
    constexpr int points = landscape_size * landscape_size;
    Workload work{std::move(name), fmt::format("Plane: {0} × {0} energies, {1}", landscape_size, which),
                  threads,         1,
                  points,          "energies"};
    work.operations = counted(device, points * energy_operations(settings));
    work.prepare = [settings, device]() -> Paths {
        const std::shared_ptr<Energy> energy = network_on(device, settings);
        const Tensor axis =
            torch::linspace(settings.sampler.box_low, settings.sampler.box_high, landscape_size);
        const Tensor grid = torch::cartesian_prod({axis, axis});
        const auto evaluate = [grid](const Energy& path) {
            const torch::NoGradGuard no_graph;
            path.value(grid);
        };
        return {[=] { evaluate(*energy); }, [=] { evaluate(PlainTwin(energy)); }};
    };
    return work;
}

/// The landscape of a trained network of the plane benchmark's size, beside every point of it by LibTorch.
Workload drawn_landscape(std::string name, const std::string& which, Settings settings, int threads,
                         const Device& device) {
    constexpr int points = landscape_size * landscape_size, iterations = 500;
    Workload work{std::move(name),
                  fmt::format("Plane: landscape of {0} × {0} as it is drawn, {1}", landscape_size, which),
                  threads,
                  1,
                  points,
                  "points"};
    settings.model.width = plane_benchmark().model.width;
    settings.model.layers = plane_benchmark().model.layers;
    work.prepare = [settings, device]() -> Paths {
        const std::shared_ptr<Energy> energy = network_on(device, settings);
        ContrastiveDivergence learner(settings, energy, open_dataset(settings).train);
        for (int i = 0; i < iterations; ++i)
            learner.step(settings);
        const double low = settings.sampler.box_low, high = settings.sampler.box_high;
        const Rect box{low, low, high, high};
        return {[=] { landscape(plane_energy(*energy), box, landscape_size); },
                [=] { energies_in_pieces(PlainTwin(energy), grid_points(box, landscape_size)); }};
    };
    return work;
}

Workload first_snapshot(int threads, const std::string& device) {
    Workload work{"window", "Window: first snapshot of a training", threads, 1, 1, "snapshots"};
    work.prepare = [threads, device]() -> Paths {
        return {[threads, device] {
                    Session session({threads, device, true});
                    session.send(OpenScene{find_scene("eight_gaussians"), true});
                    session.wait();
                    session.latest();
                },
                nullptr};
    };
    return work;
}

double seconds_of(const std::function<void()>& work, int times) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i)
        work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

/// How often a path must be called for a run to be long enough, after one call to warm up.
int calls_in_a_run(const std::function<void()>& path) {
    path();
    return std::max(1, static_cast<int>(shortest_run / std::max(seconds_of(path, 1), 1e-6)));
}

/// Mean seconds of a call, once the threads of what ran before, which spin for a while, have gone to sleep
/// and those of this path are awake.
double timed_run(const std::function<void()>& path, int calls) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    seconds_of(path, std::max(1, calls / 2));
    return seconds_of(path, calls);
}

std::int64_t memory_of(const std::function<void()>& path) {
    forget_peak_memory();
    path();
    return peak_memory();
}

} // namespace

Settings plane_benchmark() {
    Settings settings;
    settings.model.width = 128;
    settings.model.layers = 3;
    settings.model.input_scale = settings.model.output_scale = 1;
    settings.model.confinement = 1e9; // its part of the energy is below rounding
    settings.sampler.kind = SamplerKind::langevin;
    settings.sampler.step_size = 0.01;
    settings.sampler.step_spread = 1;
    settings.sampler.drift_limit = 0;
    settings.sampler.jump_share = 0;
    return settings;
}

Settings image_benchmark() {
    Settings settings = find_scene("fashion_mnist").settings;
    settings.data.count = 10000;
    return settings;
}

std::vector<Workload> workloads(int threads, const std::string& device) {
    const auto opened = std::make_shared<ComputeDevice>(open_device(device));
    const Settings plane = plane_benchmark(), image = image_benchmark();
    const Settings scene = find_scene("eight_gaussians").settings;
    std::vector<Workload> list;
    for (const int chains : {64, 256, 1024, 4096, 16384})
        list.push_back(sampling(fmt::format("plane_{}", chains),
                                fmt::format("Plane: one step of {} chains", grouped(chains)), plane, chains,
                                std::max(2, std::min(plane.sampler.steps, 20480 / chains)), threads, opened));
    list.push_back(sampling("plane_mala", "Plane: one MALA step with jumps of 1,024 chains, scene's network",
                            scene, 1024, scene.sampler.steps, threads, opened));
    list.push_back(sampling("images_128", "Images: one step of 128 chains", image, 128, 5, threads, opened));
    list.push_back(training(
        "plane_training",
        fmt::format("Plane: one training iteration (batch {}, K {})", plane.train.batch, plane.sampler.steps),
        plane, threads, opened));
    list.push_back(training("images_training",
                            fmt::format("Images: one training iteration (batch {}, K {})", image.train.batch,
                                        image.sampler.steps),
                            image, threads, opened));
    const std::string all = fmt::format("{} threads", threads);
    list.push_back(drawn_landscape("landscape_1", "one thread", scene, 1, opened));
    if (threads > 1) list.push_back(drawn_landscape("landscape_all", all, scene, threads, opened));
    list.push_back(every_point("energies_1", "one thread", plane, 1, opened));
    if (threads > 1) list.push_back(every_point("energies_all", all, plane, threads, opened));
    list.push_back(every_point("energies_scene", "scene's network, one thread", scene, 1, opened));
    list.push_back(first_snapshot(threads, device));
    return list;
}

double product_speed() {
    const torch::NoGradGuard no_graph;
    static const Tensor a = torch::ones({product_size, product_size});
    static Tensor result = torch::empty_like(a);
    const double seconds = seconds_of([] { torch::mm_out(result, a, a); }, 1);
    return 2.0 * product_size * product_size * product_size / seconds;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Measurement measure(const Workload& workload, int runs) {
    torch::set_num_threads(workload.threads);
    const Paths paths = workload.prepare();
    const int fast_calls = calls_in_a_run(paths.fast);
    const int reference_calls = paths.reference ? calls_in_a_run(paths.reference) : 0;
    if (workload.operations > 0) product_speed();
    Measurement result;
    result.fast_memory = memory_of(paths.fast);
    if (paths.reference) result.reference_memory = memory_of(paths.reference);

    std::vector<double> fast, reference, product;
    for (int run = 0; run < runs; ++run) {
        fast.push_back(timed_run(paths.fast, fast_calls) / workload.pieces);
        if (paths.reference)
            reference.push_back(timed_run(paths.reference, reference_calls) / workload.pieces);
        for (int i = 0; i < 5 && workload.operations > 0; ++i)
            product.push_back(product_speed());
    }
    result.fast = median(fast);
    if (paths.reference) result.reference = median(reference);
    if (workload.operations > 0) result.product_speed = median(product);
    return result;
}

} // namespace ebm::lab
