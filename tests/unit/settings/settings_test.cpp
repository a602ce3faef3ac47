#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"

#include <cmath>
#include <set>

using ebm::Setting;
using ebm::Settings;
using ebm::SettingType;

DOCTEST_TEST_CASE("every setting explains itself") {
    std::set<std::string_view> keys;
    std::set<std::string> labels;
    for (const Setting& row : ebm::settings_table()) {
        DOCTEST_CAPTURE(row.key);
        DOCTEST_CHECK(keys.insert(row.key).second);
        DOCTEST_CHECK(row.key.starts_with(std::string(row.group) + "."));
        DOCTEST_CHECK_FALSE(ebm::group_title(row.group).empty());
        DOCTEST_CHECK(labels.insert(std::string(row.group) + "/" + std::string(row.label)).second);
        DOCTEST_CHECK_FALSE(row.label.empty());
        DOCTEST_CHECK(row.help.size() > 15);
        DOCTEST_CHECK(row.help.ends_with('.'));
        DOCTEST_CHECK((row.type == SettingType::text) == (row.member_text != nullptr));
        DOCTEST_CHECK((row.type == SettingType::text) == (row.get_number == nullptr));
        if (row.type == SettingType::choice) {
            DOCTEST_CHECK(row.choices.size() > 1);
            DOCTEST_CHECK(row.titles.size() == row.choices.size());
        }
        // Help that says what 0 means is said in the control too.
        if (row.help.find(" 0 = ") != std::string_view::npos) DOCTEST_CHECK_FALSE(row.zero.empty());
        if (!row.zero.empty()) DOCTEST_CHECK(row.low == 0);
        if (row.type == SettingType::real || row.type == SettingType::integer) {
            DOCTEST_CHECK(row.low < row.high);
            if (row.scale == ebm::Scale::logarithmic) DOCTEST_CHECK(row.low >= 0);
        }
    }
    DOCTEST_CHECK(keys.size() > 40);
}

DOCTEST_TEST_CASE("defaults are in range and valid, and survive the way through text") {
    const Settings defaults;
    DOCTEST_CHECK_NOTHROW(ebm::validate(defaults));
    Settings copy = defaults;
    for (const Setting& row : ebm::settings_table()) {
        DOCTEST_CAPTURE(row.key);
        DOCTEST_CHECK(row.is_default(copy, defaults));
        DOCTEST_CHECK_NOTHROW(row.set_text(copy, row.text(defaults)));
        if (row.type != SettingType::text) DOCTEST_CHECK_NOTHROW(row.set_number(copy, row.number(defaults)));
    }
    DOCTEST_CHECK(copy == defaults);
}

DOCTEST_TEST_CASE("extreme values survive the way through text") {
    Settings written, read;
    for (const Setting& row : ebm::settings_table()) {
        if (row.type == SettingType::text) continue;
        for (const double value : {row.low, row.high, row.low + (row.high - row.low) / 3}) {
            DOCTEST_CAPTURE(row.key);
            row.set_number(written, row.type == SettingType::real ? value : std::floor(value));
            row.set_text(read, row.text(written));
            DOCTEST_CHECK(row.number(read) == row.number(written));
        }
    }
}

DOCTEST_TEST_CASE("wrong values are refused with the key, and change nothing") {
    Settings settings;
    const Settings before = settings;
    const auto refuse = [&](const char* key, const char* value, const char* says) {
        DOCTEST_CAPTURE(value);
        DOCTEST_CHECK(ebm::tests::contains(
            ebm::tests::failure_of([&] { ebm::setting(key).set_text(settings, value); }), says));
        DOCTEST_CHECK(ebm::tests::contains(
            ebm::tests::failure_of([&] { ebm::setting(key).set_text(settings, value); }), key));
    };
    refuse("sampler.step_size", "fast", "not a number");
    refuse("sampler.step_size", "0.1x", "not a number");
    refuse("sampler.step_size", "", "not a number");
    refuse("sampler.step_size", "-1", "out of range");
    refuse("sampler.step_size", "1e9", "out of range");
    refuse("sampler.step_size", "nan", "finite");
    refuse("sampler.step_size", "inf", "finite");
    refuse("sampler.steps", "2.5", "whole number");
    refuse("sampler.box", "maybe", "true or false");
    refuse("sampler.kind", "mla", "mala");
    DOCTEST_CHECK(settings == before);
    DOCTEST_CHECK_THROWS_AS(ebm::setting("data.set").set_number(settings, 1), ebm::Error);
}

DOCTEST_TEST_CASE("an unknown key is refused with the nearest one") {
    DOCTEST_CHECK(ebm::tests::contains(ebm::tests::failure_of([&] { ebm::setting("sampler.stepsize"); }),
                                       "sampler.step_size"));
    DOCTEST_CHECK_THROWS_AS(ebm::setting(""), ebm::Error);
}

DOCTEST_TEST_CASE("booleans take the usual words") {
    Settings settings;
    for (const char* word : {"false", "0", "off", "no"}) {
        ebm::setting("sampler.box").set_text(settings, word);
        DOCTEST_CHECK_FALSE(settings.sampler.box);
    }
    for (const char* word : {"true", "1", "on", "yes"}) {
        ebm::setting("sampler.box").set_text(settings, word);
        DOCTEST_CHECK(settings.sampler.box);
    }
    ebm::setting("sampler.kind").set_text(settings, "langevin");
    DOCTEST_CHECK(settings.sampler.kind == ebm::SamplerKind::langevin);
    DOCTEST_CHECK(ebm::setting("sampler.kind").text(settings) == "langevin");
    ebm::setting("data.set").set_text(settings, "two_moons");
    DOCTEST_CHECK(settings.data.set == "two_moons");
}

DOCTEST_TEST_CASE("what single rows cannot check") {
    Settings settings;
    settings.sampler.box_low = 4;
    DOCTEST_CHECK(ebm::tests::contains(ebm::tests::failure_of([&] { ebm::validate(settings); }), "box"));
    settings = {};
    settings.train.batch = 4000;
    settings.buffer.size = 100;
    DOCTEST_CHECK(ebm::tests::contains(ebm::tests::failure_of([&] { ebm::validate(settings); }), "batch"));
}

DOCTEST_TEST_CASE("the table says which scenes a row acts in") {
    Settings settings;
    const auto acts = [&](const char* key, bool plane, bool trainable) {
        return ebm::setting(key).applies(settings, {plane, trainable});
    };
    // An analytic energy is sampled, not trained.
    for (const Setting& row : ebm::settings_table()) {
        DOCTEST_CAPTURE(row.key);
        const bool of_classes =
            row.key == "view.class_score" || row.key == "sampler.ask" || row.key == "sampler.relabel_share";
        const bool kept =
            row.key == "model.energy" || row.key == "train.seed" ||
            ((row.group == "view" || row.group == "sampler") && row.key != "sampler.steps" && !of_classes);
        DOCTEST_CHECK(row.applies(settings, {true, false}) == kept);
    }
    settings.data.set = "points";
    DOCTEST_CHECK(acts("data.path", true, true));
    DOCTEST_CHECK(acts("data.columns", true, true));
    DOCTEST_CHECK_FALSE(acts("data.count", true, true));
    settings.data.set = "two_moons";
    DOCTEST_CHECK_FALSE(acts("data.path", true, true));
    DOCTEST_CHECK(acts("data.count", true, true));
}

DOCTEST_TEST_CASE("a name has its title, and one that the table does not know its own words") {
    DOCTEST_CHECK(ebm::setting("sampler.kind").title("mala") == "MALA");
    DOCTEST_CHECK(ebm::setting("model.energy").title("double_well") == "Double well");
    DOCTEST_CHECK(ebm::setting("data.set").title("fashion_mnist") == "Fashion-MNIST");
}
