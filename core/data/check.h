#pragma once

#include "core/data/picture_form.h"

#include <cstdint>
#include <string>
#include <vector>

/// What a file or folder of samples holds, read as the program reads it to learn from it.
namespace ebm::data {

struct DataReport {
    std::int64_t count = 0;
    std::int64_t held_out = 0;        ///< of them, in a set that says itself which it holds out
    std::vector<std::int64_t> shape;  ///< of one sample: {columns} or {channels, height, width}
    std::vector<std::string> columns; ///< names, if the file has them
    double low = 0, high = 0, mean = 0;
    struct Class {
        std::string name;
        std::int64_t count = 0;
    };
    std::vector<Class> classes;     ///< empty without classes
    std::int64_t unclassified = 0;  ///< samples without a class, where others have one
    std::string transform;          ///< how its numbers become the model's: "0 … 255 become −1 … 1"
    std::vector<std::string> notes; ///< what a person should know, a sentence each
    std::vector<std::string>
        problems; ///< what is wrong, with file, record and remedy; nothing if all is well

    bool pictures() const { return shape.size() == 3; }
};

/// What keeps a model from learning these classes, a sentence each: some have no samples, or there are about
/// as many as samples.
std::vector<std::string> problems_of_classes(const std::vector<DataReport::Class>& classes,
                                             const std::string& source);

/// `columns` as in split_columns; `form`: what the pictures of a folder are brought to. What is wrong with
/// the content is in the report; throws nothing but for a lack of memory.
DataReport check_data(const std::string& path, const std::string& columns = "", const PictureForm& form = {});

} // namespace ebm::data
