#include "core/base/error.h"
#include "core/density/pixelcnn.h"
#include "core/density/pixelcnn_sampler.h"
#include "core/energy/differentiate.h"
#include "tests/unit/torch_adam.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;

torch::Tensor uniform_noise(const Shape& shape, std::uint64_t seed) {
    return torch::rand(shape, torch::make_generator<torch::CPUGeneratorImpl>(seed)) * 2 - 1;
}

/// A small model whose initialisation is done, so that its weights matter.
std::shared_ptr<PixelCnn> model(const PixelCnnSpec& spec) {
    auto made = std::make_shared<PixelCnn>(spec, 3);
    made->initialise(uniform_noise({6, spec.channels, spec.height, spec.width}, 1));
    return made;
}

PixelCnnSpec small(int channels, int height, int width, int resolutions, int blocks = 1) {
    PixelCnnSpec spec;
    spec.channels = channels;
    spec.height = height;
    spec.width = width;
    spec.resolutions = resolutions;
    spec.blocks = blocks;
    spec.filters = 6;
    spec.components = 3;
    return spec;
}

} // namespace

DOCTEST_TEST_CASE("PixelCNN++: what a pixel is predicted from are exactly the pixels before it") {
    for (const PixelCnnSpec& spec : {small(1, 6, 5, 1), small(1, 6, 5, 2), small(3, 8, 8, 3, 2)}) {
        const auto density = model(spec);
        const int pixels = spec.height * spec.width;
        torch::Tensor seen = torch::zeros({pixels, pixels});
        torch::Tensor x = uniform_noise({1, spec.channels, spec.height, spec.width}, 2).requires_grad_(true);
        const torch::Tensor predicted = density->predict(x);
        for (int at = 0; at < pixels; ++at) {
            const torch::Tensor gradient = ebm::differentiate(
                {predicted.flatten(2).select(2, at).square().sum()}, {x}, {}, {.keep = true})[0];
            seen[at] = gradient.abs().squeeze(0).sum(0).flatten();
        }
        DOCTEST_CHECK(seen.triu().count_nonzero().item<std::int64_t>() == 0);
        // All that is before a pixel reaches it in pictures as small as the first.
        if (pixels == 30) {
            for (int at = 1; at < pixels; ++at)
                DOCTEST_CHECK(seen[at][at - 1].item<double>() + (at % spec.width == 0 ? 1 : 0) > 0);
            DOCTEST_CHECK(seen[pixels - 1].narrow(0, 0, pixels - 1).count_nonzero().item<std::int64_t>() >
                          pixels / 2);
        }
    }
}

DOCTEST_TEST_CASE("PixelCNN++: probabilities of all pictures of a tiny kind sum to 1") {
    PixelCnnSpec spec = small(1, 2, 3, 2);
    spec.levels = 3;
    const auto density = model(spec);
    const std::int64_t count = 729; // 3^6
    torch::Tensor index = torch::arange(count), pictures = torch::empty({count, 6});
    for (int pixel = 0; pixel < 6; ++pixel) {
        pictures.select(1, pixel).copy_(index.remainder(3) - 1);
        index = torch::floor_divide(index, 3);
    }
    const torch::NoGradGuard no_graph;
    const torch::Tensor x = pictures.view({count, 1, 2, 3});
    const torch::Tensor p = (-density->value(x)).exp();
    DOCTEST_CHECK(p.sum().item<double>() == doctest::Approx(1).epsilon(1e-4));
    DOCTEST_CHECK(p.max().item<double>() > 3.0 / count);

    // Samples are as frequent.
    const std::int64_t n = 6000;
    const torch::Tensor drawn = (density->draw(n, 9).view({n, 6}) + 1).round().to(torch::kLong);
    torch::Tensor code = torch::zeros({n}, torch::kLong);
    for (int pixel = 5; pixel >= 0; --pixel)
        code = code * 3 + drawn.select(1, pixel);
    const torch::Tensor frequency = torch::bincount(code, {}, count) / static_cast<double>(n);
    const torch::Tensor sd = (p / static_cast<double>(n)).sqrt() + 1e-4;
    DOCTEST_CHECK(((frequency - p).abs() / sd).max().item<double>() < 5);
}

DOCTEST_TEST_CASE(
    "PixelCNN++: the sampler predicts as the network does, and draws what a pass a pixel draws") {
    const torch::NoGradGuard no_graph;
    for (const PixelCnnSpec& spec :
         {small(1, 6, 5, 1), small(1, 7, 9, 2), small(3, 8, 8, 3, 2), small(1, 5, 6, 3)}) {
        const auto density = model(spec);
        const PixelCnnSampler sampler(spec, pixelcnn_plan(spec), density->parameters());
        const torch::Tensor picture = uniform_noise({spec.channels, spec.height, spec.width}, 4);
        const torch::Tensor expected = density->predict(picture.unsqueeze(0)).squeeze(0);
        DOCTEST_CHECK(torch::allclose(sampler.predict(picture), expected, 1e-4, 1e-4));

        const torch::Tensor fast = density->draw(2, 21);
        torch::Tensor slow = torch::full_like(fast, -1);
        for (int row = 0; row < spec.height; ++row)
            for (int column = 0; column < spec.width; ++column) {
                const torch::Tensor drawn = spec.mixture().draw(
                    density->predict(slow), LogisticMixture::uniforms(2, spec.height * spec.width, 21));
                slow.select(3, column).select(2, row).copy_(drawn.select(3, column).select(2, row));
            }
        DOCTEST_CHECK(torch::allclose(fast, slow, 0, 1e-6));
        DOCTEST_CHECK(torch::equal(density->draw(1, 21), fast.narrow(0, 0, 1)));
    }
}

DOCTEST_TEST_CASE(
    "PixelCNN++: a drawing that is watched comes about pixel by pixel and ends as what is drawn") {
    const PixelCnnSpec spec = small(1, 4, 5, 2);
    const std::int64_t count = 67; // more than are drawn together
    const auto density = model(spec);
    const torch::Tensor whole = density->draw(count, 2).flatten(1);
    const auto drawing = density->start_drawing(count, 2);
    DOCTEST_CHECK(drawing->done() == 0);
    DOCTEST_CHECK(drawing->advance(7));
    const torch::Tensor part = drawing->samples().flatten(1).narrow(0, 0, 64);
    DOCTEST_CHECK(torch::equal(part.narrow(1, 0, 7), whole.narrow(0, 0, 64).narrow(1, 0, 7)));
    DOCTEST_CHECK((part.narrow(1, 7, 13) == -1).all().item<bool>());
    DOCTEST_CHECK(drawing->done() == doctest::Approx(64.0 * 7 / (67 * 20)));
    // What is drawn does not depend on what becomes of the model.
    {
        const torch::NoGradGuard no_graph;
        for (const auto& [name, tensor] : density->parameters())
            tensor.zero_();
    }
    int calls = 0;
    double before = drawing->done();
    for (bool more = true; more; ++calls) {
        more = drawing->advance(1);
        DOCTEST_CHECK(drawing->done() > before);
        before = drawing->done();
    }
    DOCTEST_CHECK(calls == 13 + 20);
    DOCTEST_CHECK(drawing->done() == 1);
    DOCTEST_CHECK(!drawing->advance(1));
    DOCTEST_CHECK(torch::equal(drawing->samples().flatten(1), whole));
}

DOCTEST_TEST_CASE("PixelCNN++: initialisation gives every layer's results mean 0 and deviation 1, once") {
    const PixelCnnSpec spec = small(1, 8, 8, 2);
    PixelCnn density(spec, 3);
    DOCTEST_CHECK(density.buffers()[0].second.item<float>() == 0);
    const torch::Tensor batch = uniform_noise({16, 1, 8, 8}, 5);
    density.initialise(batch);
    DOCTEST_CHECK(density.buffers()[0].second.item<float>() == 1);
    const torch::NoGradGuard no_graph;
    const torch::Tensor out = density.predict(batch);
    DOCTEST_CHECK(out.mean({0, 2, 3}).abs().max().item<double>() < 1e-4);
    DOCTEST_CHECK((out.std({0, 2, 3}, false) - 1).abs().max().item<double>() < 1e-3);
    const torch::Tensor before = density.value(batch);
    density.initialise(uniform_noise({4, 1, 8, 8}, 6) * 3);
    DOCTEST_CHECK(torch::equal(density.value(batch), before));
    DOCTEST_CHECK(torch::equal(density.clone()->value(batch), before));
}

DOCTEST_TEST_CASE("PixelCNN++: gradients agree with differences, in chunks as at once") {
    const PixelCnnSpec spec = small(1, 5, 4, 2);
    const auto density = model(spec);
    const torch::Tensor x = uniform_noise({70, 1, 5, 4}, 7) * 0.9;
    const ValueAndGradient both = density->value_and_gradient(x);
    const torch::NoGradGuard no_graph;
    DOCTEST_CHECK(torch::allclose(both.value, density->value(x), 1e-4, 1e-4));
    const torch::Tensor direction = uniform_noise({70, 1, 5, 4}, 8);
    const double step = 2e-3;
    const torch::Tensor slope =
        (density->value(x + step * direction) - density->value(x - step * direction)) / (2 * step);
    const torch::Tensor expected = (both.gradient * direction).sum({1, 2, 3});
    DOCTEST_CHECK((slope - expected).abs().mean().item<double>() <
                  0.02 * expected.abs().mean().item<double>());
}

DOCTEST_TEST_CASE("PixelCNN++: training comes near the entropy of a set that is known") {
    // A pixel is 0 or 2 with equal chance, the next is its copy, the third is 1: log 2 nats a picture.
    PixelCnnSpec spec = small(1, 1, 3, 1);
    spec.levels = 3;
    PixelCnn density(spec, 3);
    const torch::Tensor coin = uniform_noise({64, 1}, 11).gt(0).to(torch::kFloat) * 2 - 1;
    const torch::Tensor x = torch::cat({coin, coin, torch::zeros_like(coin)}, 1).view({64, 1, 1, 3});
    density.initialise(x + 0.1 * uniform_noise({64, 1, 1, 3}, 9));
    std::vector<torch::Tensor> weights;
    for (const auto& [name, tensor] : density.parameters())
        weights.push_back(tensor);
    tests::TorchAdam optimizer(weights, 0.01);
    torch::Tensor loss;
    constexpr int iterations = 400;
    for (int i = 0; i < iterations; ++i) {
        optimizer.set_learning_rate(0.01 * std::min(1.0, 1.5 * (iterations - i) / iterations));
        optimizer.zero_grad();
        loss = density.training_loss(x, 1, i);
        loss.backward();
        optimizer.step();
    }
    DOCTEST_CHECK(loss.item<double>() < std::log(2.0) + 0.1);
    DOCTEST_CHECK(loss.item<double>() > std::log(2.0) - 0.1);
}

DOCTEST_TEST_CASE("PixelCNN++: sizes that cannot be are refused in a sentence") {
    DOCTEST_CHECK_THROWS_WITH_AS(PixelCnn(small(1, 4, 4, 4), 1),
                                 doctest::Contains("cannot be halved 3 times"), Error);
    DOCTEST_CHECK_THROWS_WITH_AS(PixelCnn(small(4, 4, 4, 1), 1), doctest::Contains("1 to 3 channels"), Error);
}
