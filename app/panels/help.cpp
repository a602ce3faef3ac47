#include "app/panels/help.h"

#include <array>

namespace ebm::panels {

namespace {

constexpr std::array helps = {
    PanelHelp{
        "scene", "Scene",
        "What is being modelled: the data, the energy function and everything else that defines the run.",
        "A scene is one file. With the same scene, the same seed and the same device, chains take the same "
        "path, here and on the command line.",
        "p(x) = exp(−E(x)) / Z",
        "Pick a scene, or press 1 … 9. Drop a scene or checkpoint file on the window."},
    PanelHelp{
        "model", "Model",
        "The energy function E(x): how many weights it has, how it is built, and what computes it.",
        "Low energy means likely. A wider or deeper network can draw sharper valleys, but chains then need "
        "smaller steps to follow them.",
        "E(x) = s · network(x) + |x|² / (2 r²)", "Settings marked “rebuild” start a new model."},
    PanelHelp{"training", "Training",
              "Contrastive divergence: each iteration pushes the energy of data down and that of the chains' "
              "samples up, until the two cannot be told apart.",
              "If chains cannot keep up, lower the learning rate or take more steps K.",
              "loss = E(x⁺) − E(x⁻) + α (E(x⁺)² + E(x⁻)²)", "Space runs and pauses, I does one iteration."},
    PanelHelp{
        "landscape", "Landscape",
        "The energy over the plane (images: over a flat slice through three pictures), with data points and "
        "the chains that walk on it.",
        "Bright is low energy: likely. Chains should gather where the data are, in the same proportions. A "
        "bright valley without data is a spurious mode.",
        "x ← x − λ/2 ∇E(x) + √λ ξ",
        "Scroll to zoom, drag to pan, click to drop chains, drag a chain to move it."},
    PanelHelp{
        "samples", "Samples",
        "Live chains: what the sampler makes of the model right now, moved beside the training.",
        "The number under a picture is its energy; the mark on the line below it shows where that energy "
        "stands among the data, from the likeliest (left) to the unlikeliest (right).",
        "x ← x − λ/2 ∇E(x) + √λ ξ,  started from noise, data, the replay buffer or a file",
        "Click selects a chain and records its trace; Ctrl and Shift select several. Right-click for more. "
        "Play the last steps of the selected chain with the bar at the bottom."},
    PanelHelp{
        "sampler", "Sampler",
        "The Langevin sampler: how far a chain moves each step, and with how much noise.",
        "Implied temperature T = 1 samples the model itself; below 1 chains fall into the valleys; above 1 "
        "they wander. MALA should accept about 57 % of its moves.",
        "T = s² / (2 a)", "Every setting acts on the next step."},
    PanelHelp{"health", "Health", "A verdict on the training run, with the numbers behind it and what to do.",
              "Healthy means that samples and data have the same energy, on average, and that chains move.",
              "", ""},
    PanelHelp{
        "energies", "Energies",
        "Energies of data (E⁺) and of the chains' negatives (E⁻) in each training batch, with bands of one "
        "standard deviation, and their difference d.",
        "d should hover around 0. d > 0: chains sit below the data, in valleys that are too deep. d < 0: "
        "chains have not reached where the data are. A steady trend is divergence. Vertical lines mark "
        "settings that were changed.",
        "d = E⁺ − E⁻",
        "Scroll to zoom, drag to pan: the plot then stops following; press Follow to go on. Click a name in "
        "the legend to hide it."},
    PanelHelp{
        "histograms", "Histograms & OOD",
        "How the energies of each set are distributed: training and held-out data, replay buffer, samples, "
        "and sets the model has never seen (out of distribution, OOD).",
        "Held-out data far right of training data: the model memorises. Samples left of the data: valleys "
        "too deep. An OOD set is told from data if it lies to the right; AUROC 1 is perfect, 0.5 is chance, "
        "below 0.5 the model finds the strangers likelier than the data.",
        "score = −E(x);  AUROC = P(score of data > score of OOD)",
        "Click a name in the legend to hide it. Add your own images with “Add OOD set…”."},
    PanelHelp{
        "replay_buffer", "Replay buffer",
        "The negatives that are kept between iterations: each is continued from where it was left.",
        "A healthy buffer is diverse, and its energies match those of the data. Many equal pictures: chains "
        "have collapsed. Old entries with high energy: chains are stuck.",
        "x⁻ starts from the buffer, or with a small share from noise",
        "Click an entry to send it to the live chains; Ctrl and Shift select several."},
    PanelHelp{
        "chain", "Chain", "The selected chain: its energy and the length of the gradient, step by step.",
        "It should wander up and down without trend. The autocorrelation says how many steps it takes to "
        "forget where it was; ESS is how many independent samples the trace is worth.",
        "ESS = n / (1 + 2 Σ ρ(k))", "Select a chain in Landscape or Samples."},
    PanelHelp{"log", "Log", "What happened, when, and what went wrong, in words.",
              "Errors also appear as a banner in the panel they concern.", "",
              "Filter by level or text. Right-click a line to copy it."},
};

} // namespace

std::span<const PanelHelp> all_panel_help() {
    return helps;
}

const PanelHelp* panel_help(std::string_view panel) {
    for (const PanelHelp& help : helps)
        if (help.panel == panel) return &help;
    return nullptr;
}

std::string help_text(std::string_view panel) {
    const PanelHelp* help = panel_help(panel);
    if (!help) return {};
    std::string text(help->shows);
    for (const std::string_view part : {help->read, help->equation, help->hands})
        if (!part.empty()) text.append("\n\n").append(part);
    return text;
}

} // namespace ebm::panels
