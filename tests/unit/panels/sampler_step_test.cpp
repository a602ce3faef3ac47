#include "app/panels/sampler_step.h"

#include <doctest/doctest.h>

using ebm::panels::step_lines;

namespace {

std::string step_text(const ebm::Settings& settings) {
    std::string text;
    for (const auto& line : step_lines(settings))
        text += line.text + "\n";
    return text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Langevin in its plainest form.
ebm::Settings plain() {
    ebm::Settings settings;
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.step_spread = 1;
    settings.sampler.drift_limit = 0;
    settings.sampler.jump_share = 0;
    settings.sampler.box = false;
    return settings;
}

} // namespace

DOCTEST_TEST_CASE("the step is written with what is switched on, and only with that") {
    const std::string bare = step_text(plain());
    DOCTEST_CHECK(contains(bare, "\u03bb/2 \u2207E(x) + \u221a(\u03bb) \u03be"));
    for (const std::string absent : {"g =", "c =", "clamped", "Metropolis", "uniform"})
        DOCTEST_CHECK_FALSE(contains(bare, absent));

    ebm::Settings full = plain();
    full.sampler.step_spread = 4;
    full.sampler.drift_limit = 30;
    full.sampler.gradient_clip = 0.5;
    full.sampler.box = true;
    full.sampler.jump_share = 0.1;
    const std::string all = step_text(full);
    for (const std::string present :
         {"c = 4^u", "length 30", "\u00b10.5", "clamped to [\u22124, 4]", "10 % of the steps"})
        DOCTEST_CHECK_MESSAGE(contains(all, present), present << " in " << all);
    full.sampler.kind = ebm::SamplerKind::mala;
    DOCTEST_CHECK(contains(step_text(full), "Metropolis"));
}

DOCTEST_TEST_CASE(
    "a temperature stands in the noise and in what is accepted, and not where it does not act") {
    ebm::Settings settings = plain();
    settings.sampler.temperature = 4;
    settings.sampler.step_size = 0.01;
    const std::string langevin = step_text(settings);
    DOCTEST_CHECK_MESSAGE(contains(langevin, "\u221a(\u03bbT) \u03be"), langevin);
    DOCTEST_CHECK_MESSAGE(contains(langevin, "0.2 \u03be"), langevin);
    settings.sampler.kind = ebm::SamplerKind::mala;
    settings.sampler.box = true;
    settings.sampler.jump_share = 0.1;
    const std::string mala = step_text(settings);
    DOCTEST_CHECK_MESSAGE(contains(mala, "(Metropolis for exp(\u2212E / T))"), mala);
    DOCTEST_CHECK_MESSAGE(contains(mala, "exp((E \u2212 E\u2032) / T)"), mala);
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.mode = ebm::SamplerMode::published;
    const std::string published = step_text(settings);
    DOCTEST_CHECK_MESSAGE(!contains(published, "T"), published);
}

DOCTEST_TEST_CASE("as published, the noise comes before the gradient") {
    ebm::Settings settings = plain();
    settings.sampler.mode = ebm::SamplerMode::published;
    const auto lines = step_lines(settings);
    DOCTEST_REQUIRE(lines.size() >= 3);
    DOCTEST_CHECK(contains(lines[0].text, "+ s \u03be"));
    DOCTEST_CHECK(contains(lines[1].text, "\u2207E(x)"));
}
