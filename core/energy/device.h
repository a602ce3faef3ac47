#pragma once

#include "core/energy/energy.h"

#include <memory>
#include <string>

namespace ebm {

/// Where the kernels of networks compute.
struct ComputeDevice {
    std::shared_ptr<const cuda::Device> gpu; ///< null: the CPU
    bool required = false;                   ///< the user named it
    std::string note; ///< one sentence: why the CPU although a GPU was welcome, or empty
};

/// wanted: a name of device_choices. Loads the GPU library, and with it the driver, only if a GPU is wanted.
/// Throws Error if `cuda` cannot be had, or for another word. `auto` takes the CPU and says why in the note.
ComputeDevice open_device(const std::string& wanted);

/// Moves an energy to the device. If the GPU cannot hold it, that is an Error where it was required, and else
/// the energy stays on the CPU and the note says why.
void move_to(ComputeDevice& device, Energy& energy);

/// "CPU", "NVIDIA H200"
std::string device_name(const cuda::Device* gpu);

} // namespace ebm
