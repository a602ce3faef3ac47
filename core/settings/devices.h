#pragma once

#include <array>
#include <string_view>

namespace ebm {

/// Where a person may have networks computed.
struct DeviceChoice {
    std::string_view name;  ///< of --device
    std::string_view title; ///< in the window
    std::string_view help;
};

inline constexpr std::array<DeviceChoice, 5> device_choices{{
    {"auto", "Compute where it is best",
     "An NVIDIA card in fp32 where there is one that agrees with the CPU, else the CPU"},
    {"cpu", "Compute on the CPU", "Fused kernels for this processor's vector instructions"},
    {"cuda", "Compute on an NVIDIA card",
     "Fused CUDA kernels on the first card, in fp32; says so if there is none"},
    {"cuda_tf32", "Compute on an NVIDIA card, TF32",
     "The same on the card's tensor cores, which round both factors of a product to ten bits: energies and "
     "gradients are "
     "off by about a thousandth"},
    {"cuda_bf16", "Compute on an NVIDIA card, bfloat16",
     "Residual networks keep seven bits of weights and intermediate results while chains move, which is "
     "fastest "
     "and off by about a hundredth; their training gradients, and other networks, are computed in TF32"},
}};

} // namespace ebm
