#pragma once

#include "emulation.h"

#include "core/cuda/plan.h"
#include "core/cuda/steps.cuh"
#include "core/cuda/weights.cuh"
#include "core/kernels/step.h"

#include <span>
#include <vector>

/// The GPU kernels of the network N on emulated blocks, with the calls of FusedKernel.
template <class N>
class EmulatedKernel {
public:
    explicit EmulatedKernel(ebm::cuda::Plan plan, int blocks = 2) : plan_(std::move(plan)), blocks_(blocks) {
        workspace_.resize(static_cast<std::size_t>(blocks_) * layout.workspace_floats, NAN);
        packed_.resize(plan_.source.size());
    }

    void pack(std::span<const float* const> parameters) {
        std::vector<float> raw;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            raw.insert(raw.end(), parameters[i], parameters[i] + plan_.parameter_sizes[i]);
        const ebm::cuda::PackArguments a{raw.data(), plan_.source.data(), plan_.scale.data(), packed_.data(),
                                         static_cast<int>(packed_.size())};
        for (int i = 0; i < a.count; ++i)
            ebm::cuda::pack_weights(a, i);
    }

    void evaluate(const float* x, int n, float* energies, float* gradients) {
        const ebm::cuda::EvaluateArguments a{network(), x, n, energies, gradients};
        emulation::launch(blocks_, N::shape.threads, shared_bytes, [&] { ebm::cuda::evaluate_batch<N>(a); });
    }

    std::vector<ebm::cuda::Tally> run(float* x, int n, const ebm::cuda::RunArguments& settings,
                                      float* energies, float* gradient_norms, unsigned char* accepted) {
        std::vector<ebm::cuda::Tally> tallies(
            static_cast<std::size_t>((n + N::shape.tile - 1) / N::shape.tile));
        ebm::cuda::RunArguments a = settings;
        a.network = network();
        a.x = x;
        a.n = n;
        a.energies = energies;
        a.gradient_norms = gradient_norms;
        a.accepted = accepted;
        a.tallies = tallies.data();
        emulation::launch(blocks_, N::shape.threads, shared_bytes, [&] { ebm::cuda::run_chains<N>(a); });
        return tallies;
    }

    /// The gradients of all parameters one behind the other.
    std::vector<float> parameter_gradient(const float* x, int n, const float* coefficients,
                                          float energy_factor, float* energies) {
        const int stride = ebm::cuda::weight_layout(N::shape).forward_floats;
        const int groups = std::min(blocks_, (n + N::shape.tile - 1) / N::shape.tile);
        std::vector<float> sums(static_cast<std::size_t>(groups) * stride, NAN);
        const ebm::cuda::GradientArguments a{network(),     x,        n,          coefficients,
                                             energy_factor, energies, sums.data()};
        emulation::launch(groups, N::shape.threads, shared_bytes, [&] { ebm::cuda::gradient_sums<N>(a); });
        std::vector<float> gradients(plan_.raw_floats, NAN);
        const ebm::cuda::SumArguments s{sums.data(),
                                        groups,
                                        stride,
                                        plan_.place.data(),
                                        plan_.gradient_scale.data(),
                                        gradients.data(),
                                        static_cast<int>(gradients.size())};
        for (int i = 0; i < s.count; ++i)
            ebm::cuda::sum_groups(s, i);
        return gradients;
    }

private:
    static constexpr ebm::cuda::BlockLayout layout = ebm::cuda::block_layout(N::shape);
    static constexpr int shared_bytes = 4 * layout.shared_floats;
    ebm::cuda::NetworkArguments network() { return {packed_.data(), workspace_.data(), plan_.curvature}; }

    ebm::cuda::Plan plan_;
    int blocks_;
    std::vector<float> packed_, workspace_;
};
