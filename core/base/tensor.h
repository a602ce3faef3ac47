#pragma once

/// Tensors, their operations and differentiation: what this program uses of LibTorch. <torch/torch.h> holds
/// networks, optimisers and data loaders beside them, which every file that includes it compiles anew.
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>
