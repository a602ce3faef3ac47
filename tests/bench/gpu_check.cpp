// The kernels of the GPU library as plain C functions, for gpu_check.py. With EBM_REHEARSAL it is the CPU's
// kernels instead, to try the check itself on a machine without a GPU.

#include "core/base/error.h"
#include "core/cuda/library.h"
#include "core/network/plain.h"
#include "core/network/residual.h"

#ifdef EBM_REHEARSAL
#include "core/kernels/graph_kernel.h"
#endif

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace ebm;

std::string problem, name_of_device;

/// The result of work(), or `otherwise` with the words kept for check_problem.
template <class Result>
Result guarded(Result otherwise, const std::function<Result()>& work) {
    try {
        return work();
    } catch (const std::exception& error) {
        problem = error.what();
        return otherwise;
    }
}

#ifdef EBM_REHEARSAL
class OnCpu final : public FusedKernel {
public:
    explicit OnCpu(const network::Graph& graph) : kernel_(graph) {}
    void pack(std::span<const float* const> weights) override { kernel_.pack(weights); }
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* labels) const override {
        kernel_.evaluate(x, labels, n, energies, gradients, 1);
    }
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t* labels) const override {
        kernel_.run(x, labels, n, settings, first, steps, 1, energies, gradient_norms, report, accepted);
    }
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* labels) const override {
        kernel_.parameter_gradient(x, labels, n, coefficients, energy_factor, energies, gradients, 1);
    }
    std::string name() const override { return "rehearsal on the CPU"; }

private:
    kernels::GraphKernel kernel_;
};

class Rehearsal final : public cuda::Device {
public:
    std::string name() const override { return "no card"; }
    std::unique_ptr<FusedKernel> make(const network::Graph& graph) const override {
        return std::make_unique<OnCpu>(graph);
    }
};

cuda::Device* open_device(cuda::Precision) {
    return new Rehearsal;
}
#else
cuda::Device* open_device(cuda::Precision precision) {
    return ebmlab_cuda_open(precision);
}
#endif

} // namespace

extern "C" {

const char* check_problem() {
    return problem.c_str();
}

/// precision: as cuda::Precision counts.
cuda::Device* check_open(int precision) {
    return guarded<cuda::Device*>(nullptr,
                                  [=] { return open_device(static_cast<cuda::Precision>(precision)); });
}

const char* check_device_name(const cuda::Device* device) {
    name_of_device = device->name();
    return name_of_device.c_str();
}

FusedKernel* check_mlp(const cuda::Device* device, int inputs, const int* hidden, int layers, int activation,
                       float input_scale, float output_scale, float confinement) {
    return guarded<FusedKernel*>(nullptr, [&] {
        const network::PerceptronSpec spec{inputs,
                                           {hidden, hidden + layers},
                                           static_cast<Activation>(activation),
                                           input_scale,
                                           output_scale,
                                           confinement};
        return device->make(network::perceptron_graph(spec)).release();
    });
}

FusedKernel* check_conv(const cuda::Device* device, int channels, int height, int width, const int* filters,
                        int count, int hidden, int activation) {
    return guarded<FusedKernel*>(nullptr, [&] {
        return device
            ->make(network::tutorial_graph({channels, height, width}, {filters, filters + count}, hidden,
                                           static_cast<Activation>(activation)))
            .release();
    });
}

FusedKernel* check_residual(const cuda::Device* device, int channels, int height, int width, int classes,
                            int filters, const int* widths, const int* blocks, int stages, int activation) {
    return guarded<FusedKernel*>(nullptr, [&] {
        network::ResidualSpec spec;
        spec.input = {channels, height, width};
        spec.classes = classes;
        spec.stem = spec.channels = filters;
        spec.widths = {widths, widths + stages};
        spec.blocks = {blocks, blocks + stages};
        spec.activation = static_cast<Activation>(activation);
        return device->make(network::residual_graph(spec)).release();
    });
}

void check_delete(FusedKernel* kernel) {
    delete kernel;
}

bool check_pack(FusedKernel* kernel, const float* const* parameters, int count) {
    return guarded<bool>(false, [&] {
        kernel->pack({parameters, static_cast<std::size_t>(count)});
        return true;
    });
}

bool check_evaluate(const FusedKernel* kernel, const float* x, std::int64_t n, float* energies,
                    float* gradients, const std::int64_t* labels) {
    return guarded<bool>(false, [&] {
        kernel->evaluate(x, n, energies, gradients, labels);
        return true;
    });
}

/// numbers: drift, noise, spread, gradient_clip, drift_limit, box_low, box_high, jump_share.
/// report: the sums of StepReport in its order.
bool check_run(const FusedKernel* kernel, float* x, std::int64_t n, int rule, const float* numbers, bool box,
               std::uint64_t seed, std::uint32_t group, std::uint32_t chain, std::uint32_t step, int steps,
               float* energies, float* gradient_norms, std::uint8_t* accepted, double* report,
               const std::int64_t* labels) {
    return guarded<bool>(false, [&] {
        const kernels::StepSettings settings{static_cast<kernels::Rule>(rule),
                                             numbers[0],
                                             numbers[1],
                                             numbers[2],
                                             numbers[3],
                                             numbers[4],
                                             box,
                                             numbers[5],
                                             numbers[6],
                                             numbers[7]};
        kernels::StepReport r;
        kernel->run(x, n, settings, {seed, random::Stream::noise, group, chain, step}, steps, energies,
                    gradient_norms, r, accepted, labels);
        const auto number = [](auto value) { return static_cast<double>(value); };
        const double sums[] = {number(r.chain_steps),
                               number(r.elements),
                               r.gradient_norm,
                               r.gradient_norm_max,
                               r.distance,
                               number(r.clipped),
                               number(r.clamped),
                               number(r.proposals),
                               number(r.accepted),
                               number(r.jumps),
                               number(r.jumps_accepted),
                               number(r.non_finite_step)};
        std::copy(std::begin(sums), std::end(sums), report);
        return true;
    });
}

bool check_parameter_gradient(const FusedKernel* kernel, const float* x, std::int64_t n,
                              const float* coefficients, float energy_factor, float* energies,
                              float* const* gradients, int count, const std::int64_t* labels) {
    return guarded<bool>(false, [&] {
        kernel->parameter_gradient(x, n, coefficients, energy_factor, energies,
                                   {gradients, static_cast<std::size_t>(count)}, labels);
        return true;
    });
}

} // extern "C"
