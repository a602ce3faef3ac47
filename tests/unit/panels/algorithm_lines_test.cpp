#include "app/panels/algorithm_lines.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::panels;
using Kind = AlgorithmLine::Kind;

namespace {

lab::AlgorithmView account() {
    lab::AlgorithmView a;
    a.iteration = 7;
    a.data_count = 2000;
    a.rows = {5, 1999, 3, 4, 8};
    a.elements = 2;
    a.buffer_size = 1000;
    a.slots = {10, 20, 30, 40, 50};
    a.ages = {120, 0, 60, 60, 60};
    a.fresh = {0, 1, 0, 0, 0};
    a.fresh_count = 1;
    a.negatives = {0.5f, -1.25f, 3, 4};
    a.energies = {0.75f, 5, 1, 1, 1};
    a.gradient_norms = {2, 6, 1, 1, 1};
    a.stayed = {0, 0, 0, 0, 0};
    a.mean_energy = 1;
    a.mean_gradient_norm = 3;
    a.positive_energy = 1.5f;
    a.negative_energy = 1;
    a.loss = 0.51f;
    a.regulariser = 1;
    a.energy_l2 = 0.01f;
    a.gradient_norm_weights = 4;
    a.gradient_scale = 0.25f;
    a.positive_after = 1.4f;
    a.negative_after = 1.1f;
    a.update_norm = 0.02f;
    return a;
}

std::string words(const std::vector<AlgorithmLine>& lines) {
    std::string text;
    for (const AlgorithmLine& line : lines)
        for (const std::string& sentence : line.did)
            text += sentence + "\n";
    return text;
}

std::vector<Kind> kinds(const std::vector<AlgorithmLine>& lines, bool AlgorithmLine::*which) {
    std::vector<Kind> kinds;
    for (const AlgorithmLine& line : lines)
        if (line.*which && (kinds.empty() || kinds.back() != line.kind)) kinds.push_back(line.kind);
    return kinds;
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

DOCTEST_TEST_CASE("before anything was computed only the first line is next") {
    const auto lines = algorithm_lines(nullptr, Settings(), true);
    DOCTEST_CHECK(words(lines).empty());
    DOCTEST_CHECK(kinds(lines, &AlgorithmLine::next) == std::vector<Kind>{Kind::draw});
}

DOCTEST_TEST_CASE("each phase lights what was done and points at what comes next") {
    lab::AlgorithmView a = account();
    const auto at = [&](Phase phase, int step) {
        a.progress = {phase, step, 20};
        return algorithm_lines(&a, Settings(), true);
    };
    DOCTEST_CHECK(kinds(at(Phase::start, 0), &AlgorithmLine::newest) == std::vector<Kind>{Kind::draw});
    DOCTEST_CHECK(kinds(at(Phase::sample, 0), &AlgorithmLine::newest) == std::vector<Kind>{Kind::start});
    DOCTEST_CHECK(kinds(at(Phase::sample, 3), &AlgorithmLine::newest) == std::vector<Kind>{Kind::step});
    DOCTEST_CHECK(kinds(at(Phase::sample, 3), &AlgorithmLine::next) == std::vector<Kind>{Kind::step});
    DOCTEST_CHECK(kinds(at(Phase::energies, 20), &AlgorithmLine::next) == std::vector<Kind>{Kind::gradient});
    DOCTEST_CHECK(kinds(at(Phase::update, 20), &AlgorithmLine::newest) == std::vector<Kind>{Kind::gradient});
    DOCTEST_CHECK(kinds(at(Phase::update, 20), &AlgorithmLine::next) ==
                  std::vector<Kind>{Kind::update, Kind::keep});
    // Nothing is said of lines that were not reached.
    DOCTEST_CHECK_FALSE(has(words(at(Phase::sample, 3)), "loss"));
    a.whole = true;
    const auto lines = at(Phase::data, 20);
    DOCTEST_CHECK(kinds(lines, &AlgorithmLine::newest) == std::vector<Kind>{Kind::update, Kind::keep});
    DOCTEST_CHECK(kinds(lines, &AlgorithmLine::next) == std::vector<Kind>{Kind::draw});
}

DOCTEST_TEST_CASE("the lines tell what the last step of the negative that is followed did") {
    lab::AlgorithmView a = account();
    a.progress = {Phase::data, 20, 20};
    a.whole = true;
    a.stayed = {0, 1, 1, 0, 0};
    a.step_scales = {2, 0.5f, 1, 1, 1};
    a.jumped = {0, 0, 1, 1, 0};
    a.proposed_energies = {0.5f, 3, 7, 0.25f, 1};
    Settings settings;
    settings.sampler.kind = SamplerKind::mala;
    settings.sampler.step_spread = 4;
    const auto text = [&](int followed) { return words(algorithm_lines(&a, settings, true, followed)); };
    for (const auto& [followed, sentence] :
         {std::pair(0, "Its last step, with c = 2.00, led to E(x\u2032) = 0.500 and was accepted"),
          std::pair(1, "Its last step, with c = 0.500, led to E(x\u2032) = 3.00 and was refused: it stays"),
          std::pair(2, "Its last step, a uniform jump, led to E(x\u2032) = 7.00 and was refused: it stays"),
          std::pair(3, "and was accepted")}) {
        DOCTEST_CAPTURE(text(followed));
        DOCTEST_CHECK(text(followed).find(sentence) != std::string::npos);
    }
    // Plain Langevin refuses nothing but jumps.
    settings.sampler.kind = SamplerKind::langevin;
    DOCTEST_CHECK(text(0).find("accepted") == std::string::npos);
}

DOCTEST_TEST_CASE("that the landscape shows averaged weights is said where they are, and only then") {
    lab::AlgorithmView a = account();
    a.progress = {Phase::sample, 1, 20};
    Settings settings;
    settings.train.average = 0.99;
    settings.train.use_average = true;
    const auto said = [&] {
        return has(words(algorithm_lines(&a, settings, true)),
                   "E is that of the weights being trained; Landscape shows that of their average\n");
    };
    DOCTEST_CHECK(said());
    settings.train.use_average = false;
    DOCTEST_CHECK_FALSE(said());
    settings.train.use_average = true;
    settings.train.average = 0;
    DOCTEST_CHECK_FALSE(said());
}

DOCTEST_TEST_CASE("the lines tell the numbers of the account") {
    lab::AlgorithmView a = account();
    a.progress = {Phase::data, 20, 20};
    a.whole = true;
    a.refused = 2;
    a.stayed[0] = 1;
    a.clamped_share = 0.125f;
    a.jumps = 3;
    a.jumps_accepted = 1;
    Settings settings;
    settings.sampler.kind = SamplerKind::mala;
    const std::string text = words(algorithm_lines(&a, settings, true));
    for (const char* part :
         {"5 of 2000 training samples: numbers 5, 1999, 3, 4, \u2026",
          "Slots 10 (age 120), 20 (fresh), 30 (age 60), 40 (age 60), \u2026 of 1000",
          "1 of 5 are fresh noise (20.0\u2009%)", "75.0 steps on average", "step k = 20 of 20",
          "at (0.500, \u22121.25), E = 0.750, \u2016\u2207E\u2016 = 2.00; its proposal was refused, it stays",
          "Refused: 2 of 5 proposals", "Jumps in the steps just made: 3 proposed, 1 accepted",
          "12.5\u2009% of x stopped by the box",
          "E\u207a = 1.50, E\u207b = 1.00, difference E\u207a \u2212 E\u207b = 0.500",
          "= 0.0100 \u00b7 1.00; loss = 0.510", "shortened to 25.0\u2009%",
          "E at these data 1.50 \u2192 1.40 (sinks)", "E at these negatives 1.00 \u2192 1.10 (rises)",
          "each 20 steps older"}) {
        DOCTEST_CAPTURE(part);
        DOCTEST_CAPTURE(text);
        DOCTEST_CHECK(has(text, part));
    }
    // Without accept and reject the energies are those before the move.
    settings.sampler.kind = SamplerKind::langevin;
    DOCTEST_CHECK(has(words(algorithm_lines(&a, settings, true)), "before the step E = 0.750"));
    // Another negative can be followed; one that is not there is the last.
    DOCTEST_CHECK(has(words(algorithm_lines(&a, settings, true, 1)),
                      "Negative 1: at (3.00, 4.00), before the step E = 5.00, \u2016\u2207E\u2016 = 6.00\n"));
    DOCTEST_CHECK(has(words(algorithm_lines(&a, settings, true, 99)), "Negative 4: before"));
    // A picture has no place on a plane.
    DOCTEST_CHECK_FALSE(has(words(algorithm_lines(&a, settings, false)), "at ("));
}

DOCTEST_TEST_CASE("Algorithm 1 says what the letters of a step mean, and that steps may be jumps") {
    Settings settings;
    settings.sampler.kind = SamplerKind::mala;
    settings.sampler.step_spread = 4;
    settings.sampler.drift_limit = 30;
    settings.sampler.jump_share = 0.1;
    const auto texts = [&](Kind kind) {
        std::string text;
        for (const AlgorithmLine& line : algorithm_lines(nullptr, settings, true))
            if (line.kind == kind) text += line.text + "\n";
        return text;
    };
    DOCTEST_CHECK(has(texts(Kind::step), "c\u00b7\u03bb/2 g"));
    DOCTEST_CHECK(has(texts(Kind::step), "accept x\u2032 or stay"));
    DOCTEST_CHECK(has(texts(Kind::note), "g = \u2207E(x), shortened to length 30"));
    DOCTEST_CHECK(has(texts(Kind::note), "c = 4^u"));
    DOCTEST_CHECK(has(texts(Kind::note), "in 10 % of the steps: x\u2032 uniform in the box"));
    settings.sampler.step_spread = 1;
    settings.sampler.drift_limit = settings.sampler.gradient_clip = settings.sampler.jump_share = 0;
    DOCTEST_CHECK(texts(Kind::note).empty());
}

DOCTEST_TEST_CASE("Algorithm 1 tells the class loss where it is a term of the loss") {
    Settings settings;
    settings.model.conditional = true;
    lab::AlgorithmView a = account();
    a.whole = true;
    const auto gradient_line = [&] {
        for (const AlgorithmLine& line : algorithm_lines(&a, settings, true))
            if (line.kind == Kind::gradient) return line.text;
        return std::string();
    };
    DOCTEST_CHECK(!has(words(algorithm_lines(&a, settings, true)), "log p(y|x"));
    DOCTEST_CHECK(!has(gradient_line(), "log p(y|x"));
    settings.train.class_weight = 0.5;
    a.class_weight = 0.5f;
    a.class_loss = 2;
    DOCTEST_CHECK(has(words(algorithm_lines(&a, settings, true)),
                      "w \u00b7 mean \u2212log p(y|x\u207a) = 0.500 \u00b7 2.00"));
    DOCTEST_CHECK(has(gradient_line(), "\u2212 w mean log p(y|x\u207a) ]"));
    settings.model.conditional = false;
    DOCTEST_CHECK(!has(gradient_line(), "log p(y|x"));
}

DOCTEST_TEST_CASE("Algorithm 1: while an autoencoder learns from data alone no line speaks of negatives") {
    Settings settings;
    settings.model.energy = "autoencoder";
    settings.train.data_only = 7;
    lab::AlgorithmView a = account();
    a.whole = true;
    const std::string alone = words(algorithm_lines(&a, settings, false));
    DOCTEST_CHECK(has(alone, "no negatives"));
    DOCTEST_CHECK(has(alone, "The buffer stays as it is"));
    DOCTEST_CHECK(!has(alone, "E\u207b"));
    DOCTEST_CHECK(!has(alone, "Slots"));
    a.iteration = 8;
    DOCTEST_CHECK(has(words(algorithm_lines(&a, settings, false)), "E\u207b = "));
}

DOCTEST_TEST_CASE("Algorithm 1: a buffer whose slots are taken in turn is told as it is") {
    lab::AlgorithmView a = account();
    a.buffer_filled = 160;
    a.put = {160, 161, 162, 163, 164};
    a.whole = true;
    Settings settings;
    settings.buffer.order = SlotOrder::fifo;
    const std::vector<AlgorithmLine> lines = algorithm_lines(&a, settings, true, 0);
    DOCTEST_CHECK(has(words(lines), "Slots 10 (age 120), none (fresh), 30"));
    DOCTEST_CHECK(has(words(lines), "of 1000, of which 160 are filled"));
    DOCTEST_CHECK(has(words(lines), "Negatives are added in slots 160"));
    DOCTEST_CHECK(std::ranges::any_of(lines, [](const AlgorithmLine& line) {
        return line.kind == Kind::keep && has(line.text, "in the place of its oldest");
    }));
}
