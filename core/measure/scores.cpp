#include "core/measure/scores.h"

#include "core/base/error.h"
#include "core/base/names.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace ebm::measure {

const std::vector<ScoreInfo>& score_kinds() {
    static const std::vector<ScoreInfo> kinds = {
        {ScoreKind::energy,
         "energy",
         "−E",
         "nat",
         "−E(x)",
         "The model's own verdict: low energy is likely.",
         "Du & Mordatch 2019",
         "1 forward",
         {}},
        {ScoreKind::mass,
         "mass",
         "Approximate mass",
         "",
         "−log ‖∇E(x)‖",
         "Near the data the energy has a floor and its gradient is small; a strange sample lies on a slope.",
         "Grathwohl et al. 2020 (JEM)",
         "1 forward, 1 backward",
         {}},
        {ScoreKind::recovery,
         "recovery",
         "Recovery",
         "nat",
         "−(E(x) − E(x after 20 training steps))",
         "How little the training's own sampler improves the sample. The noise has a fixed seed: sample i of "
         "a set gets that of chain i.",
         "this program; the idea of recovery likelihood, Gao et al. 2021",
         "22 forward, 20 backward",
         {}},
        {ScoreKind::density_of_states,
         "density_of_states",
         "Density of states",
         "nat",
         "log q(E, log ‖∇E‖, recovery, distance moved, E(x + noise) − E(x) at four sizes)",
         "q is a mixture of 8 Gaussians that is fitted to what the model says of held-out data, so a sample "
         "that is too likely is as strange as one that is too unlikely.",
         "Morningstar et al. 2021 (DoSE)",
         "27 forward, 21 backward",
         {.fit = true}},
        {ScoreKind::typicality,
         "typicality",
         "Typicality",
         "nat",
         "−|E(x) − mean E of held-out data|",
         "Two-sided: an energy that is lower than the data's counts against a sample too.",
         "Nalisnick et al. 2019",
         "1 forward",
         {.fit = true}},
        {ScoreKind::complexity,
         "complexity",
         "Input complexity",
         "bit",
         "log₂ p(x) + bits of the compressed picture; −E(x)/ln 2 in place of log₂ p for a model that is not "
         "normalised",
         "Simple pictures are likely under most models. The bits that deflate takes for the 8-bit picture "
         "make up for it; of an energy without a temperature the two need not be on one scale.",
         "Serrà et al. 2020",
         "1 forward, 1 deflate",
         {.pictures = true}},
        {ScoreKind::log_p,
         "log_p",
         "log p",
         "nat",
         "log p(x), or its bound",
         "The likelihood that the model was trained for.",
         "Nalisnick et al. 2019",
         "1 forward",
         {.density = true}},
        {ScoreKind::bits_per_dim,
         "bits_per_dim",
         "−bits per dimension",
         "bit",
         "log₂ p(x) / D",
         "The likelihood again, for each of the D numbers of a sample. It ranks as log p does.",
         "van den Oord et al. 2016",
         "1 forward",
         {.density = true}},
        {ScoreKind::class_probability,
         "class_probability",
         "Class probability",
         "",
         "max over y of p(y|x) = max softmax(−E(x, y))",
         "How sure a conditional model is of its best class. It sees only how the classes differ.",
         "Hendrycks & Gimpel 2017",
         "1 forward a class",
         {.classes = true}},
        {ScoreKind::ensemble,
         "ensemble",
         "Ensemble",
         "nat",
         "−mean of E_m(x) − variance of E_m(x) over members m, each E_m less its mean of held-out data",
         "Models that were trained alike agree on the data and differ elsewhere.",
         "Choi et al. 2019 (WAIC)",
         "1 forward a member",
         {.fit = true, .ensemble = true}},
        {ScoreKind::denoising,
         "denoising",
         "Denoising error",
         "",
         "−root mean square of x − (x + 0.2 ξ after 20 training steps), ξ ~ N(0, I)",
         "How far the training's own sampler misses the sample when it starts from a noisy copy of it: it "
         "finds back what it knows. The noise has a fixed seed: sample i of a set gets that of chain i.",
         "Vincent 2011; Graham et al. 2023 for diffusion models",
         "20 forward, 20 backward",
         {}},
    };
    return kinds;
}

const ScoreInfo& score_info(ScoreKind kind) {
    return score_kinds()[static_cast<std::size_t>(kind)];
}

const ScoreInfo& score_named(std::string_view name) {
    std::vector<std::string_view> names;
    for (const ScoreInfo& info : score_kinds()) {
        if (info.name == name) return info;
        names.push_back(info.name);
    }
    throw Error(fmt::format("There is no score '{}'", name), "", did_you_mean(name, names));
}

} // namespace ebm::measure
