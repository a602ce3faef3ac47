#pragma once

#include "core/data/reader.h"

#include <string>
#include <vector>

/// Classes of records, from numbers or from names.
namespace ebm::data {

/// More classes than this are no classes.
inline constexpr std::int64_t most_classes = 100'000;

/// Puts the numbers [n] or [n, 1] of `source` into `records` as labels. Numbers from 0 are the labels
/// themselves, and the classes go to the largest of them; where 0 is missing and 1 … K are all there, number
/// 1 is label 0. The classes are called by their numbers. Throws Error that names the record where a number
/// is no class, and where there is not one number for each record.
void set_labels(Records& records, const torch::Tensor& numbers, const std::string& source);

/// The same from one name for each record: the classes are the different names, in natural order (2 before
/// 10).
void set_labels(Records& records, const std::vector<std::string>& names, const std::string& source);

/// Labels of `records` as those of `classes`, by name. Throws Error that names a class that is not among
/// them.
void match_classes(Records& records, const std::vector<std::string>& classes);

/// Compares text in which numbers count as numbers: 2 before 10.
bool natural_less(const std::string& a, const std::string& b);

} // namespace ebm::data
