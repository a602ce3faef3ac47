#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// How a model's coordinates and the numbers of its files are made of each other. One model has one coding;
/// it is kept in the checkpoint, applied by the reader and undone by the writer.
namespace ebm::data {

struct Coding {
    struct Column {
        std::string name;
        double mean = 0, sd = 1; ///< x = (file − mean) / sd
        bool operator==(const Column&) const = default;
    };
    std::vector<Column> columns; ///< of points; empty for pictures
    /// Of pictures: the numbers of the training file that are −1 and 1 in the model. 0 and 255 for bytes.
    double low = 0, high = 255;

    /// Whether the file's numbers are the model's.
    bool identity() const;
    double to_file(std::size_t column, double x) const {
        return columns[column].mean + columns[column].sd * x;
    }
    double to_model(std::size_t column, double value) const {
        return (value - columns[column].mean) / columns[column].sd;
    }
    std::vector<std::string> names() const;
    bool operator==(const Coding&) const = default;
};

/// The coding of points that have no file: columns x and y, mean 0, sd 1.
Coding plane_coding();

/// "height_cm = 173.3 + 10.02 x, weight_kg = 72.98 + 13.47 y" or "0 … 255 become −1 … 1"; empty for identity.
std::string coding_in_words(const Coding& coding);

/// JSON, with all digits. parse_coding throws Error that names `source` if the text is something else or a
/// number is not plausible.
std::string coding_json(const Coding& coding);
Coding parse_coding(const std::string& json, const std::string& source);

} // namespace ebm::data
