#include "core/lab/mixing.h"

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("a round mixes the shares of chains that were asked for, and the same ones each time") {
    Settings settings;
    settings.sampler.steps = 7;
    DOCTEST_CHECK_FALSE(lab::mixes(settings));
    settings.sampler.restart_share = 0.01;
    settings.sampler.relabel_share = 0.1;
    DOCTEST_CHECK(lab::mixes_after(settings, 14));
    DOCTEST_CHECK_FALSE(lab::mixes_after(settings, 0));
    DOCTEST_CHECK_FALSE(lab::mixes_after(settings, 15));
    // The last ten rounds are left alone, so 77 steps have none that is mixed.
    DOCTEST_CHECK_FALSE(lab::mixes_before_end(settings, 7, 77));
    DOCTEST_CHECK(lab::mixes_before_end(settings, 7, 78));
    DOCTEST_CHECK_FALSE(lab::mixes_before_end(settings, 14, 78));
    const torch::Tensor labels = torch::full({20000}, 3, torch::kLong);
    const lab::Mix mixed = lab::mix(settings, labels, 20000, 10, {5, {}, 1, 0, 2});
    DOCTEST_CHECK(static_cast<double>(mixed.restarted.size()) == doctest::Approx(200).epsilon(0.25));
    // Nine of ten random classes are others.
    DOCTEST_CHECK(mixed.labels.ne(3).sum().item<double>() == doctest::Approx(1800).epsilon(0.1));
    DOCTEST_CHECK(mixed.labels.min().item<std::int64_t>() == 0);
    DOCTEST_CHECK(mixed.labels.max().item<std::int64_t>() == 9);
    const lab::Mix again = lab::mix(settings, labels, 20000, 10, {5, {}, 1, 0, 2});
    DOCTEST_CHECK(again.restarted == mixed.restarted);
    DOCTEST_CHECK(torch::equal(again.labels, mixed.labels));
    DOCTEST_CHECK(lab::mix(settings, labels, 20000, 10, {5, {}, 1, 0, 3}).restarted != mixed.restarted);
    DOCTEST_CHECK_FALSE(lab::mix(settings, {}, 100, 0, {5, {}, 1, 0, 2}).labels.defined());
}
