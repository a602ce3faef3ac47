#pragma once

#include "core/base/tensor.h"
#include "core/data/coding.h"
#include "core/data/describe.h"
#include "core/data/file_kind.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebm::store {
class Input;
}

/// The one reader of samples: whatever a person gives, wherever it is given.
namespace ebm::data {

/// What a file holds, in its own units.
struct Records {
    /// Rows [n, columns] or pictures [n, channels, height, width]; uint8, float32 or float64.
    torch::Tensor values;
    std::vector<std::string> names; ///< of the columns, if the file has them
    bool chosen = false;            ///< a person chose the columns
    bool bits = false;              ///< booleans: 0 and 1 are all there is
    bool whole = false;             ///< integers of any size
    /// [n] int64, from the folders that pictures lie in, a file or an array beside them, or a column; −1 for
    /// a record without a class; undefined if no record has one.
    torch::Tensor labels;
    std::vector<std::string> classes; ///< what label k is called
    std::string source;               ///< for messages
    std::string note;                 ///< what a person should know about how it was read; mostly empty

    bool pictures() const { return values.dim() == 4; }
    std::int64_t count() const { return values.size(0); }
};

/// Reads tables, npy, npz, IDX, PNG, JPEG, each gzip or not, whatever it is called, and folders of pictures.
/// `path` may begin with ~; "-" is standard input; FILE.npz:NAME chooses an array. `columns` chooses columns
/// by name or by number from 1, or the array of an npz. Every row of the file is a record: one with a missing
/// or infinite number is an Error that names its line or record. Anything else is an Error that says what the
/// file is.
///
/// Classes come from the folders that pictures lie in, from the IDX file of labels beside one of images (see
/// labels_beside) and from the array of labels in an npz. `labels` names another array of an npz, or the
/// column of a table or an npy, by name or number, that holds them; an Error where there is nothing to name.
Records read_records(const std::string& path, const std::vector<std::string>& columns = {},
                     const std::string& labels = "");
Records read_records(store::Input& input, const std::vector<std::string>& columns = {},
                     const std::string& labels = "");

/// The file's numbers as the model has them: float32 [n, shape…]. Rows are standardised with `coding`, whose
/// columns are found by name if the file has them all. Pictures come from their own range (bytes, 0 … 1, −1 …
/// 1, 0 … 255, 0 … 65535) to −1 … 1; grey saved as colour, and colour for a grey model if all channels are
/// equal, are converted, opaque alpha is dropped. What a person should know is added to `notes`, a sentence
/// each. Throws Error if the records have another shape or no unmistakable range.
torch::Tensor encoded(const Records& records, const Coding& coding, const std::vector<std::int64_t>& shape,
                      std::vector<std::string>& notes);

/// The same without turning bytes into floats: pictures of bytes for a model that has learned bytes are uint8
/// [n, shape…], of which b means b / 127.5 − 1, and share memory with the records. Everything else is
/// float32.
torch::Tensor encoded_in_bytes(const Records& records, const Coding& coding,
                               const std::vector<std::int64_t>& shape, std::vector<std::string>& notes);

/// The coding that makes mean 0 and sd 1 of two columns. Throws Error for another number of columns, fewer
/// than two rows and a column without spread.
Coding standardising(const Records& records);
/// The coding of pictures: their range. Throws Error if it is not one that `encoded` knows.
Coding pixel_coding(const Records& records);
/// What makes one doubt that range, a sentence, as `encoded` adds it to its notes; else empty.
std::string pixel_doubt(const Records& records);

/// Whether pictures in colour have nothing but grey in them.
bool is_grey(const Records& records);
/// The same of pictures [n, C, H, W]. Stops at the first that has colour.
bool is_grey(const torch::Tensor& pictures);

/// "a, b,2" → {"a", "b", "2"}.
std::vector<std::string> split_columns(std::string_view text);

/// A checksum over the numbers, names not included; 8 hexadecimal digits.
std::string checksum(const Records& records);

} // namespace ebm::data
