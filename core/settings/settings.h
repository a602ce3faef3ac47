#pragma once

#include "core/base/activation.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebm {

enum class SamplerKind { langevin, mala };
enum class SamplerMode { coupled, published };
enum class Normalisation { none, spectral };
enum class OptimizerKind { adam, adamax };
enum class BufferLabels { batch, own };
enum class SlotOrder { in_place, fifo };
enum class FreshFrom { noise, decoder };
/// How an energy that is not normalised learns: by Algorithm 1, or by denoising score matching.
enum class Method { contrastive, score_matching };
/// How the parts of a scene's energy are joined, see core/energy/sum.h.
enum class Composition { all, any };
/// How a conditional energy scores a sample whose class is not known.
enum class ClassScore {
    log_sum, ///< −log Σ_y exp(−E(x, y)), the energy of p(x) = Σ_y p(x, y) up to a constant
    minimum, ///< min_y E(x, y), as the released code of Du & Mordatch (2019) scores
};
/// By what a model is asked whether it knows a sample; measure::score_kinds says what each is.
enum class ScoreKind {
    energy,
    mass,
    recovery,
    density_of_states,
    typicality,
    complexity,
    log_p,
    bits_per_dim,
    class_probability,
    ensemble,
    denoising
};
enum class FieldKind { energy, density, exact_density };
enum class Crop { centre, top_left };
enum class Colours { as_they_are, grey, colour };

/// All settings of a scene, one member a row of settings.def: `settings.sampler.step_size`.
struct Settings {
#define GROUP(group, title) struct group##_settings {
#define END(group)                                                                                           \
    bool operator==(const group##_settings&) const = default;                                                \
    }                                                                                                        \
    group;
#define REAL(group, member, value, ...) double member = value;
#define INT(group, member, value, ...) int member = value;
#define BOOL(group, member, value, ...) bool member = value;
#define CHOICE(group, member, Enum, value, ...) Enum member = value;
#define TEXT(group, member, value, ...) std::string member = value;
#include "core/settings/settings.def"
    bool operator==(const Settings&) const = default;
};

enum class SettingType { real, integer, boolean, choice, text };
enum class Tier { basic, advanced };
enum class Effect { now, restart, rebuild };
enum class Scale { linear, logarithmic };

/// What the rows of a scene act on.
struct Surroundings {
    bool plane = true;     ///< points of the plane, not pictures
    bool trainable = true; ///< a model, not an analytic energy
    bool density = false;  ///< a normalised model, which learns without chains
    bool composed = false; ///< the energy has parts
};

/// A name that a row can have as its value, and what a person reads in its place.
struct Title {
    std::string_view name, title;
};

/// One row of the table. `low`, `high` bound real and integer rows.
struct Setting {
    std::string_view key;   ///< "sampler.step_size"
    std::string_view group; ///< "sampler"
    std::string_view label, unit, symbol, help, too_low, too_high;
    SettingType type;
    Tier tier;
    Effect effect;
    Scale scale = Scale::linear;
    double low = 0, high = 0;
    std::vector<std::string_view> choices; ///< of choice rows, in enum order
    std::vector<Title> titles;             ///< of all choices, and of some names that text rows can have
    std::string_view zero; ///< what 0 means, shown in its place; empty if it is a number like others

    /// Numbers as they are, booleans 0/1, choices their index; not for text rows.
    double number(const Settings& settings) const { return get_number(settings); }
    /// Text as it is; every other type formatted so that `parse` gives the same value back.
    std::string text(const Settings& settings) const;
    /// Throws Error if the value is not finite, out of range, or not a whole number where one is needed.
    void set_number(Settings& settings, double value) const;
    /// Parses and sets; throws Error naming the key, the value, and what is allowed.
    void set_text(Settings& settings, std::string_view value) const;
    /// `to` takes this row's value of `from`.
    void copy(const Settings& from, Settings& to) const {
        if (type == SettingType::text)
            *member_text(to) = text(from);
        else
            put_number(to, number(from));
    }
    bool is_default(const Settings& settings, const Settings& reference) const {
        return text(settings) == text(reference);
    }

    /// Whether the row acts in such a scene at all.
    bool applies(const Settings& settings, const Surroundings& around) const {
        return !when || when(settings, around);
    }
    /// Why it has no effect with these settings, a sentence; empty if it has one.
    std::string_view why_idle(const Settings& settings, const Surroundings& around) const;
    /// What a person reads for a value: its title, or the name without underscores.
    std::string title(std::string_view name) const;

    double (*get_number)(const Settings&);
    void (*put_number)(Settings&, double);
    std::string* (*member_text)(Settings&);
    bool (*when)(const Settings&, const Surroundings&) = nullptr; ///< null: always
    std::vector<std::string_view (*)(const Settings&, const Surroundings&)> idle = {};
};

/// The table, in the order of settings.def.
const std::vector<Setting>& settings_table();
/// Title of a group, as shown above its rows.
std::string_view group_title(std::string_view group);
/// Throws Error with the nearest known key.
const Setting& setting(std::string_view key);
/// Whether a training iteration (1-based) has no negatives: the row train.data_only, where it acts.
bool data_only(const Settings& settings, std::int64_t iteration);
/// How a scene's model learns.
enum class Learning {
    nothing,        ///< an energy that is not trained
    contrast,       ///< Algorithm 1, with negatives and a replay buffer
    likelihood,     ///< a normalised model, by maximum likelihood
    score_matching, ///< see train.method
    classes,        ///< a classifier, by cross entropy
};
Learning learning(const Settings& settings, const Surroundings& around);
/// Whether it learns by Algorithm 1.
bool has_negatives(const Settings& settings, const Surroundings& around);
/// Checks what single rows cannot: box_low < box_high and the like. Throws Error.
void validate(const Settings& settings);

} // namespace ebm
