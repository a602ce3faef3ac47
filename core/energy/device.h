#pragma once

#include "core/cuda/library.h"
#include "core/energy/energy.h"

#include <functional>
#include <memory>
#include <string>

namespace ebm {

/// Where the kernels of networks compute.
struct ComputeDevice {
    std::shared_ptr<const cuda::Device> gpu; ///< null: the CPU
    bool required = false;                   ///< the user named it
    double tolerance = 1e-3;                 ///< of a card's energies, of their size
    std::string note = {}; ///< one sentence: why the CPU although a GPU was welcome, or empty
};

/// What opens a card for open_device, with the errors of ebmlab_cuda_open. Tests put a card of their own in
/// the place of ebmlab_cuda.so; an empty one puts that back.
using OpenCard = std::function<std::unique_ptr<cuda::Device>(cuda::Precision)>;
void open_cards_by(OpenCard open);

/// wanted: a name of device_choices. Loads the GPU library, and with it the driver, only if a GPU is wanted.
/// Throws Error if a card was named and cannot be had, or for another word. `auto` takes a card, and where
/// none can be had the CPU, and says why in the note.
ComputeDevice open_device(const std::string& wanted);

/// Moves an energy to the device. If the GPU cannot hold it, or computes other numbers of a few samples than
/// the CPU, that is an Error where it was required, and else the energy stays on the CPU and the note says
/// why.
void move_to(ComputeDevice& device, Energy& energy);

/// "CPU", "NVIDIA H200"
std::string device_name(const cuda::Device* gpu);

} // namespace ebm
