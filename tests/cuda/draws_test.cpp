#include "emulation.h"

#include "core/cuda/chains.h"
#include "core/cuda/compiler.h"
#include "core/cuda/draws.cuh"
#include "core/kernels/noise.h"

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace ebm;

/// What the card's threads draw into an array of `rows` rows, and five numbers behind it that stay as they
/// are.
template <class Draw>
std::vector<float> drawn(std::int64_t rows, int elements, const random::Place& first, Draw draw) {
    std::vector<float> numbers(static_cast<std::size_t>(rows * elements) + 5, -77.0f);
    const cuda::DrawArguments a = cuda::draw_arguments(numbers.data(), rows, elements, first);
    for (std::int64_t thread = 0; thread < rows * ((elements + 3) / 4) + 300; ++thread)
        draw(a, thread);
    for (int i = 0; i < 5; ++i) {
        DOCTEST_CHECK(numbers.back() == -77.0f);
        numbers.pop_back();
    }
    return numbers;
}

} // namespace

DOCTEST_TEST_CASE("GPU draws: the CPU's random numbers") {
    for (const int elements : {1, 2, 4, 7, 784}) {
        DOCTEST_CAPTURE(elements);
        const std::int64_t rows = 9;
        random::Place first{0xABCDEF0123456789ull, random::Stream::noise, 3, 40, 9};
        std::vector<float> expected(static_cast<std::size_t>(rows * elements));
        kernels::fill_normal(expected.data(), rows, elements, first, 1);
        const auto normals = drawn(rows, elements, first,
                                   [](const auto& a, std::int64_t thread) { cuda::draw_normals(a, thread); });
        for (std::size_t i = 0; i < expected.size(); ++i)
            DOCTEST_CHECK(normals[i] == doctest::Approx(expected[i]).epsilon(1e-5));
        for (const random::Stream stream : {random::Stream::choice, random::Stream::jump}) {
            first.stream = stream;
            kernels::fill_uniform(expected.data(), rows, elements, first, 1);
            DOCTEST_CHECK(drawn(rows, elements, first, [](const auto& a, std::int64_t thread) {
                              cuda::draw_uniforms(a, thread);
                          }) == expected);
        }
    }
}

DOCTEST_TEST_CASE("GPU compiler: the draws compile for every kind of card") {
    const cuda::Compiler compiler;
    for (const int architecture : {75, 80, 90, 120}) {
        const std::string code = compiler.compile("", architecture, cuda::Compiler::draw_kernels);
        DOCTEST_CHECK(code.find("normals_kernel") != std::string::npos);
        DOCTEST_CHECK(code.find("uniforms_kernel") != std::string::npos);
    }
    DOCTEST_CHECK(compiler.key("", 90) != compiler.key("", 90, cuda::Compiler::draw_kernels));
}
