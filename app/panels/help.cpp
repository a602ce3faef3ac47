#include "app/panels/help.h"

#include <array>

namespace ebm::panels {

namespace {

struct Help {
    std::string_view panel, shows, read, equation, hands;
};

// clang-format off
constexpr std::array helps = {
    Help{"samples",
         "Live chains: what the sampler makes of the model right now, moved beside the training.",
         "The number under a picture is its energy; the mark on the line above the number shows where that energy stands "
         "among the data, from the likeliest (left) to the unlikeliest (right). Below: age in steps, and |∇E|.",
         "x ← x − λ/2 ∇E(x) + √(λT) ξ,  started from noise, data, the replay buffer or a file",
         "Click selects a chain and records its trace; Ctrl and Shift select several. Right-click for more. The bar at "
         "the bottom plays the last steps of the selected chain. With classes: “Ask for” chooses whose energy moves the "
         "chains. Start from one class and ask for another, and chains cross over."},
    Help{"data",
         "What the scene learns from: how many samples, in which range, how many of each class, and some of them, drawn at "
         "random.",
         "A class with far fewer samples than the others is learned worse. A mean or range that surprises you says that the "
         "file is not what you think.",
         "", "Hover a picture to enlarge it. Classes with no samples are orange."},
    Help{"energies",
         "Energies of data (E⁺) and of the chains' negatives (E⁻) in each training batch, with bands of one standard "
         "deviation, and their difference d.",
         "d should hover around 0. d > 0: negatives lie below the data, in valleys that are too deep. d < 0: chains have not "
         "reached where the data are. A steady trend is divergence. Vertical lines mark settings that were changed.",
         "d = E⁺ − E⁻",
         "Scroll to zoom, drag to pan: the plots then stop following; tick Follow to go on. Click a name to hide its curve. "
         "“Plots” has more series."},
    Help{"histograms",
         "How the energies of each set are distributed: training and held-out data, replay buffer, live chains, and sets "
         "the model has never seen (out of distribution, OOD). The short lines at the bottom are the live chains.",
         "Held-out data far right of training data: the model memorises. Live chains left of the data: valleys too deep. An "
         "OOD set is told from data if it lies to the right: AUROC 1 is perfect, 0.5 is chance; below 0.5 the model finds "
         "the strangers likelier than the data.",
         "score = −E(x);  AUROC = P(score of data > score of OOD)",
         "Click a name to hide its set. Scroll to zoom, drag to pan, double-click to fit. “OOD set…” adds your own samples."},
    Help{"ood_table",
         "Which models know what they do not know: every model of Fashion-MNIST that comes with the program, under the "
         "scores that you choose, against sets that it never saw. The rows are those of `ebmlab table ood`. Below, the "
         "table of CIFAR-10 as Du & Mordatch (2019) published it, which was not measured here.",
         "1: every picture of the set looks less like the data than held-out clothes do; 0.5: chance; in orange, "
         "below 0.5 with its whole interval: the model takes the strangers for likelier. A dash: the model cannot give the score, and a sentence below "
         "says why. Scores that are fitted use every second held-out picture and score the others.",
         "AUROC = P(score of data > score of set)",
         "Right-click copies or saves the numbers. Your own sets: `ebmlab table ood --ood FILE`, or one model at a "
         "time “OOD set…” in Histograms & OOD. It goes on while the panel is shown."},
    Help{"replay_buffer",
         "The negatives that are kept between iterations: each is continued from where it was left.",
         "A healthy buffer is diverse, and its energies match those of the data. Many equal entries: chains have collapsed. "
         "Old entries with high energy: chains are stuck. Under a picture: energy, age in steps, times reused.",
         "x⁻ starts from the buffer or, with the re-initialised share, from noise",
         "Click an entry to send it to the live chains; Ctrl and Shift select several to send together."},
    Help{"chain",
         "The selected chain: its energy and the length of the gradient step by step, and on the plane its path. Of a model "
         "with classes also its energy under each class: the lowest is the class that the model takes it for.",
         "After the first steps the energy should wander up and down without trend. The autocorrelation says how many steps "
         "the chain needs to forget where it was; ESS is how many independent samples the trace is worth.",
         "ESS = n / (1 + 2 Σ ρ(k))",
         "Select a chain in Landscape or Samples. Hover a plot to find the same step in the others."},
    Help{"surface",
         "The landscape of a plane in three dimensions, with the live chains on it: the energy, or the density, as Landscape shows it.",
         "Chains are pulled into the valleys of E and kicked out of them; the peaks of p are where they stay. Walls higher than what "
         "matters are cut off flat.",
         "z = E(x), or z = exp(−E(x)) / Z", "Drag to turn, wheel to zoom, double-click for the first view. Zooming in Landscape chooses the part "
         "of the plane."},
    Help{"compare",
         "Two runs: A, and B, which began as a copy of it. Above, the settings in which they differ; beside them, what both "
         "have reached.",
         "Whatever differs between the runs comes from the settings in this table: seed and random numbers are the same. In "
         "Energies the long dashes are run B. In Landscape the scales show log p of A minus that of B.",
         "log p_A − log p_B = (E_B + log Z_B) − (E_A + log Z_A)",
         "Ctrl+D duplicates the run. Type the name of a setting to change it in B, or use B's own panels. Untick Linked to run "
         "them one by one."},
    Help{"restore",
         "A picture that is damaged and restored by chains of the model: hidden pixels are filled in while the others are put "
         "back after each step (inpainting), or noise on all pixels is taken away (denoising).",
         "Error: root mean square difference from the original where pixels were damaged, of a range of 2. A part that is filled "
         "in otherwise than in the original need not be wrong: the energy says whether the model finds it likely.",
         "x ← x − λ/2 ∇E(x) + √(λT) ξ on the hidden pixels",
         "Choose a held-out picture or that of the selected chain. Drag over it to hide pixels, with the right button to show them; "
         "then press Restore. `ebmlab inpaint` does the same with files."},
    Help{"nearest",
         "The training pictures that are nearest to a picture, and how far held-out pictures lie from their nearest training "
         "picture; and every score of it, with its place among held-out pictures.",
         "A sample much nearer than held-out pictures are was learned by heart. One as far away as they are is new. Scores "
         "that disagree say that the model knows more of it than its energy tells.",
         "‖x − x′‖, over all pixels, in the model's values from −1 to 1",
         "Click a picture in Samples, then press Selected chain. The picture stays as it was; press again for the chain of now. "
         "`ebmlab nearest` does the same with files."},
    Help{"log",
         "What happened, when, and what went wrong, in words. Errors also appear as a banner in the panel they concern.",
         "", "", "Filter by level or by words; right-click a line to copy it."},
};
// clang-format on

} // namespace

std::string help_text(std::string_view panel) {
    for (const Help& help : helps) {
        if (help.panel != panel) continue;
        std::string text(help.shows);
        for (const std::string_view part : {help.read, help.equation, help.hands})
            if (!part.empty()) text.append("\n\n").append(part);
        return text;
    }
    return {};
}

} // namespace ebm::panels
