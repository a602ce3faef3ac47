#pragma once

#include "core/base/tensor.h"

/// Rows of tensors [n, …], copied on the calling thread. LibTorch's own operations would start its threads,
/// which spin for milliseconds afterwards on the cores that the kernels need next, and take longer to begin
/// than a batch takes to copy. All results are contiguous; nothing is differentiated.
namespace ebm {

torch::Tensor copy_of(const torch::Tensor& x);
/// x[rows[0]], x[rows[1]], …; rows: int64 [N], each in [0, n).
torch::Tensor take_rows(const torch::Tensor& x, const torch::Tensor& rows);
/// x[rows[i]] = values[i]; x is contiguous and values of its type.
void put_rows(const torch::Tensor& x, const torch::Tensor& rows, const torch::Tensor& values);
/// The rows of a, then those of b.
torch::Tensor joined_rows(const torch::Tensor& a, const torch::Tensor& b);

/// The numbers of a tensor of float or double.
std::vector<double> numbers_of(const torch::Tensor& x);

} // namespace ebm
