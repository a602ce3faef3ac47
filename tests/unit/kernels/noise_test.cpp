#include "twin.h"

#include "core/base/random.h"
#include "core/kernels/noise.h"
#include "core/kernels/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace ebm;

random::Place row_place(random::Place first, std::int64_t row) {
    first.chain += static_cast<std::uint32_t>(row);
    return first;
}

} // namespace

DOCTEST_TEST_CASE("random: Philox4x32-10 gives the known answers of its authors") {
    using random::Words;
    DOCTEST_CHECK(random::philox({0, 0, 0, 0}, 0, 0) ==
                  Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    DOCTEST_CHECK(random::philox({~0u, ~0u, ~0u, ~0u}, ~0u, ~0u) ==
                  Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    DOCTEST_CHECK(random::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0) ==
                  Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

DOCTEST_TEST_CASE("noise: vectorised numbers equal random.h for every row length") {
    const random::Place first{0xFEDCBA9876543210ull, random::Stream::start, 0x00ABCDEF, 0xFFFFFFF0u, 12345};
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t elements : {1, 2, 3, 5, 63, 64, 65, 784}) {
            DOCTEST_CAPTURE(elements);
            const std::int64_t rows = 37;
            std::vector<float> normal(static_cast<std::size_t>(rows * elements), NAN), uniform = normal,
                                                                                       again = normal;
            kernels::fill_normal(normal.data(), rows, elements, first, 1);
            kernels::fill_normal(again.data(), rows, elements, first, 4);
            kernels::fill_uniform(uniform.data(), rows, elements, first, 2);
            double worst = 0;
            bool same_uniforms = true;
            for (std::int64_t r = 0; r < rows; ++r) {
                for (std::int64_t e = 0; e < elements; ++e) {
                    const auto words = random::words(row_place(first, r), static_cast<std::uint32_t>(e / 4));
                    const auto i = static_cast<std::size_t>(r * elements + e),
                               j = static_cast<std::size_t>(e % 4);
                    const double difference = std::abs(normal[i] - random::normals(words)[j]);
                    if (!(difference <= worst)) worst = difference;
                    same_uniforms = same_uniforms && uniform[i] == random::uniform(words[j]);
                }
            }
            DOCTEST_CHECK(worst < 2e-6);
            DOCTEST_CHECK(same_uniforms);
            DOCTEST_CHECK(normal == again);
        }
    });
}

DOCTEST_TEST_CASE("noise: a million normals have the moments and tails of a standard normal") {
    const std::int64_t n = 1 << 20;
    std::vector<float> z(static_cast<std::size_t>(n));
    kernels::fill_normal(z.data(), n / 1024, 1024, {3}, 2);
    double sum = 0, squares = 0, fourth = 0;
    std::int64_t beyond_two = 0;
    for (const float value : z) {
        const double v = value;
        sum += v;
        squares += v * v;
        fourth += v * v * v * v;
        beyond_two += std::abs(v) > 2;
    }
    const double count = static_cast<double>(n);
    DOCTEST_CHECK(std::abs(sum / count) < 4 / std::sqrt(count));
    DOCTEST_CHECK(std::abs(squares / count - 1) < 4 * std::sqrt(2 / count));
    DOCTEST_CHECK(std::abs(fourth / count - 3) < 4 * std::sqrt(96 / count));
    const double share = std::erfc(std::sqrt(2.0));
    DOCTEST_CHECK(std::abs(static_cast<double>(beyond_two) / count - share) < 4 * std::sqrt(share / count));
}

DOCTEST_TEST_CASE("parallel: every index runs once, from several callers, and exceptions arrive") {
    const auto count_all = [] {
        for (int repeat = 0; repeat < 200; ++repeat) {
            std::vector<std::atomic<int>> hits(37);
            kernels::parallel_for(37, 4, [&](std::int64_t i) { ++hits[static_cast<std::size_t>(i)]; });
            for (const auto& hit : hits) {
                if (hit != 1) return false;
            }
        }
        return true;
    };
    bool other = false;
    std::thread thread([&] { other = count_all(); });
    DOCTEST_CHECK(count_all());
    thread.join();
    DOCTEST_CHECK(other);
    DOCTEST_CHECK_THROWS_AS(kernels::parallel_for(8, 4,
                                                  [](std::int64_t i) {
                                                      if (i == 5) throw std::runtime_error("five");
                                                  }),
                            std::runtime_error);
    DOCTEST_CHECK(count_all());
}
