#include "twin.h"

#include "core/kernels/adam.h"
#include "tests/unit/torch_adam.h"

#include <doctest/doctest.h>

using namespace ebm;
using torch::Tensor;

DOCTEST_TEST_CASE("adam kernel: many steps equal torch::optim::Adam and a plain moving average") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t count : {1, 15, 16, 1000, 40003}) {
            DOCTEST_CAPTURE(count);
            torch::manual_seed(count);
            const Tensor start = torch::randn({count});
            Tensor parameter = start.to(torch::kDouble).set_requires_grad(true);
            tests::TorchAdam optimizer({parameter}, 0.01, 0.5, 0.99);
            Tensor average = start.to(torch::kDouble);
            Tensor w = start.clone(), m = torch::zeros({count}), v = torch::zeros({count}), a = start.clone();
            Tensor split_w = start.clone(), split_m = torch::zeros({count}), split_v = torch::zeros({count});
            for (int t = 1; t <= 20; ++t) {
                const Tensor gradient = torch::randn({count}) * (t % 3);
                parameter.mutable_grad() = gradient.to(torch::kDouble) * 0.25;
                optimizer.step();
                average = 0.9 * average + 0.1 * parameter.detach();
                kernels::AdamStep step = kernels::adam_step(0.01f, 0.5f, 0.99f, t);
                step.gradient_scale = 0.25f;
                step.average_decay = 0.9f;
                const float* g = gradient.data_ptr<float>();
                kernels::adam_ema(w.data_ptr<float>(), m.data_ptr<float>(), v.data_ptr<float>(),
                                  a.data_ptr<float>(), g, count, step, 1 + t % 3);
                // Cut in two at an odd place and without the average.
                const std::int64_t cut = count / 3;
                for (const auto& [begin, end] :
                     {std::pair<std::int64_t, std::int64_t>{0, cut}, {cut, count}}) {
                    kernels::adam_ema(split_w.data_ptr<float>() + begin, split_m.data_ptr<float>() + begin,
                                      split_v.data_ptr<float>() + begin, nullptr, g + begin, end - begin,
                                      step, 1);
                }
            }
            DOCTEST_CHECK((w - parameter).abs().max().item<double>() < 2e-6);
            DOCTEST_CHECK((a - average).abs().max().item<double>() < 2e-6);
            DOCTEST_CHECK(torch::equal(split_w, w));
            DOCTEST_CHECK(torch::equal(split_v, v));
        }
    });
    const Tensor x = torch::randn({1003});
    DOCTEST_CHECK(kernels::squared_norm(x.data_ptr<float>(), 1003) ==
                  doctest::Approx(x.to(torch::kDouble).square().sum().item<double>()).epsilon(1e-12));
}
