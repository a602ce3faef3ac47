#pragma once

#include <string>
#include <vector>

/// Names of the classes of published sets, in the order of their labels.
namespace ebm::data {

std::vector<std::string> mnist_classes();         ///< 10
std::vector<std::string> fashion_mnist_classes(); ///< 10
std::vector<std::string> cifar10_classes();       ///< 10
std::vector<std::string> cifar100_classes();      ///< 100 fine classes
std::vector<std::string> svhn_classes();          ///< digits 0 … 9

} // namespace ebm::data
