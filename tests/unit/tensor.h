#pragma once

/// What tests use of LibTorch beside core/base/tensor.h. The unit tests see it through their precompiled
/// header.
#include "core/base/tensor.h"

#include <ATen/ops/_unique.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cov.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/det.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_det.h>
#include <ATen/ops/linalg_slogdet.h>
#include <ATen/ops/linalg_solve_triangular.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/meshgrid.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/square.h>
