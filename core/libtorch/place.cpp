#include "core/libtorch/place.h"

#include "core/kernels/noise.h"

#include <ATen/Parallel.h>

namespace ebm::libtorch {

void CpuPlace::normals(const at::Tensor& to, const random::Place& first) const {
    kernels::fill_normal(to.data_ptr<float>(), to.size(0), to.size(1), first, at::get_num_threads());
}

void CpuPlace::uniforms(const at::Tensor& to, const random::Place& first) const {
    kernels::fill_uniform(to.data_ptr<float>(), to.size(0), to.size(1), first, at::get_num_threads());
}

} // namespace ebm::libtorch
