#include "app/panels/algorithm_lines.h"

#include "app/panels/sampler_step.h"
#include "app/window/number_format.h"

#include <algorithm>
#include <numeric>

namespace ebm::panels {
namespace {

using window::format_count;
using window::format_number;
using window::format_share;
using Kind = AlgorithmLine::Kind;

constexpr std::size_t named = 4; ///< of the rows and slots that are listed

std::string first_of(const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (std::size_t i = 0; i < std::min(named, numbers.size()); ++i)
        text += (i == 0 ? "" : ", ") + format_count(numbers[i]);
    return text + (numbers.size() > named ? ", \u2026" : "");
}

std::string change(double before, double after) {
    return format_number(before) + " \u2192 " + format_number(after) +
           (after < before   ? " (sinks)"
            : after > before ? " (rises)"
                             : " (stays)");
}

std::vector<std::string> drawn(const Account& a) {
    return {format_count(static_cast<std::int64_t>(a.rows.size())) + " of " + format_count(a.data_count) +
            " training samples: numbers " + first_of(a.rows)};
}

std::string no_negatives(const Settings& settings) {
    return "Data alone up to iteration " + format_count(settings.train.data_only) + ": no negatives";
}

bool from_decoder(const Settings& settings) {
    return settings.model.energy == "autoencoder" && settings.buffer.fresh_from == FreshFrom::decoder;
}

std::vector<std::string> started(const Account& a, const Settings& settings) {
    if (data_only(settings, a.iteration)) return {no_negatives(settings)};
    const bool in_turn = !a.put.empty();
    std::string slots;
    for (std::size_t i = 0; i < std::min(named, a.slots.size()); ++i)
        slots += (i == 0 ? "" : ", ") + (in_turn && a.fresh[i] ? "none" : format_count(a.slots[i])) +
                 (a.fresh[i] ? " (fresh)" : " (age " + format_count(a.ages[i]) + ")");
    const auto count = static_cast<std::int64_t>(a.slots.size()), old = count - a.fresh_count;
    std::vector<std::string> did{
        "Slots " + slots + (a.slots.size() > named ? ", \u2026" : "") + " of " + format_count(a.buffer_size) +
            (in_turn && a.buffer_filled < a.buffer_size
                 ? ", of which " + format_count(a.buffer_filled) + " are filled"
                 : ""),
        format_count(a.fresh_count) + " of " + format_count(count) +
            (from_decoder(settings) ? " come fresh from the decoder (" : " are fresh noise (") +
            format_share(static_cast<double>(a.fresh_count) /
                         static_cast<double>(std::max<std::int64_t>(1, count))) +
            ")"};
    if (old > 0)
        did[1] += "; the others have made " +
                  format_number(
                      static_cast<double>(std::accumulate(a.ages.begin(), a.ages.end(), std::int64_t(0))) /
                      static_cast<double>(old)) +
                  " steps on average";
    return did;
}

/// What the last step of one negative was: a jump or a step with its own c, where it led, and whether it was
/// taken. Empty if that is not known.
std::string last_step(const Account& a, const Settings& settings, std::size_t at) {
    if (at >= a.step_scales.size() || at >= a.jumped.size() || at >= a.proposed_energies.size()) return "";
    const bool refuses = a.jumped[at] || settings.sampler.kind == SamplerKind::mala;
    std::string text = "Its last step";
    if (a.jumped[at])
        text += ", a uniform jump,";
    else if (settings.sampler.step_spread > 1)
        text += ", with c = " + format_number(a.step_scales[at]) + ",";
    text += " led to E(x\u2032) = " + format_number(a.proposed_energies[at]);
    if (refuses) text += a.stayed[at] ? " and was refused: it stays" : " and was accepted";
    return text;
}

/// Why E is another number here than in the landscape; empty if it is the same.
std::string other_weights(const Settings& settings) {
    if (!(settings.train.average > 0) || !settings.train.use_average) return "";
    return "E is that of the weights being trained; Landscape shows that of their average";
}

std::vector<std::string> stepped(const Account& a, const Settings& settings, bool plane, int followed) {
    if (a.progress.step == 0 || a.energies.empty()) return {};
    const std::size_t at =
        std::min<std::size_t>(static_cast<std::size_t>(std::max(0, followed)), a.energies.size() - 1);
    std::string first = "Negative " + format_count(static_cast<std::int64_t>(at)) + ": ";
    if (plane && a.negatives.size() >= 2 * at + 2)
        first += "at (" + format_number(a.negatives[2 * at]) + ", " + format_number(a.negatives[2 * at + 1]) +
                 "), ";
    // MALA knows E where the chain is; the other rules where the last gradient was taken.
    const bool mala = settings.sampler.kind == SamplerKind::mala;
    first += std::string(mala ? "" : "before the step ") + "E = " + format_number(a.energies[at]) +
             ", \u2016\u2207E\u2016 = " + format_number(a.gradient_norms[at]);
    const std::string last = last_step(a, settings, at);
    if (last.empty() && a.stayed[at]) first += "; its proposal was refused, it stays";
    std::vector<std::string> did{first,
                                 "All: mean E = " + format_number(a.mean_energy) +
                                     ", mean \u2016\u2207E\u2016 = " + format_number(a.mean_gradient_norm) +
                                     ", moved " + format_number(a.distance)};
    if (!last.empty()) did.insert(did.begin() + 1, last);
    const auto count = static_cast<std::int64_t>(a.slots.size());
    if (a.refused > 0)
        did.push_back("Refused: " + format_count(a.refused) + " of " + format_count(count) + " proposals");
    if (a.jumps > 0)
        did.push_back("Jumps in the steps just made: " + format_count(a.jumps) + " proposed, " +
                      format_count(a.jumps_accepted) + " accepted");
    std::string cut;
    if (a.clipped_share > 0) cut = format_share(a.clipped_share) + " of the gradient's elements clipped";
    if (a.clamped_share > 0)
        cut += (cut.empty() ? "" : ", ") + format_share(a.clamped_share) + " of x stopped by the box";
    if (!cut.empty()) did.push_back(cut);
    if (const std::string weights = other_weights(settings); !weights.empty()) did.push_back(weights);
    return did;
}

std::vector<std::string> compared(const Account& a, const Settings& settings) {
    if (data_only(settings, a.iteration))
        return {"E\u207a = " + format_number(a.positive_energy) +
                    "; loss = mean E(x\u207a) + \u03b1 mean E(x\u207a)\u00b2 = " + format_number(a.loss),
                "\u2016\u2207\u03b8 loss\u2016 = " + format_number(a.gradient_norm_weights)};
    const double difference = static_cast<double>(a.positive_energy) - a.negative_energy;
    std::vector<std::string> did{"E\u207a = " + format_number(a.positive_energy) +
                                 ", E\u207b = " + format_number(a.negative_energy) +
                                 ", difference E\u207a \u2212 E\u207b = " + format_number(difference)};
    if (a.class_weight > 0)
        did.push_back("w \u00b7 mean \u2212log p(y|x\u207a) = " + format_number(a.class_weight) + " \u00b7 " +
                      format_number(a.class_loss));
    did.push_back("\u03b1 \u00b7 mean(E\u207a\u00b2 + E\u207b\u00b2) = " + format_number(a.energy_l2) +
                  " \u00b7 " + format_number(a.regulariser) + "; loss = " + format_number(a.loss));
    did.push_back("\u2016\u2207\u03b8 loss\u2016 = " + format_number(a.gradient_norm_weights));
    return did;
}

std::vector<std::string> updated(const Account& a, const Settings& settings) {
    std::vector<std::string> did;
    if (a.gradient_scale < 1)
        did.push_back("The gradient was too long and is shortened to " + format_share(a.gradient_scale));
    did.push_back("Learning rate " + format_number(a.learning_rate) +
                  ", the weights moved by \u2016\u0394\u03b8\u2016 = " + format_number(a.update_norm));
    did.push_back("E at these data " + change(a.positive_energy, a.positive_after));
    if (!data_only(settings, a.iteration)) {
        did.push_back("E at these negatives " + change(a.negative_energy, a.negative_after));
        did.push_back("E\u207a \u2212 E\u207b of these samples " +
                      change(a.positive_energy - a.negative_energy, a.positive_after - a.negative_after));
    }
    return did;
}

std::vector<std::string> kept(const Account& a, const Settings& settings) {
    if (data_only(settings, a.iteration)) return {"The buffer stays as it is"};
    return {(a.put.empty() ? "Negatives go back to slots " + first_of(a.slots)
                           : "Negatives are added in slots " + first_of(a.put)) +
            ", each " + format_count(a.progress.step) + " steps older"};
}

} // namespace

std::vector<AlgorithmLine> algorithm_lines(const lab::AlgorithmView* account, const Settings& settings,
                                           bool plane, int followed) {
    const auto& sampler = settings.sampler;
    const double fresh = settings.buffer.reinit_share;
    std::vector<AlgorithmLine> lines;
    const auto add = [&](Kind kind, int indent, std::string text) {
        lines.push_back({kind, indent, std::move(text), {}, false, false, false});
    };
    add(Kind::draw, 0, "x\u207a ~ data");
    add(Kind::start, 0,
        "x\u2070 ~ buffer B with " + format_share(1 - fresh) +
            (from_decoder(settings) ? ", the decoder with " : ", uniform noise with ") + format_share(fresh));
    add(Kind::repeat, 0, "for k = 1 \u2026 " + format_count(sampler.steps) + ":");
    const std::vector<StepLine> step = step_lines(settings);
    for (const StepLine& line : step)
        if (line.kind == StepLine::Kind::letters || line.kind == StepLine::Kind::acceptance)
            add(Kind::step, 1, line.text);
    for (const StepLine& line : step)
        if (line.kind == StepLine::Kind::note) add(Kind::note, 1, line.text);
    add(Kind::stop, 0, "x\u207b \u2190 x   (no gradient flows back through the steps)");
    const bool classes = settings.model.conditional && settings.train.class_weight > 0;
    add(Kind::gradient, 0,
        std::string("\u0394\u03b8 \u2190 \u2207\u03b8 [ mean E(x\u207a) \u2212 mean E(x\u207b) + \u03b1 "
                    "mean(E(x\u207a)\u00b2 + E(x\u207b)\u00b2)") +
            (classes ? " \u2212 w mean log p(y|x\u207a)" : "") + " ]");
    add(Kind::update, 0, "\u03b8 \u2190 Adam(\u03b8, \u0394\u03b8)");
    add(Kind::keep, 0,
        settings.buffer.order == SlotOrder::fifo ? "B \u2190 B with x\u207b in the place of its oldest"
                                                 : "B \u2190 B with x\u207b where it came from");
    const Phase phase = account && !account->rows.empty() ? account->progress.phase : Phase::data;
    if (!account || account->rows.empty()) {
        lines.front().next = true;
        return lines;
    }
    const Account& a = *account;
    const bool sampled = a.whole || phase > Phase::sample || (phase == Phase::sample && a.progress.step > 0);
    for (AlgorithmLine& line : lines) {
        const bool last_step = line.kind == Kind::step && (&line + 1)->kind != Kind::step;
        switch (line.kind) {
        case Kind::note:
            break;
        case Kind::draw:
            line.did = drawn(a);
            line.done = true;
            line.newest = !a.whole && phase == Phase::start;
            line.next = a.whole;
            break;
        case Kind::start:
            line.done = a.whole || phase > Phase::start;
            if (line.done) line.did = started(a, settings);
            line.newest = !a.whole && phase == Phase::sample && a.progress.step == 0;
            line.next = !a.whole && phase == Phase::start;
            break;
        case Kind::repeat:
            line.done = sampled;
            if (sampled)
                line.did = {"step k = " + format_count(a.progress.step) + " of " +
                            format_count(a.progress.steps)};
            break;
        case Kind::step:
            line.done = sampled;
            if (sampled && last_step) line.did = stepped(a, settings, plane, followed);
            line.newest =
                !a.whole && ((phase == Phase::sample && a.progress.step > 0) || phase == Phase::energies);
            line.next = !a.whole && phase == Phase::sample;
            break;
        case Kind::stop:
            line.done = a.whole || phase > Phase::sample;
            line.newest = !a.whole && phase == Phase::energies;
            break;
        case Kind::gradient:
            line.done = a.whole || phase > Phase::energies;
            if (line.done) line.did = compared(a, settings);
            line.newest = !a.whole && phase == Phase::update;
            line.next = !a.whole && phase == Phase::energies;
            break;
        case Kind::update:
        case Kind::keep:
            line.done = line.newest = a.whole;
            if (a.whole) line.did = line.kind == Kind::update ? updated(a, settings) : kept(a, settings);
            line.next = !a.whole && phase == Phase::update;
            break;
        }
    }
    return lines;
}

} // namespace ebm::panels
