#pragma once

#include "core/data/reader.h"

#include <filesystem>

/// The parts of the reader, one for a kind of file. Private to core/data.
namespace ebm::data {

/// `labels` chooses the column, of an npz the array, that holds the classes.
Records read_table_records(store::Input& input, const std::vector<std::string>& columns,
                           const std::string& labels);
Records read_npy_records(store::Input& input, const std::vector<std::string>& columns,
                         const std::string& labels);
/// `array` chooses one; empty: the only one, or the one that is called x, data, images or arr_0. Without
/// `labels`, an array that is called as labels of the chosen one are (y, labels, y_train beside x_train …)
/// holds them.
Records read_npz_records(store::Input& input, std::string array, const std::vector<std::string>& columns,
                         const std::string& labels);
Records read_idx_records(store::Input& input);
Records read_picture_records(store::Input& input);
/// Every picture below a folder, in natural order (2 before 10). The first folder below is the class. If one
/// is in colour, all are.
Records read_folder(const std::filesystem::path& folder);
FileDescription describe_folder(const std::filesystem::path& folder);

/// An array as NumPy has it to rows or pictures: [n] → [n, 1], [n, H, W] → [n, 1, H, W], [n, H, W, 3] → [n,
/// 3, H, W].
torch::Tensor as_records(const torch::Tensor& values, const std::string& source);

/// The array of an npz that is meant. Throws Error that names the arrays there are, or what the archive is.
std::string chosen_array(const std::vector<std::string>& names, const std::string& wanted,
                         const std::string& source);

} // namespace ebm::data
