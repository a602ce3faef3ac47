#include "core/cuda/kernel.h"

#include "core/base/error.h"
#include "core/cuda/arguments.h"
#include "core/cuda/chains.h"

#include <algorithm>
#include <cstring>

namespace ebm::cuda {
namespace {

constexpr int most_groups = 128; ///< of parameter gradients that are summed apart
constexpr std::size_t summed_bytes = std::size_t{256} << 20;
constexpr int table_threads = 256;

int table_blocks(std::size_t count) {
    return static_cast<int>((count + table_threads - 1) / table_threads);
}

/// Places in one piece of memory, each on a boundary of 256 bytes.
class Places {
public:
    std::size_t take(std::size_t bytes) {
        const std::size_t place = bytes_;
        bytes_ += (bytes + 255) / 256 * 256;
        return place;
    }
    std::size_t bytes() const { return bytes_; }

private:
    std::size_t bytes_ = 0;
};

template <class T>
std::size_t bytes_of(const std::vector<T>& numbers) {
    return numbers.size() * sizeof(T);
}

void require_parameters(std::size_t expected, std::size_t given) {
    if (expected == given) return;
    throw Error("The network has " + std::to_string(expected) + " parameter arrays and got " +
                    std::to_string(given),
                "network", "Pass weight and bias of every layer in order.");
}

} // namespace

/// The arguments of run.
struct Kernel::Chains {
    float* x;
    const kernels::StepSettings& settings;
    int steps;
    float *energies, *gradient_norms;
    std::uint8_t* accepted;
    kernels::StepReport& report;
};

Kernel::Kernel(std::shared_ptr<Gpu> gpu, Plan plan)
    : gpu_(std::move(gpu)), plan_(std::move(plan)), raw_(gpu_->driver, Memory::Kind::host),
      raw_on_card_(gpu_->driver, Memory::Kind::card), packed_(gpu_->driver, Memory::Kind::card),
      pack_tables_(gpu_->driver, Memory::Kind::card), gradient_tables_(gpu_->driver, Memory::Kind::card) {
    const std::lock_guard lock(gpu_->mutex);
    module_ = gpu_->module(plan_);
    raw_.reserve(plan_.raw_floats * sizeof(float));
    std::memset(raw_.host(), 0, plan_.raw_floats * sizeof(float));
    raw_on_card_.reserve(plan_.raw_floats * sizeof(float));
    packed_.reserve(bytes_of(plan_.source));
    pack_tables_.reserve(bytes_of(plan_.source) + bytes_of(plan_.scale));
    gradient_tables_.reserve(bytes_of(plan_.place) + bytes_of(plan_.gradient_scale));
    gpu_->to_card(pack_tables_.card(), plan_.source.data(), bytes_of(plan_.source));
    gpu_->to_card(pack_tables_.card() + bytes_of(plan_.source), plan_.scale.data(), bytes_of(plan_.scale));
    gpu_->to_card(gradient_tables_.card(), plan_.place.data(), bytes_of(plan_.place));
    gpu_->to_card(gradient_tables_.card() + bytes_of(plan_.place), plan_.gradient_scale.data(),
                  bytes_of(plan_.gradient_scale));
    gpu_->wait();
}

std::string Kernel::name() const {
    return "fused CUDA sm_" + std::to_string(gpu_->driver.architecture()) + (plan_.shape.tf32 ? " TF32" : "");
}

void Kernel::pack(std::span<const float* const> parameters) {
    require_parameters(plan_.parameter_sizes.size(), parameters.size());
    const std::lock_guard lock(gpu_->mutex);
    float* place = raw_.pointer<float>();
    for (std::size_t i = 0; i < parameters.size(); ++i)
        place = std::copy_n(parameters[i], plan_.parameter_sizes[i], place);
    packed_is_old_ = true; // the copy to the card waits until somebody computes with it
}

NetworkArguments Kernel::network(int blocks) const {
    if (packed_is_old_) {
        gpu_->to_card(raw_on_card_.card(), raw_.host(), plan_.raw_floats * sizeof(float));
        const PackArguments a{raw_on_card_.pointer<float>(), pack_tables_.pointer<int>(),
                              pack_tables_.pointer<float>(bytes_of(plan_.source)), packed_.pointer<float>(),
                              static_cast<int>(plan_.source.size())};
        gpu_->launch(module_->pack, table_blocks(plan_.source.size()), table_threads, 0, a);
        packed_is_old_ = false;
    }
    const auto floats = static_cast<std::size_t>(block_layout(plan_.shape).workspace_floats);
    gpu_->workspace.reserve(floats * static_cast<std::size_t>(blocks) * sizeof(float));
    return {packed_.pointer<float>(), floats ? gpu_->workspace.pointer<float>() : nullptr, plan_.curvature};
}

int Kernel::tiles(std::int64_t n) const {
    return static_cast<int>((n + plan_.shape.tile - 1) / plan_.shape.tile);
}

int Kernel::blocks(std::int64_t n) const {
    return std::min(tiles(n), module_->resident_blocks());
}

std::int64_t Kernel::slice() const {
    const auto by_memory = static_cast<std::int64_t>(gpu_->copied_bytes / sizeof(float)) / plan_.elements();
    const auto by_time = static_cast<std::int64_t>(gpu_->launched_operations / plan_.operations());
    const std::int64_t count = std::clamp<std::int64_t>(std::min(by_memory, by_time), 1, 1 << 24);
    return std::max<std::int64_t>(1, count / plan_.shape.tile) * plan_.shape.tile;
}

void Kernel::evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                      const std::int64_t*) const {
    const std::lock_guard lock(gpu_->mutex);
    gpu_->driver.enter();
    const auto elements = static_cast<std::size_t>(plan_.elements());
    for (std::int64_t start = 0; start < n; start += slice()) {
        const std::int64_t count = std::min(slice(), n - start);
        const std::size_t x_bytes = static_cast<std::size_t>(count) * elements * sizeof(float);
        const std::size_t energy_bytes = static_cast<std::size_t>(count) * sizeof(float);
        Places places;
        const std::size_t at_x = places.take(x_bytes), at_gradients = places.take(gradients ? x_bytes : 0),
                          at_energies = places.take(energy_bytes);
        gpu_->host.reserve(places.bytes());
        gpu_->arrays.reserve(places.bytes());
        std::memcpy(gpu_->host.host() + at_x, x + static_cast<std::size_t>(start) * elements, x_bytes);
        gpu_->to_card(gpu_->arrays.card() + at_x, gpu_->host.host() + at_x, x_bytes);
        const EvaluateArguments a{network(blocks(count)), gpu_->arrays.pointer<float>(at_x),
                                  static_cast<int>(count), gpu_->arrays.pointer<float>(at_energies),
                                  gradients ? gpu_->arrays.pointer<float>(at_gradients) : nullptr};
        gpu_->launch(module_->evaluate, blocks(count), plan_.shape.threads, plan_.shared_bytes(), a);
        gpu_->to_host(gpu_->host.host() + at_gradients, gpu_->arrays.card() + at_gradients,
                      at_energies + energy_bytes - at_gradients);
        gpu_->wait();
        std::memcpy(energies + start, gpu_->host.host() + at_energies, energy_bytes);
        if (gradients)
            std::memcpy(gradients + static_cast<std::size_t>(start) * elements,
                        gpu_->host.host() + at_gradients, x_bytes);
    }
}

void Kernel::run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
                 int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
                 std::uint8_t* accepted, const std::int64_t*) const {
    run_arguments(settings, first, steps); // refuses contradictions before anything moves
    report = {};
    const std::lock_guard lock(gpu_->mutex);
    gpu_->driver.enter();
    const Chains chains{x, settings, std::max(0, steps), energies, gradient_norms, accepted, report};
    for (std::int64_t start = 0; start < n; start += slice()) {
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(start);
        run_slice(chains, start, static_cast<int>(std::min(slice(), n - start)), place);
    }
}

void Kernel::run_slice(const Chains& c, std::int64_t start, int n, const random::Place& first) const {
    const auto count = static_cast<std::size_t>(n), elements = static_cast<std::size_t>(plan_.elements());
    const std::size_t x_bytes = count * elements * sizeof(float);
    std::vector<Tally> tallies(static_cast<std::size_t>(tiles(n)));
    Places places;
    const std::size_t at_x = places.take(x_bytes), at_energies = places.take(count * sizeof(float)),
                      at_norms = places.take(count * sizeof(float)),
                      at_tallies = places.take(bytes_of(tallies)), at_accepted = places.take(count),
                      bytes = places.bytes();
    gpu_->host.reserve(bytes);
    gpu_->arrays.reserve(bytes);
    std::byte* host = gpu_->host.host();
    float* x = c.x + static_cast<std::size_t>(start) * elements;
    std::memcpy(host + at_x, x, x_bytes);
    gpu_->to_card(gpu_->arrays.card() + at_x, host + at_x, x_bytes);
    const NetworkArguments weights = network(blocks(n));
    const auto most_steps = static_cast<int>(
        std::clamp(gpu_->launched_operations / (plan_.operations() * static_cast<double>(n)), 1.0, 1e6));
    int done = 0;
    do {
        const int now = std::min(most_steps, c.steps - done);
        random::Place place = first;
        place.step += static_cast<std::uint32_t>(done);
        RunArguments a = run_arguments(c.settings, place, now);
        a.network = weights;
        a.x = gpu_->arrays.pointer<float>(at_x);
        a.n = n;
        a.energies = gpu_->arrays.pointer<float>(at_energies);
        a.gradient_norms = gpu_->arrays.pointer<float>(at_norms);
        a.accepted = gpu_->arrays.pointer<unsigned char>(at_accepted);
        a.tallies = gpu_->arrays.pointer<Tally>(at_tallies);
        gpu_->launch(module_->run, blocks(n), plan_.shape.threads, plan_.shared_bytes(), a);
        // Everything lies behind everything else, so the last copy brings it all.
        const std::size_t from = done + now < c.steps ? at_tallies : at_x;
        gpu_->to_host(host + from, gpu_->arrays.card() + from, bytes - from);
        gpu_->wait();
        std::memcpy(tallies.data(), host + at_tallies, bytes_of(tallies));
        for (const Tally& tally : tallies)
            add(tally, plan_.elements(), done, c.report);
        done += now;
    } while (done < c.steps);
    std::memcpy(x, host + at_x, x_bytes);
    if (c.steps == 0 && c.settings.rule != kernels::Rule::mala) return; // nothing was evaluated
    if (c.energies) std::memcpy(c.energies + start, host + at_energies, count * sizeof(float));
    if (c.gradient_norms) std::memcpy(c.gradient_norms + start, host + at_norms, count * sizeof(float));
    if (c.accepted) std::memcpy(c.accepted + start, host + at_accepted, count);
}

void Kernel::parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                float energy_factor, float* energies, std::span<float* const> gradients,
                                const std::int64_t*) const {
    require_parameters(plan_.parameter_sizes.size(), gradients.size());
    const std::lock_guard lock(gpu_->mutex);
    gpu_->driver.enter();
    const auto count = static_cast<std::size_t>(n);
    const std::size_t x_bytes = count * static_cast<std::size_t>(plan_.elements()) * sizeof(float);
    const std::size_t row_bytes = count * sizeof(float), gradient_bytes = plan_.raw_floats * sizeof(float);
    Places places;
    const std::size_t at_x = places.take(x_bytes), at_coefficients = places.take(row_bytes),
                      at_energies = places.take(row_bytes), at_gradients = places.take(gradient_bytes);
    gpu_->host.reserve(places.bytes());
    gpu_->arrays.reserve(places.bytes());
    std::byte* host = gpu_->host.host();

    // The groups depend on the batch and the network alone, so that every card rounds alike.
    const int stride = weight_layout(plan_.shape).forward_floats;
    const auto affordable =
        static_cast<int>(summed_bytes / (static_cast<std::size_t>(stride) * sizeof(float)));
    const int groups = std::min(tiles(n), std::clamp(affordable, 1, most_groups));
    if (n > 0) {
        std::memcpy(host + at_x, x, x_bytes);
        std::memcpy(host + at_coefficients, coefficients, row_bytes);
        gpu_->to_card(gpu_->arrays.card() + at_x, host + at_x, at_energies - at_x);
        gpu_->sums.reserve(static_cast<std::size_t>(groups) * static_cast<std::size_t>(stride) *
                           sizeof(float));
        const GradientArguments a{network(groups),
                                  gpu_->arrays.pointer<float>(at_x),
                                  static_cast<int>(n),
                                  gpu_->arrays.pointer<float>(at_coefficients),
                                  energy_factor,
                                  gpu_->arrays.pointer<float>(at_energies),
                                  gpu_->sums.pointer<float>()};
        gpu_->launch(module_->gradient, groups, plan_.shape.threads, plan_.shared_bytes(), a);
    }
    const SumArguments s{gpu_->sums.pointer<float>(),
                         groups,
                         stride,
                         gradient_tables_.pointer<int>(),
                         gradient_tables_.pointer<float>(bytes_of(plan_.place)),
                         gpu_->arrays.pointer<float>(at_gradients),
                         static_cast<int>(plan_.raw_floats)};
    gpu_->launch(module_->sum, table_blocks(plan_.raw_floats), table_threads, 0, s);
    gpu_->to_host(host + at_energies, gpu_->arrays.card() + at_energies, places.bytes() - at_energies);
    gpu_->wait();
    if (n > 0) std::memcpy(energies, host + at_energies, row_bytes);
    const float* from = reinterpret_cast<const float*>(host + at_gradients);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        std::copy_n(from, plan_.parameter_sizes[i], gradients[i]);
        from += plan_.parameter_sizes[i];
    }
}

} // namespace ebm::cuda
