#include "app/panels/percentile.h"
#include "app/panels/series.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace ebm;
using namespace ebm::panels;

namespace {

float read_loss(const Record& record) {
    return record.loss;
}

std::shared_ptr<lab::RecordLog> log_of(const std::vector<float>& losses) {
    auto log = std::make_shared<lab::RecordLog>();
    for (std::size_t i = 0; i < losses.size(); ++i) {
        Record record;
        record.iteration = static_cast<std::int64_t>(i) + 1;
        record.loss = losses[i];
        log->append(record);
    }
    return log;
}

std::vector<float> noise(std::size_t count) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

} // namespace

DOCTEST_TEST_CASE("Series buckets have the minimum, maximum and mean of their records at every width") {
    const auto values = noise(70'001);
    const auto log = log_of(values);
    Series series(read_loss);
    DOCTEST_REQUIRE(series.extend(log, 1'000'000));
    for (const std::int64_t count : {1, 7, 300, 2000, 20'000, 70'001}) {
        for (const std::int64_t begin : {0, 1, 40'000}) {
            std::vector<Bucket> buckets;
            series.buckets(begin, 70'001, count, buckets);
            DOCTEST_REQUIRE_FALSE(buckets.empty());
            DOCTEST_CHECK(static_cast<std::int64_t>(buckets.size()) <= count + 2);
            std::int64_t width = 1;
            while (width * count < 70'001 - begin)
                width *= 2;
            std::int64_t from = begin / width * width;
            for (const Bucket& bucket : buckets) {
                const std::int64_t to = std::min<std::int64_t>(from + width, 70'001);
                float low = values[static_cast<std::size_t>(from)], high = low;
                double total = 0;
                for (std::int64_t i = from; i < to; ++i) {
                    low = std::min(low, values[static_cast<std::size_t>(i)]);
                    high = std::max(high, values[static_cast<std::size_t>(i)]);
                    total += values[static_cast<std::size_t>(i)];
                }
                DOCTEST_REQUIRE(bucket.low == low);
                DOCTEST_REQUIRE(bucket.high == high);
                DOCTEST_REQUIRE(bucket.mean ==
                                doctest::Approx(total / static_cast<double>(to - from)).epsilon(1e-4));
                DOCTEST_REQUIRE(bucket.iteration > static_cast<double>(from));
                DOCTEST_REQUIRE(bucket.iteration <= static_cast<double>(to));
                from = to;
            }
            DOCTEST_CHECK(from == 70'001);
        }
    }
}

DOCTEST_TEST_CASE("A spike in a million records survives decimation to 500 columns") {
    std::vector<float> values(1'000'000, 0.f);
    values[777'777] = 42.f;
    Series series(read_loss);
    const auto log = log_of(values);
    while (!series.extend(log, 300'000)) {
    }
    std::vector<Bucket> buckets;
    series.buckets(0, 1'000'000, 500, buckets);
    int spikes = 0;
    for (const Bucket& bucket : buckets)
        spikes += bucket.high == 42.f;
    DOCTEST_CHECK(spikes == 1);
}

DOCTEST_TEST_CASE("Series grows with its log, keeps its budget, and starts anew with another log") {
    const auto log = log_of(noise(100));
    Series series(read_loss);
    DOCTEST_CHECK_FALSE(series.extend(log, 60));
    DOCTEST_CHECK(series.size() == 60);
    DOCTEST_CHECK(series.extend(log, 60));
    DOCTEST_CHECK(series.size() == 100);
    DOCTEST_CHECK(series.extend(log_of({1, 2, 3}), 60));
    DOCTEST_CHECK(series.size() == 3);
    DOCTEST_CHECK(series.extend(nullptr));
    DOCTEST_CHECK(series.size() == 0);
}

DOCTEST_TEST_CASE("Bucket borders stay where they are while records are appended") {
    const auto log = log_of(noise(1000));
    Series series(read_loss);
    series.extend(log);
    std::vector<Bucket> before, after;
    series.buckets(0, 1000, 100, before);
    Record record;
    record.iteration = 1001;
    log->append(record);
    series.extend(log);
    series.buckets(0, 1001, 100, after);
    for (std::size_t i = 0; i + 1 < before.size(); ++i)
        DOCTEST_CHECK(before[i].low == after[i].low);
}

DOCTEST_TEST_CASE("Values that are not finite are left out of buckets") {
    const float missing = std::numeric_limits<float>::quiet_NaN();
    Series series(read_loss);
    series.extend(log_of({missing, 1, missing, missing, 5, 3}));
    std::vector<Bucket> buckets;
    series.buckets(0, 6, 3, buckets);
    DOCTEST_REQUIRE(buckets.size() == 2);
    DOCTEST_CHECK(buckets[0].mean == 1);
    DOCTEST_CHECK(buckets[1].low == 3);
    DOCTEST_CHECK(buckets[1].high == 5);
}

DOCTEST_TEST_CASE("first_at finds the record of an iteration") {
    const auto log = log_of({0, 0, 0, 0});
    DOCTEST_CHECK(first_at(*log, 4, 0) == 0);
    DOCTEST_CHECK(first_at(*log, 4, 2) == 1);
    DOCTEST_CHECK(first_at(*log, 4, 2.5) == 2);
    DOCTEST_CHECK(first_at(*log, 4, 99) == 4);
}

DOCTEST_TEST_CASE("Robust limits ignore a few wild values and never collapse") {
    auto values = noise(10'000);
    for (std::size_t i = 0; i < 20; ++i)
        values[i] = 1e6f;
    values.push_back(std::numeric_limits<float>::infinity());
    const AxisRange limits = robust_range(values);
    DOCTEST_CHECK(limits.low < -2.2);
    DOCTEST_CHECK(limits.low > -4);
    DOCTEST_CHECK(limits.high > 2.2);
    DOCTEST_CHECK(limits.high < 4);
    std::vector<float> equal(5, 3.f), zero(5, 0.f), none;
    DOCTEST_CHECK(robust_range(equal).low < 3);
    DOCTEST_CHECK(robust_range(equal).high > 3);
    DOCTEST_CHECK(robust_range(zero).span() == doctest::Approx(2));
    DOCTEST_CHECK(robust_range(none).span() == 1);
}

DOCTEST_TEST_CASE("Eased limits start at the target, glide to it, and keep still for small changes inside") {
    EasedRange eased;
    DOCTEST_CHECK(eased.update({0, 10}, 0).high == 10);
    DOCTEST_CHECK(eased.update({0.5, 9}, 10).high == 10);
    const double half_way = eased.update({0, 20}, 0.05).high;
    DOCTEST_CHECK(half_way > 10);
    DOCTEST_CHECK(half_way < 20);
    DOCTEST_CHECK(eased.update({0, 20}, 10).high == doctest::Approx(20));
    DOCTEST_CHECK(eased.update({0, 5}, 10).high == doctest::Approx(5));
}

DOCTEST_TEST_CASE("Percentile of an energy among the data's") {
    std::vector<float> quantiles;
    for (int i = 0; i <= 100; ++i)
        quantiles.push_back(static_cast<float>(i) * 0.1f - 3);
    DOCTEST_CHECK(percentile(-3, quantiles) == 0);
    DOCTEST_CHECK(percentile(2, quantiles) == doctest::Approx(50));
    DOCTEST_CHECK(percentile(2.05f, quantiles) == doctest::Approx(50.5));
    DOCTEST_CHECK(percentile(99, quantiles) == 100);
    DOCTEST_CHECK(percentile(-99, quantiles) == 0);
    DOCTEST_CHECK(std::isnan(percentile(1, {})));
    DOCTEST_CHECK(std::isnan(percentile(std::numeric_limits<float>::quiet_NaN(), quantiles)));
    DOCTEST_CHECK(standing(-2.9f, quantiles) == Standing::below);
    DOCTEST_CHECK(standing(2, quantiles) == Standing::among);
    DOCTEST_CHECK(standing(6.5f, quantiles) == Standing::high);
    DOCTEST_CHECK(standing(7.5f, quantiles) == Standing::beyond);
    DOCTEST_CHECK(standing(0, {}) == Standing::unknown);
}

DOCTEST_TEST_CASE("Percentile with repeated quantiles stays in range") {
    const std::vector<float> quantiles = {0, 0, 0, 1, 1};
    DOCTEST_CHECK(percentile(0, quantiles) == 0);
    DOCTEST_CHECK(percentile(0.5f, quantiles) == doctest::Approx(62.5));
    DOCTEST_CHECK(percentile(1, quantiles) == 100);
}
