#include "app/panels/slider_scale.h"

#include <doctest/doctest.h>

#include <cmath>

using ebm::Setting;
using ebm::SettingType;
using ebm::panels::SliderScale;

DOCTEST_TEST_CASE("slider: every numeric setting's default comes back within the slider's rounding") {
    const ebm::Settings defaults;
    for (const Setting& row : ebm::settings_table()) {
        if (row.type != SettingType::real && row.type != SettingType::integer) continue;
        DOCTEST_CAPTURE(row.key);
        const SliderScale scale(row);
        const double value = row.number(defaults);
        const double position = scale.position(value);
        DOCTEST_REQUIRE(position >= 0);
        DOCTEST_REQUIRE(position <= 1);
        const double back = scale.value(position);
        DOCTEST_CHECK(std::fabs(back - value) <=
                      std::max(0.06 * std::fabs(value), (row.high - row.low) * 0.005));
    }
}

DOCTEST_TEST_CASE("slider: ends of the slider are ends of the range, and it never falls back") {
    for (const Setting& row : ebm::settings_table()) {
        if (row.type != SettingType::real && row.type != SettingType::integer) continue;
        DOCTEST_CAPTURE(row.key);
        const SliderScale scale(row);
        DOCTEST_CHECK(scale.value(0) == doctest::Approx(row.low));
        DOCTEST_CHECK(scale.value(1) == doctest::Approx(row.high));
        double last = row.low;
        for (int i = 0; i <= 400; ++i) {
            const double value = scale.value(i / 400.0);
            DOCTEST_REQUIRE(value >= last);
            DOCTEST_REQUIRE(value <= row.high);
            if (row.type == SettingType::integer) DOCTEST_REQUIRE(value == std::floor(value));
            last = value;
        }
    }
}

DOCTEST_TEST_CASE("slider: logarithmic rows give decades equal room and keep zero reachable") {
    const SliderScale step(ebm::setting("sampler.step_size"));
    DOCTEST_CHECK(step.position(0.1) - step.position(0.01) ==
                  doctest::Approx(step.position(10) - step.position(1)));
    const SliderScale clip(ebm::setting("sampler.gradient_clip"));
    DOCTEST_CHECK(clip.value(0) == 0);
    DOCTEST_CHECK(clip.position(0) == 0);
    DOCTEST_CHECK(clip.value(0.06) > 0);
}

DOCTEST_TEST_CASE("slider: rows that end just below 1 give 0.9, 0.99 and 0.999 equal room") {
    const SliderScale average(ebm::setting("train.average"));
    DOCTEST_CHECK(average.position(0.99) - average.position(0.9) ==
                  doctest::Approx(average.position(0.999) - average.position(0.99)));
    DOCTEST_CHECK(average.value(average.position(0.995)) == doctest::Approx(0.995));
}

DOCTEST_TEST_CASE("slider: arrow keys reach a new value each time, inside the range") {
    for (const Setting& row : ebm::settings_table()) {
        if (row.type != SettingType::real && row.type != SettingType::integer) continue;
        DOCTEST_CAPTURE(row.key);
        const SliderScale scale(row);
        const double middle = scale.value(0.5);
        DOCTEST_CHECK(scale.stepped(middle, 1) > middle);
        DOCTEST_CHECK(scale.stepped(middle, -1) < middle);
        DOCTEST_CHECK(scale.stepped(row.high, 1) <= row.high);
        DOCTEST_CHECK(scale.stepped(row.low, -1) >= row.low);
    }
}
