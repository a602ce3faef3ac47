#include "core/sample/rows.h"

#include <doctest/doctest.h>

using torch::Tensor;

DOCTEST_TEST_CASE("Rows: taking, putting, joining and copying equal LibTorch's operations") {
    torch::manual_seed(3);
    for (const Tensor& x : {torch::randn({9, 2}), torch::randn({9, 1, 3, 4}),
                            torch::randn({9}, torch::kDouble), torch::randn({2, 9}).t()}) {
        const Tensor rows = torch::tensor({8, 0, 3, 3}, torch::kLong);
        DOCTEST_CHECK(torch::equal(ebm::take_rows(x, rows), x.index_select(0, rows)));
        DOCTEST_CHECK(torch::equal(ebm::joined_rows(x, x.flip(0)), torch::cat({x, x.flip(0)})));
        const Tensor copy = ebm::copy_of(x);
        DOCTEST_CHECK(torch::equal(copy, x));
        DOCTEST_CHECK(copy.data_ptr() != x.data_ptr());
        DOCTEST_CHECK(copy.is_contiguous());
        const Tensor places = torch::tensor({7, 2}, torch::kLong), values = x.slice(0, 0, 2) + 1;
        const Tensor expected = x.clone(at::MemoryFormat::Contiguous).index_copy_(0, places, values);
        ebm::put_rows(copy, places, values);
        DOCTEST_CHECK(torch::equal(copy, expected));
        const std::vector<double> numbers = ebm::numbers_of(x);
        DOCTEST_CHECK(torch::equal(torch::tensor(numbers, torch::kDouble), x.flatten().to(torch::kDouble)));
    }
}

DOCTEST_TEST_CASE("Rows: what does not fit is refused before anything is written") {
    const Tensor x = torch::zeros({4, 2});
    DOCTEST_CHECK_THROWS(ebm::take_rows(x, torch::tensor({4}, torch::kLong)));
    DOCTEST_CHECK_THROWS(ebm::take_rows(x, torch::tensor({-1}, torch::kLong)));
    DOCTEST_CHECK_THROWS(ebm::put_rows(x, torch::tensor({0}, torch::kLong), torch::ones({1, 3})));
    DOCTEST_CHECK_THROWS(
        ebm::put_rows(x, torch::tensor({0}, torch::kLong), torch::ones({1, 2}, torch::kDouble)));
    DOCTEST_CHECK(x.abs().sum().item<float>() == 0);
}
