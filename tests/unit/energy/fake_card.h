#pragma once

#include "core/base/error.h"
#include "core/cuda/library.h"
#include "core/energy/graph_energy.h"
#include "core/libtorch/graph_on_place.h"
#include "core/libtorch/place.h"
#include "core/network/stack.h"

/// Cards that tests can have anywhere.
namespace ebm::tests {

/// A kernel that can be broken: energies too large by a tenth, or an error like a driver's.
class Breakable final : public FusedKernel {
public:
    Breakable(std::unique_ptr<FusedKernel> right, bool wrong, int* calls_left)
        : right_(std::move(right)), wrong_(wrong), calls_left_(calls_left) {}
    void pack(std::span<const float* const> weights) override { right_->pack(weights); }
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* labels) const override {
        work();
        right_->evaluate(x, n, energies, gradients, labels);
        for (std::int64_t i = 0; wrong_ && i < n; ++i)
            energies[i] *= 1.1f;
    }
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* norms, kernels::StepReport& report, std::uint8_t* accepted,
             const std::int64_t* labels) const override {
        work();
        right_->run(x, n, settings, first, steps, energies, norms, report, accepted, labels);
    }
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* labels) const override {
        work();
        right_->parameter_gradient(x, n, coefficients, factor, energies, gradients, labels);
    }
    std::string name() const override { return "on a fake card"; }

private:
    void work() const {
        if (!calls_left_) return;
        if (*calls_left_ == 0)
            throw Error("The GPU failed while running a kernel", "CUDA error 719, unspecified launch failure",
                        "Start again, or compute on the CPU (--device cpu).");
        --*calls_left_;
    }
    std::unique_ptr<FusedKernel> right_;
    bool wrong_;
    int* calls_left_; ///< null: never fails
};

/// A card that computes stacks of layers with the CPU's kernel, or refuses them, computes wrong energies, or
/// fails after some calls.
class FakeCard final : public cuda::Device {
public:
    explicit FakeCard(bool refuses = false) : refuses_(refuses) {}
    std::string name() const override { return "Fake card"; }
    std::unique_ptr<FusedKernel> make(const network::Graph& graph) const override {
        const bool stack = network::layer_stack(graph).has_value();
        if (refuses_ && stack)
            throw Error("The network is too large for this card", "network",
                        "Compute on the CPU (--device cpu).");
        return made_of(stack ? cpu_kernel(graph)
                             : libtorch::graph_on(std::make_shared<libtorch::CpuPlace>(), graph));
    }
    mutable int made = 0;
    bool wrong = false;
    int* calls_left = nullptr; ///< null: never fails

private:
    std::unique_ptr<FusedKernel> made_of(std::unique_ptr<FusedKernel> right) const {
        ++made;
        return std::make_unique<Breakable>(std::move(right), wrong, calls_left);
    }
    bool refuses_;
};

} // namespace ebm::tests
