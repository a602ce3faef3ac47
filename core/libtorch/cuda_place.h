#pragma once

#include "core/cuda/library.h"
#include "core/libtorch/place.h"

namespace ebm::libtorch {

/// The first card. Throws Error in words if LibTorch cannot compute there.
std::shared_ptr<const Place> cuda_place(cuda::Precision precision);

} // namespace ebm::libtorch
