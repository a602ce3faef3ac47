#include "core/sample/rows.h"

#include <cstring>

namespace ebm {
namespace {

/// The bytes of a contiguous tensor of rows.
class Rows {
public:
    explicit Rows(const torch::Tensor& x)
        : begin_(static_cast<std::byte*>(x.data_ptr())), count_(x.size(0)),
          bytes_(x.numel() > 0 ? x.nbytes() / static_cast<std::size_t>(count_) : 0) {
        TORCH_CHECK(x.is_contiguous(), "rows must be contiguous");
    }
    std::byte* operator[](std::int64_t row) const {
        TORCH_CHECK_INDEX(row >= 0 && row < count_, "row ", row, " of ", count_);
        return begin_ + static_cast<std::size_t>(row) * bytes_;
    }
    std::size_t bytes() const { return bytes_; }

private:
    std::byte* begin_;
    std::int64_t count_;
    std::size_t bytes_;
};

torch::Tensor rows_like(const torch::Tensor& x, std::int64_t count) {
    std::vector<std::int64_t> sizes = x.sizes().vec();
    sizes[0] = count;
    return torch::empty(sizes, x.options().requires_grad(false));
}

} // namespace

torch::Tensor copy_of(const torch::Tensor& x) {
    torch::Tensor result = rows_like(x, x.size(0));
    std::memcpy(result.data_ptr(), x.contiguous().data_ptr(), x.nbytes());
    return result;
}

torch::Tensor take_rows(const torch::Tensor& x, const torch::Tensor& rows) {
    torch::Tensor result = rows_like(x, rows.size(0));
    const torch::Tensor whole = x.contiguous();
    const Rows from(whole), to(result);
    const std::int64_t* row = rows.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < rows.size(0); ++i)
        std::memcpy(to[i], from[row[i]], to.bytes());
    return result;
}

void put_rows(const torch::Tensor& x, const torch::Tensor& rows, const torch::Tensor& values) {
    TORCH_CHECK(x.scalar_type() == values.scalar_type() && x.sizes().slice(1) == values.sizes().slice(1) &&
                    rows.size(0) == values.size(0),
                "rows do not fit");
    const torch::Tensor whole = values.contiguous();
    const Rows from(whole), to(x);
    const std::int64_t* row = rows.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < rows.size(0); ++i)
        std::memcpy(to[row[i]], from[i], to.bytes());
}

torch::Tensor joined_rows(const torch::Tensor& a, const torch::Tensor& b) {
    torch::Tensor result = rows_like(a, a.size(0) + b.size(0));
    std::memcpy(result.data_ptr(), a.contiguous().data_ptr(), a.nbytes());
    std::memcpy(static_cast<std::byte*>(result.data_ptr()) + a.nbytes(), b.contiguous().data_ptr(),
                b.nbytes());
    return result;
}

std::vector<double> numbers_of(const torch::Tensor& x) {
    const torch::Tensor whole = x.contiguous();
    const auto numbers = [&]<class T>(const T* begin) {
        return std::vector<double>(begin, begin + whole.numel());
    };
    return whole.scalar_type() == torch::kFloat ? numbers(whole.data_ptr<float>())
                                                : numbers(whole.data_ptr<double>());
}

} // namespace ebm
