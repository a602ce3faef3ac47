#include "app/panels/setting_text.h"

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::panels;

namespace {
std::string shown(std::string_view key, double value) {
    Settings settings;
    setting(key).set_number(settings, value);
    return shown_value(setting(key), settings);
}
} // namespace

DOCTEST_TEST_CASE("setting text: three digits, no zeros that nobody set, unit after a thin space") {
    DOCTEST_CHECK(shown("sampler.step_size", 0.05) == "0.05");
    DOCTEST_CHECK(shown("sampler.step_size", 10) == "10");
    DOCTEST_CHECK(shown("sampler.step_size", 0.01234) == "0.0123");
    DOCTEST_CHECK(shown("sampler.steps", 20) == "20\u2009steps");
    DOCTEST_CHECK(shown("sampler.gradient_clip", 0) == "off");
    DOCTEST_CHECK(shown("train.energy_l2", 0) == "0");
    DOCTEST_CHECK(shown("sampler.chain_life", 0) == "for ever");
    DOCTEST_CHECK(shown("view.scored", 0) == "all");
    DOCTEST_CHECK(shown("train.average", 0.9995) == "0.9995");
    DOCTEST_CHECK(shown("sampler.kind", 1) == "MALA");
}

DOCTEST_TEST_CASE("setting text: every setting can be shown") {
    const Settings settings;
    for (const Setting& row : settings_table())
        if (row.type != SettingType::text) {
            DOCTEST_CAPTURE(row.key);
            DOCTEST_CHECK_FALSE(shown_value(row, settings).empty());
        }
}

DOCTEST_TEST_CASE("setting text: the noise is idle exactly where the step size sets it") {
    Settings settings;
    const auto idle = [&](std::string_view key) { return !setting(key).why_idle(settings, {}).empty(); };
    settings.sampler.kind = SamplerKind::mala;
    DOCTEST_CHECK(idle("sampler.noise"));
    DOCTEST_CHECK(idle("sampler.mode"));
    settings.sampler.kind = SamplerKind::langevin;
    settings.sampler.mode = SamplerMode::coupled;
    DOCTEST_CHECK(idle("sampler.noise"));
    DOCTEST_CHECK_FALSE(idle("sampler.mode"));
    settings.sampler.mode = SamplerMode::published;
    DOCTEST_CHECK_FALSE(idle("sampler.noise"));
}

DOCTEST_TEST_CASE("setting text: a scene shows the rows that matter to it") {
    Settings settings;
    const auto there = [&](std::string_view key, bool plane, bool trainable) {
        return setting(key).applies(settings, {plane, trainable});
    };
    DOCTEST_CHECK(there("model.width", true, true));
    DOCTEST_CHECK_FALSE(there("model.channels", true, true));
    DOCTEST_CHECK_FALSE(there("train.learning_rate", true, false));
    DOCTEST_CHECK(there("sampler.step_size", true, false));
    settings.model.energy = "conv";
    DOCTEST_CHECK(there("model.channels", false, true));
    DOCTEST_CHECK_FALSE(there("model.width", false, true));
    // Sprites are made as many as wanted, other pictures come from files.
    settings.data.set = "pictures";
    DOCTEST_CHECK(there("data.path", false, true));
    DOCTEST_CHECK_FALSE(there("data.count", false, true));
    settings.data.set = "sprites";
    DOCTEST_CHECK_FALSE(there("data.path", false, true));
    DOCTEST_CHECK(there("data.count", false, true));
}

DOCTEST_TEST_CASE("setting text: the search knows labels, keys, symbols and help, whatever the case") {
    const Setting& average = setting("train.average");
    DOCTEST_CHECK(matches(average, "ema"));
    DOCTEST_CHECK(matches(average, "Weight AVER"));
    DOCTEST_CHECK(matches(average, "train.av"));
    DOCTEST_CHECK(matches(setting("sampler.step_size"), "\u03bb"));
    DOCTEST_CHECK_FALSE(matches(average, "ema momentum langevin"));
}

DOCTEST_TEST_CASE("settings that a model does not have are not shown for it") {
    ebm::Settings settings;
    const auto shown = [&](const char* key) { return ebm::setting(key).applies(settings, {}); };
    for (const char* key : {"model.width", "model.output_scale", "model.confinement"}) {
        settings.model.energy = "mlp";
        DOCTEST_CHECK(shown(key));
        settings.model.energy = "conv";
        DOCTEST_CHECK_FALSE(shown(key));
    }
    for (const char* key : {"model.stages", "model.blocks", "model.normalisation"}) {
        settings.model.energy = "conv";
        DOCTEST_CHECK_FALSE(shown(key));
        settings.model.energy = "residual";
        DOCTEST_CHECK(shown(key));
    }
    DOCTEST_CHECK(shown("model.channels"));
    for (const char* key : {"sampler.ask", "buffer.labels"}) {
        settings.model.conditional = false;
        DOCTEST_CHECK_FALSE(shown(key));
        settings.model.conditional = true;
        DOCTEST_CHECK(shown(key));
    }
    DOCTEST_CHECK_FALSE(shown("data.columns"));
    settings.data.set = "points";
    DOCTEST_CHECK(shown("data.columns"));
}
