#pragma once

#include "core/energy/energy.h"
#include "core/settings/settings.h"

#include <functional>

namespace ebm {

/// Calls `use` with batches of every row of x under every class: row 0 with class 0, 1, …, row 1 with class
/// 0, … A batch has a few hundred pairs at most, which bounds the memory of copies and activations, with a
/// thousand classes too.
void for_all_labels(const torch::Tensor& x, int classes, const std::function<void(const Batch&)>& use);

/// E(x, y) of a conditional energy for every class y: [n, classes]. x: [n, sample shape…].
torch::Tensor class_energies(const Energy& energy, const torch::Tensor& x);

/// [n] of [n, classes].
torch::Tensor without_class(const torch::Tensor& class_energies, ClassScore score);

/// E(x) = −log Σ_y exp(−E(x, y)), and ∇E = Σ_y p(y|x) ∇E(x, y), detached.
torch::Tensor marginal(const Energy& energy, const torch::Tensor& x);
ValueAndGradient marginal_and_gradient(const Energy& energy, const torch::Tensor& x);

/// E(x, label) of `energy` as an energy of x alone; it shares the weights. Null stays null.
std::shared_ptr<const Energy> given_class(std::shared_ptr<const Energy> energy, std::int64_t label);

/// For kernels: null without labels. The labels must be contiguous int64.
const std::int64_t* label_pointer(const Batch& batch);

/// n labels: 0, 1, …, classes − 1, 0, 1, … from `first` on; undefined without classes.
torch::Tensor labels_in_turn(std::int64_t n, int classes, std::int64_t first = 0);

} // namespace ebm
