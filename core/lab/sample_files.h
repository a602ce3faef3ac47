#pragma once

#include "core/lab/laboratory.h"

#include <string>

namespace ebm::lab {

/// Throws Error unless write_samples knows the kind of file: .png, .csv or .npy in any case, or a stream.
void require_writable_kind(const std::string& path);

/// Writes samples atomically. .csv, and where files::is_stream: one row a sample. .npy: float32 of shape [n,
/// 2] or [n, C, H, W]. .png: a grid of the pictures; on the plane a scatter plot of [−half_width,
/// half_width]². Throws Error.
void write_samples(const std::string& path, const Samples& samples, double half_width);

} // namespace ebm::lab
