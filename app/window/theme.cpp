#include "app/window/theme.h"

#include <array>
#include <implot.h>
#include <implot3d.h>

namespace ebm::window {
namespace {

struct Hues {
    ImU32 dark, light; ///< 0xRRGGBB
};

/// In the order of Meaning. The hues of data are those of Okabe and Ito, safe for colour-blind eyes.
constexpr std::array<Hues, 18> palette = {{
    {0x56B4E9, 0x0072B2}, // data
    {0x2FC39A, 0x009E73}, // held_out
    {0xF0A830, 0xC97B00}, // samples
    {0xE8E08A, 0x9A8F00}, // buffer
    {0xE08CC0, 0xB5508F}, // ood
    {0x98A2B3, 0x6B7484}, // noise
    {0x2FC39A, 0x009E73}, // good
    {0xF0A830, 0xC97B00}, // attention
    {0xF0703A, 0xD55E00}, // failure
    {0x4C9BE8, 0x1F6FBF}, // accent
    {0xE6E8EC, 0x1B1E24}, // text
    {0x98A2B3, 0x5B6472}, // muted
    {0x2B313C, 0xD5DAE2}, // hairline
    {0x14161A, 0xF4F5F7}, // window
    {0x1B1E24, 0xFFFFFF}, // panel
    {0x262B35, 0xE9ECF1}, // control
    {0x303746, 0xDDE2EA}, // hovered
    {0x3A4356, 0xCBD3DF}, // active
}};

/// Told apart from each other and from the hues above, by colour-blind eyes in lightness too.
constexpr std::array<Hues, ood_hues> ood_palette = {{
    {0xE08CC0, 0xB5508F}, // pink
    {0xB49CFF, 0x5B3FB8}, // violet
    {0xFF8A80, 0xB3261E}, // red
    {0xA3D95B, 0x4E7A12}, // green-yellow
    {0xC9A27A, 0x7A4A1E}, // brown
    {0xDADFE8, 0x3A4250}, // grey
    {0xC2407F, 0x7D1145}, // wine
    {0x8A97B8, 0x8796B5}, // steel
}};

/// Okabe and Ito's, with two more that differ from them in lightness.
constexpr std::array<ImU32, class_hues> class_palette = {
    0x56B4E9, // sky blue
    0xE8601C, // vermilion
    0xF0E442, // yellow
    0x00A078, // green
    0xE08CC0, // pink
    0x2F6FD0, // blue
    0xF5F5F5, // white
    0xE69F00, // orange
    0x7A4A1E, // brown
    0x8F63C9, // violet
};

/// The same hues as far as they are seen on white paper.
constexpr std::array<ImU32, class_hues> class_palette_on_paper = {
    0x2C8FCB, 0xD5500F, 0x9C8F00, 0x008F6B, 0xC0569B, 0x2458AE, 0x7A8494, 0xB87A00, 0x6B3F17, 0x7A4DB8,
};

ImVec4 unpack(ImU32 rgb) {
    return {static_cast<float>(rgb >> 16 & 255) / 255, static_cast<float>(rgb >> 8 & 255) / 255,
            static_cast<float>(rgb & 255) / 255, 1};
}

void set_sizes(ImGuiStyle& style) {
    style.WindowPadding = {10, 10};
    style.FramePadding = {8, 5};
    style.CellPadding = {6, 3};
    style.ItemSpacing = {8, 6};
    style.ItemInnerSpacing = {6, 4};
    style.IndentSpacing = 16;
    style.ScrollbarSize = 12;
    style.GrabMinSize = 10;
    style.WindowRounding = style.ChildRounding = style.PopupRounding = style.FrameRounding = 4;
    style.GrabRounding = style.TabRounding = 3;
    style.ScrollbarRounding = 6;
    style.SelectableRounding = style.MenuItemRounding = 3;
    style.WindowBorderSize = 1;
    style.PopupBorderSize = 1;
    style.FrameBorderSize = 0;
    style.TabBorderSize = 0;
    style.TabBarBorderSize = 1;
    style.TabBarOverlineSize = 2;
    style.DockingSeparatorSize = 2;
    style.DockingNodeHasCloseButton = false; // each tab has its own
    style.SeparatorTextBorderSize = 1;
    style.SeparatorTextPadding = {0, 4};
    style.WindowTitleAlign = {0, 0.5f};
    style.WindowMenuButtonPosition = ImGuiDir_None;
    style.DisabledAlpha = 0.45f;
    style.HoverDelayNormal = style.HoverDelayShort = 0.35f;
    style.HoverStationaryDelay = 0.1f;
    style.HoverFlagsForTooltipMouse =
        ImGuiHoveredFlags_Stationary | ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_AllowWhenDisabled;
}

void set_colors(ImGuiStyle& style) {
    const ImVec4 none(0, 0, 0, 0);
    const ImVec4 text = color(Meaning::text), muted = color(Meaning::muted), line = color(Meaning::hairline);
    const ImVec4 window = color(Meaning::window), panel = color(Meaning::panel),
                 control = color(Meaning::control);
    const ImVec4 hovered = color(Meaning::hovered), active = color(Meaning::active),
                 accent = color(Meaning::accent);
    ImVec4* colors = style.Colors;
    for (int i = 0; i < ImGuiCol_COUNT; ++i)
        colors[i] = control;
    colors[ImGuiCol_Text] = text;
    colors[ImGuiCol_TextDisabled] = muted;
    colors[ImGuiCol_WindowBg] = panel;
    colors[ImGuiCol_ChildBg] = none;
    colors[ImGuiCol_PopupBg] = look().theme == ThemeKind::dark ? unpack(0x20242C) : panel;
    colors[ImGuiCol_Border] = line;
    colors[ImGuiCol_BorderShadow] = none;
    colors[ImGuiCol_FrameBg] = control;
    colors[ImGuiCol_FrameBgHovered] = hovered;
    colors[ImGuiCol_FrameBgActive] = active;
    colors[ImGuiCol_TitleBg] = colors[ImGuiCol_TitleBgActive] = colors[ImGuiCol_TitleBgCollapsed] = window;
    colors[ImGuiCol_MenuBarBg] = window;
    colors[ImGuiCol_ScrollbarBg] = none;
    colors[ImGuiCol_ScrollbarGrab] = hovered;
    colors[ImGuiCol_ScrollbarGrabHovered] = active;
    colors[ImGuiCol_ScrollbarGrabActive] = muted;
    colors[ImGuiCol_CheckMark] = look().theme == ThemeKind::dark ? unpack(0x0E1116) : unpack(0xFFFFFF);
    colors[ImGuiCol_CheckboxSelectedBg] = accent;
    colors[ImGuiCol_SliderGrab] = accent;
    colors[ImGuiCol_SliderGrabActive] = with_alpha(accent, 0.8f);
    colors[ImGuiCol_Button] = control;
    colors[ImGuiCol_ButtonHovered] = hovered;
    colors[ImGuiCol_ButtonActive] = active;
    colors[ImGuiCol_Header] = control;
    colors[ImGuiCol_HeaderHovered] = hovered;
    colors[ImGuiCol_HeaderActive] = active;
    colors[ImGuiCol_Separator] = line;
    colors[ImGuiCol_SeparatorHovered] = colors[ImGuiCol_SeparatorActive] = accent;
    colors[ImGuiCol_ResizeGrip] = none;
    colors[ImGuiCol_ResizeGripHovered] = colors[ImGuiCol_ResizeGripActive] = active;
    colors[ImGuiCol_InputTextCursor] = text;
    colors[ImGuiCol_Tab] = colors[ImGuiCol_TabDimmed] = window;
    colors[ImGuiCol_TabHovered] = hovered;
    colors[ImGuiCol_TabSelected] = colors[ImGuiCol_TabDimmedSelected] = panel;
    colors[ImGuiCol_TabSelectedOverline] = accent;
    colors[ImGuiCol_TabDimmedSelectedOverline] = active;
    colors[ImGuiCol_DockingPreview] = with_alpha(accent, 0.4f);
    colors[ImGuiCol_DockingEmptyBg] = window;
    colors[ImGuiCol_PlotLines] = colors[ImGuiCol_PlotHistogram] = accent;
    colors[ImGuiCol_PlotLinesHovered] = colors[ImGuiCol_PlotHistogramHovered] = text;
    colors[ImGuiCol_TableHeaderBg] = none;
    colors[ImGuiCol_TableBorderStrong] = colors[ImGuiCol_TableBorderLight] = line;
    colors[ImGuiCol_TableRowBg] = none;
    colors[ImGuiCol_TableRowBgAlt] = with_alpha(control, 0.35f);
    colors[ImGuiCol_TextLink] = accent;
    colors[ImGuiCol_TextSelectedBg] = with_alpha(accent, 0.35f);
    colors[ImGuiCol_TreeLines] = line;
    colors[ImGuiCol_DragDropTarget] = accent;
    colors[ImGuiCol_DragDropTargetBg] = with_alpha(accent, 0.1f);
    colors[ImGuiCol_UnsavedMarker] = color(Meaning::attention);
    colors[ImGuiCol_NavCursor] = accent;
    colors[ImGuiCol_NavWindowingHighlight] = accent;
    colors[ImGuiCol_NavWindowingDimBg] = colors[ImGuiCol_ModalWindowDimBg] = ImVec4(0, 0, 0, 0.4f);
}

void set_plot_style(float scale) {
    if (ImPlot::GetCurrentContext()) {
        ImPlotStyle style;
        const auto at = [scale](float x, float y) { return ImVec2(x * scale, y * scale); };
        style.PlotDefaultSize = at(400, 220);
        style.PlotMinSize = at(120, 70);
        style.PlotBorderSize = 0;
        style.MajorTickLen = style.MinorTickLen = at(0, 0);
        style.PlotPadding = at(4, 4);
        style.LabelPadding = at(5, 4);
        style.LegendPadding = at(6, 6);
        style.LegendInnerPadding = at(6, 4);
        style.LegendSpacing = at(8, 2);
        style.MousePosPadding = at(6, 6);
        style.AnnotationPadding = at(4, 2);
        style.DigitalPadding = 20 * scale;
        style.Colors[ImPlotCol_FrameBg] = ImVec4(0, 0, 0, 0);
        style.Colors[ImPlotCol_PlotBg] = with_alpha(color(Meaning::window), 0.6f);
        style.Colors[ImPlotCol_PlotBorder] = color(Meaning::hairline);
        style.Colors[ImPlotCol_LegendBg] = with_alpha(color(Meaning::panel), 0.85f);
        style.Colors[ImPlotCol_LegendBorder] = ImVec4(0, 0, 0, 0);
        style.Colors[ImPlotCol_LegendText] = color(Meaning::text);
        style.Colors[ImPlotCol_TitleText] = color(Meaning::text);
        style.Colors[ImPlotCol_InlayText] = color(Meaning::text);
        style.Colors[ImPlotCol_AxisText] = color(Meaning::muted);
        style.Colors[ImPlotCol_AxisGrid] = with_alpha(color(Meaning::text), 0.08f);
        style.Colors[ImPlotCol_AxisTick] = with_alpha(color(Meaning::text), 0.15f);
        style.Colors[ImPlotCol_AxisBg] = ImVec4(0, 0, 0, 0);
        style.Colors[ImPlotCol_AxisBgHovered] = color(Meaning::hovered);
        style.Colors[ImPlotCol_AxisBgActive] = color(Meaning::active);
        style.Colors[ImPlotCol_Selection] = color(Meaning::accent);
        style.Colors[ImPlotCol_Crosshairs] = color(Meaning::muted);
        style.Colormap = ImPlotColormap_Viridis;
        ImPlot::GetStyle() = style;
    }
    if (ImPlot3D::GetCurrentContext()) {
        if (look().theme == ThemeKind::dark)
            ImPlot3D::StyleColorsDark();
        else
            ImPlot3D::StyleColorsLight();
        ImPlot3D::GetStyle().Colors[ImPlot3DCol_FrameBg] = ImVec4(0, 0, 0, 0);
        ImPlot3D::GetStyle().Colors[ImPlot3DCol_PlotBg] = ImVec4(0, 0, 0, 0);
    }
}

} // namespace

void apply_look(Look& look) {
    ImGui::GetIO().UserData = &look;
    ImGuiStyle style;
    style.FontSizeBase = 15;
    set_sizes(style);
    set_colors(style);
    style.ScaleAllSizes(look.scale);
    style.FontScaleDpi = look.scale;
    ImGui::GetStyle() = style;
    set_plot_style(look.scale);
}

const Look& look() {
    return *static_cast<const Look*>(ImGui::GetIO().UserData);
}

ImVec4 color(Meaning meaning, ThemeKind theme) {
    const Hues& hues = palette[static_cast<std::size_t>(meaning)];
    return unpack(theme == ThemeKind::dark ? hues.dark : hues.light);
}

ImVec4 color(Meaning meaning) {
    return color(meaning, look().theme);
}

ImVec4 ood_color(int number, ThemeKind theme) {
    const Hues& hues = ood_palette[static_cast<std::size_t>(number % ood_hues)];
    return unpack(theme == ThemeKind::dark ? hues.dark : hues.light);
}

ImVec4 ood_color(int number) {
    return ood_color(number, look().theme);
}

ImVec4 class_color(int number) {
    return unpack(class_palette[static_cast<std::size_t>(number % class_hues)]);
}

ImVec4 curve_color(int number, ThemeKind theme) {
    if (theme == ThemeKind::dark) return class_color(number);
    return unpack(class_palette_on_paper[static_cast<std::size_t>(number % class_hues)]);
}

ImVec4 curve_color(int number) {
    return curve_color(number, look().theme);
}

ImVec4 with_alpha(ImVec4 color, float alpha) {
    return {color.x, color.y, color.z, color.w * alpha};
}

ImU32 packed(Meaning meaning, float alpha) {
    return ImGui::ColorConvertFloat4ToU32(with_alpha(color(meaning), alpha));
}

} // namespace ebm::window
