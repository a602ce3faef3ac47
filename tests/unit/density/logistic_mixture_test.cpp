#include "core/density/logistic_mixture.h"

#include <cmath>

#include <doctest/doctest.h>

namespace {

using namespace ebm;

torch::Tensor colours(int levels) {
    return torch::arange(levels, torch::kFloat) * 2 / (levels - 1) - 1;
}

/// Parameters of one pixel, with narrow, wide, far and outlying components.
torch::Tensor parameters(const LogisticMixture& mixture, std::uint64_t seed, double spread) {
    const auto generator = torch::make_generator<torch::CPUGeneratorImpl>(seed);
    return torch::randn({1, mixture.outputs(), 1, 1}, generator) * spread;
}

} // namespace

DOCTEST_TEST_CASE("Logistic mixture: probabilities of all colours of a pixel sum to 1") {
    for (const double spread : {0.3, 2.0, 6.0}) {
        const LogisticMixture mixture{1, 5, 256};
        const torch::Tensor numbers = parameters(mixture, 3, spread);
        const torch::Tensor x = colours(256).view({256, 1, 1, 1});
        const torch::Tensor log_p = mixture.log_probability(x, numbers.expand({256, -1, 1, 1})).flatten();
        DOCTEST_CHECK(log_p.exp().sum().item<double>() == doctest::Approx(1).epsilon(1e-4));
    }
}

DOCTEST_TEST_CASE("Logistic mixture: probabilities of all colours of three channels sum to 1") {
    const int levels = 12;
    const LogisticMixture mixture{3, 3, levels};
    const torch::Tensor one = colours(levels);
    const auto grid = torch::meshgrid({one, one, one}, "ij");
    const torch::Tensor x = torch::stack({grid[0].flatten(), grid[1].flatten(), grid[2].flatten()}, 1);
    for (const double spread : {0.5, 2.0}) {
        const torch::Tensor numbers = parameters(mixture, 5, spread).expand({x.size(0), -1, 1, 1});
        const torch::Tensor log_p = mixture.log_probability(x.unsqueeze(2).unsqueeze(3), numbers).flatten();
        DOCTEST_CHECK(log_p.exp().sum().item<double>() == doctest::Approx(1).epsilon(1e-4));
    }
}

DOCTEST_TEST_CASE("Logistic mixture: the mass of a bin is the difference of two logistic functions") {
    const LogisticMixture mixture{1, 1, 256};
    torch::Tensor numbers = torch::zeros({3, 3, 1, 1});
    numbers.select(1, 1).fill_(0.1);  // mean
    numbers.select(1, 2).fill_(-2.0); // log-scale
    const torch::Tensor x = torch::tensor({-1.0f, 35 / 127.5f - 1, 1.0f}).view({3, 1, 1, 1});
    const torch::Tensor log_p = mixture.log_probability(x, numbers).flatten();
    const auto cdf = [](double at) { return 1 / (1 + std::exp(-(at - 0.1) / std::exp(-2.0))); };
    const double half = 1 / 255.0, inner = 35 / 127.5 - 1;
    DOCTEST_CHECK(log_p[0].item<double>() == doctest::Approx(std::log(cdf(-1 + half))).epsilon(1e-4));
    DOCTEST_CHECK(log_p[1].item<double>() ==
                  doctest::Approx(std::log(cdf(inner + half) - cdf(inner - half))).epsilon(1e-4));
    DOCTEST_CHECK(log_p[2].item<double>() == doctest::Approx(std::log(1 - cdf(1 - half))).epsilon(1e-4));
}

DOCTEST_TEST_CASE("Logistic mixture: finite values and gradients, however far a value or a parameter is") {
    for (const int channels : {1, 3}) {
        const LogisticMixture mixture{channels, 4, 256};
        const torch::Tensor values =
            torch::tensor({-40.0f, -1.2f, -1.0f, -0.9991f, -0.3f, 0.5003f, 1.0f, 3.0f});
        const std::int64_t n = values.size(0);
        torch::Tensor x = values.view({n, 1, 1, 1}).repeat({1, channels, 1, 1}).requires_grad_(true);
        torch::Tensor numbers =
            (parameters(mixture, 7, 30).expand({n, -1, 1, 1})).clone().requires_grad_(true);
        const torch::Tensor log_p = mixture.log_probability(x, numbers);
        log_p.sum().backward();
        DOCTEST_CHECK(log_p.isfinite().all().item<bool>());
        DOCTEST_CHECK(x.grad().isfinite().all().item<bool>());
        DOCTEST_CHECK(numbers.grad().isfinite().all().item<bool>());
        DOCTEST_CHECK(x.grad()[0].abs().sum().item<double>() > 0);
    }
}

DOCTEST_TEST_CASE("Logistic mixture: draws are colours and as frequent as their probabilities") {
    for (const int channels : {1, 3}) {
        const int levels = 4;
        const LogisticMixture mixture{channels, 3, levels};
        const std::int64_t pictures = 50, side = 20, n = pictures * side * side;
        const torch::Tensor one_pixel = parameters(mixture, 11, 1);
        const torch::Tensor drawn = mixture.draw(one_pixel.expand({pictures, -1, side, side}),
                                                 LogisticMixture::uniforms(pictures, side * side, 5));
        const torch::Tensor level = (drawn + 1) / 2 * (levels - 1);
        DOCTEST_CHECK((level - level.round()).abs().max().item<double>() < 1e-5);
        torch::Tensor code = torch::zeros({pictures, side, side});
        for (int c = 0; c < channels; ++c)
            code = code * levels + level.select(1, c);
        const std::int64_t joint = channels == 1 ? levels : levels * levels * levels;
        const torch::Tensor counts = torch::bincount(code.round().to(torch::kLong).flatten(), {}, joint);
        torch::Tensor index = torch::arange(joint);
        std::vector<torch::Tensor> planes;
        for (int c = 0; c < channels; ++c) {
            planes.insert(planes.begin(), colours(levels).index_select(0, index.remainder(levels)));
            index = torch::floor_divide(index, levels);
        }
        const torch::Tensor x = torch::stack(planes, 1).unsqueeze(2).unsqueeze(3);
        const torch::Tensor p =
            mixture.log_probability(x, one_pixel.expand({joint, -1, 1, 1})).flatten().exp();
        const torch::Tensor error = (counts / static_cast<double>(n) - p).abs();
        const torch::Tensor sd = (p * (1 - p) / static_cast<double>(n)).sqrt() + 1e-4;
        DOCTEST_CHECK((error / sd).max().item<double>() < 5);
    }
}
