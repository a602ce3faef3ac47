#pragma once

#include "core/data/coding.h"
#include "core/lab/types.h"

#include <string>

namespace ebm::lab {

/// Throws Error unless write_samples knows the kind of file: .png, .csv or .npy in any case, or a stream.
void require_writable_kind(const std::string& path);

/// Writes samples atomically. .csv, and where files::is_stream: one row a sample, points in the numbers and
/// under the names of the file that the model was trained on, with as many digits as the model's coordinates
/// have. .npy: [n, 2] or [n, C, H, W], float32, or float64 where `coding` changes points. Pixels are written
/// from −1 to 1; where the training file had other numbers than bytes, in those. .png: a grid of the
/// pictures; on the plane a scatter plot of [−half_width, half_width]² in the model's coordinates. Throws
/// Error.
void write_samples(const std::string& path, const Samples& samples, const data::Coding& coding,
                   double half_width);

/// Samples of a file or folder in the coordinates of a model of `kind`: data::read_records and data::encoded.
/// What a person should know goes to the log. `columns` as in the setting data.columns; empty: those that the
/// model learned, where the file names them, else all. Throws Error.
Samples read_samples(const std::string& path, const SampleKind& kind, const data::Coding& coding,
                     const std::string& columns = {});

} // namespace ebm::lab
