#include "app/panels/landscape_draw.h"
#include "app/panels/landscape_tools.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include "core/base/random.h"

#include <algorithm>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

constexpr const char* names[3] = {"a", "b", "c"};

const char* kind_name(lab::AnchorKind kind) {
    switch (kind) {
    case lab::AnchorKind::data:
        return "Data";
    case lab::AnchorKind::chain:
        return "Chain";
    case lab::AnchorKind::noise:
        return "Noise";
    }
    return "";
}

/// How many samples of the kind there are to choose from.
int choices(lab::AnchorKind kind, const lab::Snapshot& s) {
    switch (kind) {
    case lab::AnchorKind::data:
        return s.data ? static_cast<int>(std::max<std::int64_t>(1, s.data->train_count)) : 1;
    case lab::AnchorKind::chain:
        return std::max(1, s.chains.count);
    case lab::AnchorKind::noise:
        return 1000;
    }
    return 1;
}

bool pick_anchor(int which, lab::Anchor& anchor, const LandscapeState& state, const lab::Snapshot& s,
                 float width) {
    bool changed = false;
    ImGui::PushID(which);
    ImGui::BeginGroup();
    const float side = ImGui::GetFrameHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({side, side});
    if (state.anchors.count() > which && s.kind.height > 0)
        state.anchors.draw(*ImGui::GetWindowDrawList(), which, at, side / static_cast<float>(s.kind.height));
    ImGui::SameLine(0, scaled(6));
    {
        const window::TypeScope type(window::Type::strong);
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(names[which]);
    }
    ImGui::SameLine(0, scaled(6));
    const float room = std::max(scaled(60), width - side - scaled(30));
    ImGui::SetNextItemWidth(room * 0.54f);
    if (ImGui::BeginCombo("##kind", kind_name(anchor.kind))) {
        for (const auto kind : {lab::AnchorKind::data, lab::AnchorKind::chain, lab::AnchorKind::noise})
            if (ImGui::Selectable(kind_name(kind), kind == anchor.kind) && kind != anchor.kind) {
                anchor = {kind, 0};
                changed = true;
            }
        ImGui::EndCombo();
    }
    window::help_tooltip("Where this corner of the slice comes from.");
    ImGui::SameLine(0, scaled(4));
    ImGui::SetNextItemWidth(room * 0.46f - scaled(4));
    int index = anchor.index;
    if (ImGui::DragInt("##index", &index, 0.2f, 0, choices(anchor.kind, s) - 1, "#%d",
                       ImGuiSliderFlags_AlwaysClamp) &&
        index != anchor.index) {
        anchor.index = index;
        changed = true;
    }
    window::help_tooltip("Which one. Drag, or Ctrl-click to type.");
    ImGui::EndGroup();
    ImGui::PopID();
    return changed;
}

} // namespace

void draw_anchor_pickers(LandscapeState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (!s.slice) return;
    auto anchors = s.slice->anchors;
    bool changed = false;
    const float side = ImGui::GetFrameHeight(), gap = scaled(10);
    const float width = (ImGui::GetContentRegionAvail().x - side - 3 * gap) / 3;
    for (int i = 0; i < 3; ++i) {
        changed |= pick_anchor(i, anchors[static_cast<std::size_t>(i)], state, s, width);
        ImGui::SameLine(0, gap);
    }
    if (window::icon_button("shuffle", window::icon::shuffle, "Three other samples of the same kinds")) {
        ++state.shuffles;
        for (std::uint32_t i = 0; i < 3; ++i) {
            const auto w = random::words(
                {1, random::Stream::start, 99, i, static_cast<std::uint32_t>(state.shuffles)}, 0);
            anchors[i].index = static_cast<int>(w[0] % static_cast<unsigned>(choices(anchors[i].kind, s)));
        }
        changed = true;
    }
    if (changed) context.send(lab::ChooseSlice{anchors});
}

void draw_anchors(const LandscapeState& state, const Pane& pane, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (!s.slice || s.kind.height == 0) return;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(pane.low, pane.high, true);
    const float scale = std::max(1.0f, std::round(scaled(56) / static_cast<float>(s.kind.height)));
    const float width = scale * static_cast<float>(s.kind.width),
                height = scale * static_cast<float>(s.kind.height);
    for (int i = 0; i < 3; ++i) {
        const auto& at = s.slice->at[static_cast<std::size_t>(i)];
        const ImVec2 centre = place(state, pane, {at[0], at[1]});
        const ImVec2 low(std::round(centre.x - width / 2), std::round(centre.y - height - scaled(10)));
        list.AddLine({centre.x, low.y + height}, centre, IM_COL32(255, 255, 255, 220), scaled(1.5f));
        list.AddCircleFilled(centre, scaled(4.5f), IM_COL32(0, 0, 0, 200));
        list.AddCircleFilled(centre, scaled(3), IM_COL32(255, 255, 255, 255));
        list.AddRectFilled({low.x - scaled(2), low.y - scaled(2)},
                           {low.x + width + scaled(2), low.y + height + scaled(2)},
                           IM_COL32(255, 255, 255, 235), scaled(2));
        state.anchors.draw(list, i, low, scale);
        const window::TypeScope type(window::Type::strong);
        const ImVec2 text = ImGui::CalcTextSize(names[i]);
        const ImVec2 corner(low.x - scaled(2), low.y - scaled(2));
        list.AddRectFilled(corner, {corner.x + text.x + scaled(8), corner.y + text.y + scaled(2)},
                           window::packed(Meaning::panel, 0.95f), scaled(2));
        list.AddText({corner.x + scaled(4), corner.y + scaled(1)}, window::packed(Meaning::text), names[i]);
    }
    list.PopClipRect();
}

} // namespace ebm::panels
