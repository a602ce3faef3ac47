#pragma once

#include "app/window/number_format.h"
#include "app/window/theme.h"

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The parts that panels are made of. Text is UTF-8.
namespace ebm::window {

/// A text that had less room than it needs, so that its end is not seen.
struct CutText {
    std::string window, text;
    float needed = 0, room = 0; ///< pixels
};

/// Collects, while it lives, every text that the parts below had to cut. For tests of the layout; one at a
/// time.
class CutTextWatch {
public:
    CutTextWatch();
    ~CutTextWatch();
    CutTextWatch(const CutTextWatch&) = delete;
    CutTextWatch& operator=(const CutTextWatch&) = delete;
    const std::vector<CutText>& found() const { return found_; }
    void clear() { found_.clear(); }

private:
    friend void note_room(std::string_view text, float needed, float room);
    std::vector<CutText> found_;
};
/// Parts that draw text into a given width tell the watch. Half a pixel is no cut.
void note_room(std::string_view text, float needed, float room);

/// Rows with a label on the left and a control or a value on the right, aligned through the whole panel.
/// Usable at 280 px width: labels end in “…” with the full text as tooltip, controls shrink.
class Rows {
public:
    /// label_share: part of the width for labels.
    explicit Rows(const char* id, float label_share = 0.42f);
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    explicit operator bool() const { return open_; }

    /// Begins a row; the next item is the control and fills the right column. `mark` draws the changed-value
    /// dot.
    void label(std::string_view text, std::string_view help = {}, bool mark = false);
    /// A read-out in the mono font. Hover shows `exact` if given.
    void value(std::string_view label, std::string_view value, std::string_view help = {},
               std::string_view exact = {});
    void number(std::string_view label, double value, std::string_view unit = {}, std::string_view help = {});

private:
    bool open_ = false;
};

/// Bold caption with 12 px above: begins a group of a panel.
void group_heading(std::string_view title);
/// Muted text, wrapped at the edge of the panel.
void muted_text(std::string_view text);
/// The tooltip of the last item, after 0.35 s, wrapped at 60 characters. Also for disabled items.
void help_tooltip(std::string_view text, std::string_view title = {}, std::string_view shortcut = {});
/// A number in the mono font: value, unit, exact digits on hover.
void read_out(double value, std::string_view unit = {});

/// Square button with an icon. `on` draws it as pressed.
bool icon_button(const char* id, const char* icon, std::string_view tooltip, bool on = false,
                 bool enabled = true);
/// Icon switch; returns whether it changed.
bool icon_toggle(const char* id, const char* icon, bool& on, std::string_view tooltip);
/// Primary button, filled with the accent colour.
bool accent_button(const char* label, ImVec2 size = {0, 0});
/// ImGui::Checkbox with an outline: an unticked box is not lost on its panel.
bool checkbox(const char* label, bool* on);
/// Row of choices of which one is pressed, over the full item width (ImGui::SetNextItemWidth). Returns
/// whether it changed.
bool segmented(const char* id, int& selected, std::span<const char* const> labels);
bool segmented(const char* id, int& selected, std::initializer_list<const char*> labels);
/// The width at which every label of segmented() is whole.
float segmented_width(std::span<const char* const> labels);
/// ImGui::BeginCombo; without its arrow where the preview would not fit beside it.
bool begin_combo(const char* id, const std::string& preview, ImGuiComboFlags flags = 0);

/// A coloured bar with an icon, a sentence and its remedy; with `button` not empty, a button. Returns whether
/// the button was pressed. Meaning: failure, attention, good or accent.
bool banner(const char* id, Meaning meaning, std::string_view text, std::string_view remedy = {},
            std::string_view button = {});
/// A text field that gets the keyboard when `focus` is true. What is typed before it has it is not lost:
/// where frames are slow these are the first letters. Returns whether Enter was pressed.
bool first_text_field(const char* id, const char* hint, std::string& text, bool focus);
/// Whether Escape closes the current window, also while a text field of it has the keyboard, which would take
/// the first Escape for itself.
bool escape_closes();
/// Centred text for a panel that has nothing to show; names the action. `action`: label of a button below, or
/// empty.
bool empty_state(const char* icon, std::string_view text, std::string_view action = {});
/// Round light of the colour of `meaning`, on the text line; follow with SameLine.
void status_dot(Meaning meaning);
/// Dot and word on a tinted plate: "Running".
void badge(Meaning meaning, std::string_view text);
/// Square of a set's colour with its name, as in legends.
void legend_entry(Meaning meaning, std::string_view text);
/// Horizontal bar 0 … 1; negative = moving, end unknown.
void progress(float share, ImVec2 size);
/// Text cut with “…” at `width` pixels, the whole as tooltip.
void clipped_text(std::string_view text, float width);

/// An image drawn into an FBO by app/draw: fills `size`, not filtered if `crisp`.
void texture(unsigned name, ImVec2 size, bool crisp = false, bool upside_down = true);

} // namespace ebm::window
