#include "app/panels/setting_rows.h"

#include "app/panels/class_names.h"
#include "app/panels/setting_slider.h"
#include "app/panels/setting_text.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/pointing.h"
#include "app/window/widgets.h"
#include "core/lab/known_names.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <imgui.h>
#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

namespace ebm::panels {
namespace {

using window::Meaning;

/// The least width of a control, in font sizes; labels are shortened before it.
constexpr float least_control = 7.5f;
/// A panel narrower than this (at scale 1) writes its rows in the smaller type.
constexpr float small_below = 310;

/// The width that the labels of all rows of a panel ask for, which its tables share so that their columns
/// line up: what the last frame asked for, and what this one has so far.
class LabelColumn {
public:
    LabelColumn() : storage_(*ImGui::GetStateStorage()) {
        float* frame = storage_.GetFloatRef(ImHashStr("label frame"));
        if (*frame == static_cast<float>(ImGui::GetFrameCount())) return;
        *frame = static_cast<float>(ImGui::GetFrameCount());
        storage_.SetFloat(ImHashStr("label width"), storage_.GetFloat(ImHashStr("widest label")));
        storage_.SetFloat(ImHashStr("widest label"), 0);
    }
    float width() const { return storage_.GetFloat(ImHashStr("label width")); }
    void ask(float width) {
        float* widest = storage_.GetFloatRef(ImHashStr("widest label"));
        *widest = std::max(*widest, width);
    }

private:
    ImGuiStorage& storage_;
};

struct Hover {
    bool now = false, for_tooltip = false;
    void operator|=(const Hover& other) {
        now |= other.now;
        for_tooltip |= other.for_tooltip;
    }
};

Hover item_hover() {
    return {ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled),
            ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled)};
}

/// The label with its symbol, shortened to the column.
Hover label_cell(std::string_view label, std::string_view symbol, bool changed, bool muted, float height) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    ImGui::Dummy({width, height});
    const Hover hover = item_hover();
    const float top = at.y + (height - ImGui::GetTextLineHeight()) / 2;
    if (changed)
        list.AddCircleFilled({at.x + window::scaled(2), at.y + height / 2}, window::scaled(2.5f),
                             window::packed(Meaning::accent));
    const float left = at.x + window::scaled(9);
    // "Steps K" says its symbol already.
    const std::string mark(label.ends_with(symbol) ? std::string_view() : symbol);
    const float room = mark.empty() ? 0 : ImGui::CalcTextSize(mark.c_str()).x + window::scaled(6);
    const std::string text(label);
    const ImVec2 size = ImGui::CalcTextSize(text.c_str());
    LabelColumn().ask(left + size.x + room + window::scaled(7) - at.x);
    const float end = std::min(left + size.x, at.x + width - room - window::scaled(6));
    window::note_room(label, size.x, end - left);
    ImGui::PushStyleColor(ImGuiCol_Text, window::packed(muted ? Meaning::muted : Meaning::text));
    ImGui::RenderTextEllipsis(&list, {left, top}, {end, top + size.y}, end, text.c_str(), nullptr, &size);
    ImGui::PopStyleColor();
    if (!mark.empty() && end - left > window::scaled(20))
        list.AddText({end + window::scaled(6), top}, window::packed(Meaning::muted), mark.c_str());
    return hover;
}

/// Names that a text row can take, in alphabetical order; empty for free text.
std::vector<std::string> known_names(const Setting& row) {
    std::vector<std::string> names = lab::known_names(row.key);
    std::ranges::sort(names, {}, [&](const std::string& name) { return row.title(name); });
    return names;
}

void combo(window::SettingEditor& editor, const Setting& row, const std::vector<std::string>& names,
           const char* id) {
    const std::string current = row.text(editor.shown());
    if (!window::begin_combo(id, row.title(current))) return;
    for (const std::string& name : names) {
        if (ImGui::Selectable(row.title(name).c_str(), name == current)) {
            editor.change(row, name);
            editor.release();
        }
    }
    ImGui::EndCombo();
}

/// Two choices side by side, so that both are in sight; a list where there is no room for that.
void segments(window::SettingEditor& editor, const Setting& row, const char* id) {
    std::vector<std::string> names;
    std::vector<const char*> labels;
    for (const std::string_view choice : row.choices)
        names.push_back(row.title(choice));
    for (const std::string& name : names)
        labels.push_back(name.c_str());
    if (window::segmented_width(labels) > ImGui::CalcItemWidth())
        return combo(editor, row, {row.choices.begin(), row.choices.end()}, id);
    int chosen = static_cast<int>(row.number(editor.shown()));
    if (!window::segmented(id, chosen, labels)) return;
    editor.change_number(row, chosen);
    editor.release();
}

void text_field(window::SettingEditor& editor, const Setting& row, const char* id) {
    std::string text = row.text(editor.shown());
    ImGui::InputTextWithHint(id, row.key == "data.path" ? "the usual place" : "", &text,
                             ImGuiInputTextFlags_EnterReturnsTrue);
    if (ImGui::IsItemDeactivatedAfterEdit()) {
        editor.change(row, text);
        editor.release();
    }
}

/// A drawing is painted on the landscape; here it can be thrown away.
void drawing_control(window::SettingEditor& editor, const Setting& row, const char* id) {
    const bool walls = row.key == "sampler.walls";
    ImGui::PushID(id);
    ImGui::BeginDisabled(!walls || row.text(editor.shown()).empty());
    if (ImGui::Button(
            (shown_value(row, editor.shown()) + (walls ? ": clear###clear" : "###clear")).c_str())) {
        editor.change(row, "");
        editor.release();
    }
    ImGui::EndDisabled();
    ImGui::PopID();
}

/// A whole number whose range is too wide for a slider: a seed.
void number_field(window::SettingEditor& editor, const Setting& row, const char* id) {
    int value = static_cast<int>(row.number(editor.shown()));
    if (ImGui::InputInt(id, &value, 1, 100)) {
        editor.change_number(row, std::clamp<double>(value, row.low, row.high));
        editor.release();
    }
}

/// idle: nothing is computed with the value, so it is not shown as if it were so.
void slider(window::SettingEditor& editor, const Setting& row, const char* id, bool idle) {
    double value = row.number(editor.shown());
    const Edited edited = setting_slider(id, row, value, idle ? "\u2013" : shown_value(row, editor.shown()));
    if (edited.changed) editor.drag_number(row, value);
    if (edited.released) editor.release();
}

void control(window::SettingEditor& editor, const Setting& row, const lab::Snapshot& snapshot, bool idle) {
    const std::string id = "##" + std::string(row.key);
    ImGui::SetNextItemWidth(-FLT_MIN);
    switch (row.type) {
    case SettingType::boolean: {
        bool on = row.number(editor.shown()) != 0;
        if (window::checkbox(id.c_str(), &on)) {
            editor.change_number(row, on);
            editor.release();
        }
        break;
    }
    case SettingType::choice: {
        if (row.choices.size() <= 2) return segments(editor, row, id.c_str());
        return combo(editor, row, {row.choices.begin(), row.choices.end()}, id.c_str());
    }
    case SettingType::text: {
        if (is_drawing(row)) return drawing_control(editor, row, id.c_str());
        if (row.key == "sampler.ask" && !class_names(snapshot).empty())
            return class_picker(editor, snapshot, id.c_str());
        const auto names = known_names(row);
        return names.empty() ? text_field(editor, row, id.c_str()) : combo(editor, row, names, id.c_str());
    }
    case SettingType::integer:
        if (row.scale == Scale::linear && row.high - row.low > 1e6)
            return number_field(editor, row, id.c_str());
        return slider(editor, row, id.c_str(), idle);
    case SettingType::real:
        return slider(editor, row, id.c_str(), idle);
    }
}

} // namespace

bool begin_rows(const char* id) {
    const float available = ImGui::GetContentRegionAvail().x;
    const float most = std::max(available * 0.3f, available - least_control * ImGui::GetFontSize());
    const float wanted = LabelColumn().width();
    if (available < window::scaled(small_below))
        ImGui::PushFont(nullptr, 13);
    else
        ImGui::PushFont(nullptr, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, window::scaled(0, 2));
    // With StretchProp the width of a column whose controls ask for none is 0 / 0 in its first frame.
    if (!ImGui::BeginTable(id, 2, ImGuiTableFlags_SizingStretchSame | ImGuiTableFlags_NoSavedSettings)) {
        ImGui::PopStyleVar();
        ImGui::PopFont();
        return false;
    }
    ImGui::TableSetupColumn("label", ImGuiTableColumnFlags_WidthFixed,
                            std::min(most, wanted > 0 ? wanted : available / 2));
    ImGui::TableSetupColumn("control", ImGuiTableColumnFlags_WidthStretch);
    return true;
}

void end_rows() {
    ImGui::EndTable();
    ImGui::PopStyleVar();
    ImGui::PopFont();
}

void reading_row(const char* label, const std::string& value, std::string_view tooltip) {
    control_row(
        label, ImGui::GetTextLineHeight(),
        [&] {
            const window::TypeScope type(window::Type::mono);
            window::clipped_text(value, ImGui::GetContentRegionAvail().x);
        },
        tooltip);
}

void control_row(const char* label, float height, const std::function<void()>& control,
                 std::string_view tooltip) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    Hover hover = label_cell(label, "", false, true, height);
    ImGui::TableNextColumn();
    control();
    hover |= item_hover();
    if (hover.for_tooltip && !ImGui::IsAnyItemActive() && ImGui::BeginTooltip()) {
        {
            const window::TypeScope type(window::Type::strong);
            ImGui::TextUnformatted(label);
        }
        if (!tooltip.empty()) ImGui::TextUnformatted(window::wrap_text(tooltip, 60).c_str());
        ImGui::EndTooltip();
    }
}

void setting_row(window::SettingEditor& editor, const Setting& row, const lab::Snapshot& snapshot) {
    const std::string_view idle = row.why_idle(editor.shown(), snapshot.surroundings());
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    const ImVec2 low = ImGui::GetCursorScreenPos();
    Hover hover =
        label_cell(row.label, row.symbol, editor.changed(row), !idle.empty(), ImGui::GetFrameHeight());
    ImGui::TableNextColumn();
    ImGui::BeginDisabled(!idle.empty());
    ImGui::BeginGroup();
    control(editor, row, snapshot, !idle.empty());
    ImGui::EndGroup();
    ImGui::EndDisabled();
    hover |= item_hover();
    window::pointable("setting", row.key, low, ImGui::GetItemRectMax());
    if (hover.now && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) editor.reset(row);
    if (hover.for_tooltip && !ImGui::IsAnyItemActive()) explain_setting(row, editor, idle);
}

void explain_setting(const Setting& row, const window::SettingEditor& editor, std::string_view idle) {
    if (!ImGui::BeginTooltip()) return;
    const auto muted = [](const std::string& text) {
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
        ImGui::TextUnformatted(window::wrap_text(text, 60).c_str());
        ImGui::PopStyleColor();
    };
    const auto colored = [](Meaning meaning, const char* head, std::string_view text) {
        if (text.empty()) return;
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(meaning));
        ImGui::TextUnformatted(head);
        ImGui::PopStyleColor();
        ImGui::SameLine(0, window::scaled(6));
        ImGui::TextUnformatted(window::wrap_text(text, 48).c_str());
    };
    {
        const window::TypeScope type(window::Type::strong);
        ImGui::TextUnformatted(row.label.data(), row.label.data() + row.label.size());
    }
    if (!row.symbol.empty()) {
        ImGui::SameLine();
        muted(std::string(row.symbol));
    }
    ImGui::TextUnformatted(window::wrap_text(row.help, 60).c_str());
    if (!idle.empty()) colored(Meaning::attention, "No effect now.", idle);
    ImGui::Spacing();
    const bool boolean = row.type == SettingType::boolean;
    colored(Meaning::attention, boolean ? "Off:" : "Too low:", row.too_low);
    colored(Meaning::attention, boolean ? "On:" : "Too high:", row.too_high);
    const std::string scene_value = shown_value(row, editor.scene());
    const bool number = row.type == SettingType::real || row.type == SettingType::integer;
    if (number)
        muted("Range " + window::format_number(row.low) + " \u2026 " + window::format_number(row.high) +
              (row.unit.empty() ? "" : " " + std::string(row.unit)) + ", in this scene " + scene_value +
              ", now exactly " + window::format_exact(row.number(editor.shown())) + ".");
    muted(std::string(effect_words(row.effect)) + ". " + (number ? "Ctrl-click: type a number. " : "") +
          "Right-click: back to " + (scene_value.empty() ? "empty" : scene_value) + ".");
    {
        const window::TypeScope type(window::Type::small_mono);
        muted(std::string(row.key));
    }
    ImGui::EndTooltip();
}

void setting_group(window::SettingEditor& editor, std::string_view group, const lab::Snapshot& snapshot) {
    int advanced = 0, changed = 0;
    const auto each = [&](Tier tier, const auto& act) {
        for (const Setting& row : settings_table())
            if (row.group == group && row.tier == tier &&
                row.applies(editor.shown(), snapshot.surroundings()))
                act(row);
    };
    each(Tier::basic, [&](const Setting& row) { setting_row(editor, row, snapshot); });
    bool wanted = false; // a lesson points at one of them
    each(Tier::advanced, [&](const Setting& row) {
        ++advanced, changed += editor.changed(row);
        wanted |= window::points_at("setting", row.key);
    });
    if (advanced == 0) return;

    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(group.data(), group.data() + group.size());
    ImGuiStorage& storage = *ImGui::GetStateStorage();
    const ImGuiID id = ImGui::GetID("more");
    bool open = storage.GetBool(id) || wanted;
    ImGui::PushStyleColor(ImGuiCol_Button, ImVec4(0, 0, 0, 0));
    ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
    std::string label = open ? "Fewer" : window::format_count(advanced) + " more";
    const bool some_changed = !open && changed > 0;
    if (some_changed) label += " \u2022" + window::format_count(changed); // the dot of a changed row
    if (ImGui::ArrowButtonEx("##arrow", open ? ImGuiDir_Up : ImGuiDir_Down,
                             {ImGui::GetFrameHeight(), ImGui::GetFrameHeight()}))
        open = !open;
    ImGui::SameLine(0, 0);
    ImGui::PushStyleVarX(ImGuiStyleVar_FramePadding, window::scaled(2));
    if (ImGui::Button((label + "###more").c_str())) open = !open;
    if (some_changed)
        ImGui::SetItemTooltip("%s of them differ from the scene.", window::format_count(changed).c_str());
    ImGui::PopStyleVar();
    ImGui::PopStyleColor(2);
    storage.SetBool(id, open);
    ImGui::PopID();
    if (open) each(Tier::advanced, [&](const Setting& row) { setting_row(editor, row, snapshot); });
}

int found_settings(window::SettingEditor& editor, std::string_view query, const lab::Snapshot& snapshot) {
    int count = 0;
    std::string_view group;
    for (const Setting& row : settings_table()) {
        if (!matches(row, query)) continue;
        if (row.group != group) {
            group = row.group;
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            const window::TypeScope type(window::Type::strong);
            ImGui::AlignTextToFramePadding();
            const std::string_view title = group_title(group);
            ImGui::TextUnformatted(title.data(), title.data() + title.size());
        }
        setting_row(editor, row, snapshot);
        ++count;
    }
    return count;
}

} // namespace ebm::panels
