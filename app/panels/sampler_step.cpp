#include "app/panels/sampler_step.h"

#include "app/window/number_format.h"

#include <cmath>

namespace ebm::panels {

using window::format_tick;

std::vector<StepLine> step_lines(const Settings& settings) {
    using Kind = StepLine::Kind;
    const auto& sampler = settings.sampler;
    const bool mala = sampler.kind == SamplerKind::mala;
    const bool published = !mala && sampler.mode == SamplerMode::published;
    const bool spread = sampler.step_spread > 1;
    const bool cut = sampler.gradient_clip > 0 || sampler.drift_limit > 0;
    const double drift = published ? sampler.step_size : sampler.step_size / 2;
    const double noise = published ? sampler.noise : std::sqrt(sampler.step_size * sampler.temperature);
    const bool warm = !published && sampler.temperature != 1;
    const std::string t = warm ? "T" : "", over_t = warm ? " / T" : "";
    const std::string minus = " \u2212 ", arrow = " \u2190 ", xi = " \u03be";
    const std::string gradient = cut ? "g" : "\u2207E(x)", factor = spread ? "c\u00b7" : "",
                      root = spread ? "\u221ac\u00b7" : "";
    std::vector<StepLine> lines;
    const auto add = [&](Kind kind, std::string text) { lines.push_back({kind, std::move(text)}); };
    if (published) {
        add(Kind::letters, "x" + arrow + "x + " + root + "s" + xi);
        add(Kind::letters, "x" + arrow + "x" + minus + factor + "\u03bb " + gradient);
        add(Kind::numbers, "s = " + format_tick(noise) + ", \u03bb = " + format_tick(drift));
    } else {
        add(Kind::letters, (mala ? "x\u2032 = x" : "x" + arrow + "x") + minus + factor + "\u03bb/2 " +
                               gradient + " + \u221a(" + factor + "\u03bb" + t + ")" + xi);
        add(Kind::numbers, (mala ? "x\u2032 = x" : "x" + arrow + "x") + minus + factor + format_tick(drift) +
                               " " + gradient + " + " + root + format_tick(noise) + xi);
    }
    std::string clip = "\u2207E(x)";
    if (sampler.gradient_clip > 0)
        clip += ", elements clipped to \u00b1" + format_tick(sampler.gradient_clip);
    if (sampler.drift_limit > 0) clip += ", shortened to length " + format_tick(sampler.drift_limit);
    if (cut) add(Kind::note, "g = " + clip);
    if (spread)
        add(Kind::note,
            "c = " + format_tick(sampler.step_spread) + "^u, u ~ U(\u22121, 1) for each chain and step");
    const std::string box = "[" + format_tick(sampler.box_low) + ", " + format_tick(sampler.box_high) + "]";
    if (mala)
        add(Kind::acceptance, "then accept x\u2032 or stay (Metropolis" +
                                  std::string(warm ? " for exp(\u2212E / T))" : ")") +
                                  (sampler.box ? "; outside " + box + ": stay" : ""));
    else if (sampler.box)
        add(Kind::note,
            published ? "after each line, x is clamped to " + box : "then x is clamped to " + box);
    if (sampler.box && sampler.jump_share > 0)
        add(Kind::note, "instead, in " + format_tick(100 * sampler.jump_share) +
                            " % of the steps: x\u2032 uniform in the box, accepted with min(1, exp(" +
                            (warm ? "(E \u2212 E\u2032)" : "E \u2212 E\u2032") + over_t + "))");
    return lines;
}

} // namespace ebm::panels
