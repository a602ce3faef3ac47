#include "app/panels/setting_text.h"

#include "app/window/number_format.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ebm::panels {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// 0.0500 → 0.05: what was set has no digits beyond those that were set.
std::string without_zeros(std::string text) {
    if (text.find('.') == std::string::npos || text.find("\u00d7") != std::string::npos) return text;
    while (text.back() == '0')
        text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

bool zero_means_off(const Setting& row) {
    return row.help.find("0 = off") != std::string_view::npos;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::ranges::find(keys, key) != keys.end();
}

} // namespace

std::string shown_value(const Setting& row, const Settings& settings) {
    if (row.type == SettingType::text) return row.text(settings);
    const double value = row.number(settings);
    if (row.type == SettingType::boolean) return value != 0 ? "on" : "off";
    if (row.type == SettingType::choice) return readable(row.text(settings));
    if (value == 0 && zero_means_off(row)) return "off";
    std::string text = row.type == SettingType::integer
                           ? window::format_count(static_cast<std::int64_t>(value))
                           : without_zeros(window::format_number(value));
    // Decays just below 1 need every digit: 0.9995 is not 1.
    if (row.type == SettingType::real && value < 1 && value > 0.99) text = row.text(settings);
    if (!row.unit.empty()) text += "\u2009" + std::string(row.unit);
    return text;
}

std::string readable(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, const char*>, 11> known = {
        {{"mala", "MALA"},
         {"silu", "SiLU"},
         {"relu", "ReLU"},
         {"leaky_relu", "Leaky ReLU"},
         {"gelu", "GELU"},
         {"mlp", "MLP"},
         {"conv", "ConvNet"},
         {"fashion_mnist", "Fashion-MNIST"},
         {"mnist", "MNIST digits"},
         {"pictures", "Pictures from a file"},
         {"idx", "Pictures from a file"}}};
    for (const auto& [key, text] : known)
        if (key == name) return text;
    std::string text(name);
    std::ranges::replace(text, '_', ' ');
    if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string why_idle(const Setting& row, const Settings& settings, bool plane) {
    const bool mala = settings.sampler.kind == SamplerKind::mala;
    const bool coupled = mala || settings.sampler.mode == SamplerMode::coupled;
    if (row.key == "sampler.noise" && coupled)
        return "The noise is \u221a\u03bb here: it is set by the step size. Choose Langevin and the "
               "published mode to set "
               "it apart.";
    if (row.key == "sampler.mode" && mala)
        return "MALA is always coupled: its acceptance needs noise \u221a\u03bb.";
    if (row.key == "sampler.jump_share" && !plane) return "Uniform jumps are never accepted on images.";
    if (is_one_of(row.key, {"train.decay_to"}) && settings.train.decay_start >= 1)
        return "The decay never starts.";
    if (row.key == "train.use_average" && settings.train.average == 0) return "Weight averaging is off.";
    return "";
}

bool belongs(const Setting& row, const Settings& settings, bool plane, bool trainable) {
    if (row.group == "view") return false;
    if (!trainable)
        return is_one_of(row.key, {"model.energy", "train.seed"}) ||
               (row.group == "sampler" && row.key != "sampler.steps");
    const bool residual = settings.model.energy == "residual";
    if (row.key == "model.channels") return residual || settings.model.energy == "conv";
    if (is_one_of(row.key, {"model.stages", "model.blocks", "model.stem", "model.normalisation",
                            "model.spectral_every_step", "model.gains_and_biases", "model.unread_tables"}))
        return residual;
    if (is_one_of(row.key, {"sampler.ask", "buffer.labels"})) return settings.model.conditional;
    if (row.key == "model.conditional") return residual || settings.model.energy == "mlp";
    if (is_one_of(row.key, {"model.width", "model.layers", "model.input_scale", "model.output_scale",
                            "model.confinement"}))
        return settings.model.energy == "mlp";
    if (row.key == "data.count") return plane;
    if (row.key == "data.columns") return settings.data.set == "points";
    if (row.key == "data.path") return !plane || settings.data.set == "points";
    return true;
}

bool matches(const Setting& row, std::string_view query) {
    std::string haystack = lower(row.label);
    for (const std::string_view part : {row.key, row.symbol, row.help, row.group})
        haystack += "\n" + lower(part);
    const std::string wanted = lower(query);
    std::size_t at = 0;
    while (at < wanted.size()) {
        const std::size_t end = std::min(wanted.find(' ', at), wanted.size());
        if (haystack.find(wanted.substr(at, end - at)) == std::string::npos) return false;
        at = end + 1;
    }
    return true;
}

const char* effect_words(Effect effect) {
    switch (effect) {
    case Effect::now:
        return "at once";
    case Effect::restart:
        return "at the next reset";
    case Effect::rebuild:
        return "starts the scene anew when you let go";
    }
    return "";
}

} // namespace ebm::panels
