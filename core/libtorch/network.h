#pragma once

#include "core/base/tensor.h"
#include "core/network/graph.h"

#include <span>
#include <utility>
#include <vector>

namespace ebm::libtorch {

/// A graph with its weights on a device: energies, and gradients that are written out here, see place.h.
/// x: fp32 [n, channels, height, width]; labels: int64 [n], not read by graphs without classes; all on the
/// device. Energies are fp32 [n].
class Network {
public:
    /// type: of convolutions and hidden layers in `energies` and `energies_and_gradient`.
    Network(network::Graph graph, at::Device device, at::ScalarType type);

    const network::Graph& graph() const { return graph_; }
    /// Elements of a sample.
    std::int64_t elements() const { return graph_.input.elements(); }
    /// Bytes of all results of one sample, which a gradient keeps.
    std::int64_t sample_bytes() const;

    /// Host arrays in the layout of Graph::weights, as they are used; overwrites the tensors in place, which
    /// recordings hold.
    void pack(std::span<const float* const> weights);

    at::Tensor energies(const at::Tensor& x, const at::Tensor& labels) const;
    /// The gradient is by x, in its shape.
    std::pair<at::Tensor, at::Tensor> energies_and_gradient(const at::Tensor& x,
                                                            const at::Tensor& labels) const;
    /// Energies, and Σ_i (coefficients[i] + energy_factor·E(x_i)) ∂E(x_i)/∂weights in fp32, one tensor for
    /// each of Graph::weights, undefined for those that no node reads.
    std::pair<at::Tensor, std::vector<at::Tensor>> weight_gradients(const at::Tensor& x,
                                                                    const at::Tensor& labels,
                                                                    const at::Tensor& coefficients,
                                                                    double energy_factor) const;

private:
    struct Passed;
    /// keep: every result, for `backward`.
    Passed forward(const at::Tensor& x, const at::Tensor& labels, at::ScalarType type, bool keep) const;
    at::Tensor scaled_energies(const Passed& passed, const at::Tensor& x) const;
    /// From ∂/∂E to ∂/∂x (undefined if `gradients` are wanted instead).
    at::Tensor backward(const Passed& passed, const at::Tensor& x, const at::Tensor& seed,
                        std::vector<at::Tensor>* gradients) const;
    const at::Tensor& weight(int index, at::ScalarType type) const;
    const at::Tensor& turned(int index, at::ScalarType type) const;
    at::Tensor rows_of(const at::Tensor& table, const at::Tensor& labels) const;

    network::Graph graph_;
    at::Device device_;
    at::ScalarType type_;
    std::vector<int> last_reader_;    ///< of each node: the last node that reads it
    std::vector<at::Tensor> weights_; ///< fp32
    std::vector<at::Tensor> rounded_; ///< the same in type_
    /// Of convolutions that keep the size of pictures: [in][out][kernel][kernel], rows and columns turned
    /// round. With it a convolution of the gradients of results gives those of inputs.
    std::vector<at::Tensor> turned_, turned_rounded_;
};

} // namespace ebm::libtorch
