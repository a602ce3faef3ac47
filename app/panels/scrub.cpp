#include "app/panels/scrub.h"

#include "app/panels/picture_grid.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace ebm::panels {

using namespace window;

namespace {

constexpr double frames_per_second = 15;

} // namespace

const lab::TraceView* Scrub::trace(const lab::Snapshot& snapshot) const {
    const lab::TraceView* newest = snapshot.trace.get();
    return back_ > 0 && held_ && newest && held_->chain == newest->chain ? held_.get() : newest;
}

int Scrub::frames(const lab::TraceView& trace, const lab::SampleKind& kind) const {
    const auto steps = static_cast<int>(trace.energy.size());
    return kind.plane ? std::min(steps, static_cast<int>(trace.positions.size() / 2)) : trace.frames;
}

float Scrub::strip_height() {
    return std::floor(scaled(52));
}

float Scrub::height(const lab::Snapshot& snapshot, float room) {
    const float bar = bar_height(snapshot), strip = strip_height() + ImGui::GetStyle().ItemSpacing.y;
    with_strip_ = bar > 0 && !snapshot.kind.plane && 3 * (bar + strip) < room;
    return bar + (with_strip_ ? strip : 0);
}

/// Pictures of the chain from its start (left) to now; a click goes there.
void Scrub::draw_strip(const lab::TraceView& trace, const PictureShape& shape) {
    const float height = strip_height(), zoom = height / static_cast<float>(std::max(1, shape.height));
    const float width = std::floor(zoom * static_cast<float>(shape.width)), gap = std::floor(scaled(3));
    const int most = static_cast<int>((ImGui::GetContentRegionAvail().x + gap) / (width + gap));
    const int shown = std::clamp(most, 1, trace.frames);
    const auto elements = static_cast<std::size_t>(shape.elements());
    const auto frame_of = [&](int i) {
        return shown == 1 ? trace.frames - 1 : i * (trace.frames - 1) / (shown - 1);
    };
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < shown; ++i) {
        const std::size_t from = static_cast<std::size_t>(frame_of(i)) * elements;
        if (from + elements > trace.pixels.size()) return;
        pixels.insert(pixels.end(), trace.pixels.begin() + static_cast<std::ptrdiff_t>(from),
                      trace.pixels.begin() + static_cast<std::ptrdiff_t>(from + elements));
    }
    // A new trace may lie where an old one was.
    const auto newest = static_cast<std::uint64_t>(trace.frame_steps.back());
    strip_.set(pixels, shape, reinterpret_cast<std::uintptr_t>(&trace) * 1009 + newest * 131 + pixels.size());
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const int at = trace.frames - 1 - back_;
    int nearest = 0;
    for (int i = 0; i < shown; ++i)
        if (std::abs(frame_of(i) - at) < std::abs(frame_of(nearest) - at)) nearest = i;
    for (int i = 0; i < shown; ++i) {
        const ImVec2 low = {corner.x + static_cast<float>(i) * (width + gap), corner.y};
        ImGui::SetCursorScreenPos(low);
        ImGui::PushID(i);
        if (ImGui::InvisibleButton("frame", {width, height})) {
            back_ = trace.frames - 1 - frame_of(i);
            playing_ = false;
        }
        const auto step = trace.frame_steps[static_cast<std::size_t>(frame_of(i))];
        ImGui::SetItemTooltip("step %s", format_count(step).c_str());
        strip_.draw(*ImGui::GetWindowDrawList(), i, low, zoom, ImageSheet::Sampling::smooth);
        if (i == nearest)
            ImGui::GetWindowDrawList()->AddRect({low.x - 1, low.y - 1},
                                                {low.x + width + 1, low.y + height + 1},
                                                packed(Meaning::text), 0, scaled(1.5f));
        ImGui::PopID();
    }
    ImGui::SetCursorScreenPos({corner.x, corner.y + height});
    ImGui::Dummy({0, 0});
}

float Scrub::bar_height(const lab::Snapshot& snapshot) const {
    const lab::TraceView* shown = trace(snapshot);
    if (!shown || shown->chain < 0 || frames(*shown, snapshot.kind) < 2) return 0;
    return 2 * ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().ItemSpacing.y;
}

void Scrub::play(int count) {
    if (!playing_) return;
    clock_ += ImGui::GetIO().DeltaTime * frames_per_second;
    const int steps = static_cast<int>(clock_);
    clock_ -= steps;
    back_ = std::clamp(back_ - steps, 0, count - 1);
    if (back_ == 0) playing_ = false;
}

void Scrub::draw(const lab::Snapshot& snapshot, std::span<const float> data_quantiles) {
    const float total = bar_height(snapshot);
    if (total == 0) {
        back_ = 0;
        playing_ = false;
        return;
    }
    if (back_ == 0) held_ = snapshot.trace;
    const lab::TraceView* shown = trace(snapshot);
    const int count = frames(*shown, snapshot.kind);
    play(count);
    back_ = std::clamp(back_, 0, count - 1);
    const auto at_frame = static_cast<std::size_t>(count - 1 - back_);
    const auto at_step = static_cast<std::size_t>(static_cast<int>(shown->energy.size()) - 1 - back_);
    const bool plane = snapshot.kind.plane;
    const float energy = plane ? shown->energy[at_step] : shown->frame_energy[at_frame];
    const float gradient = plane ? shown->gradient_norm[at_step] : shown->frame_gradient_norm[at_frame];
    const std::int64_t step =
        plane ? shown->first_step + static_cast<std::int64_t>(at_step) : shown->frame_steps[at_frame];

    ImGui::Separator();
    if (!snapshot.kind.plane) {
        const PictureShape shape = {snapshot.kind.channels, snapshot.kind.height, snapshot.kind.width};
        if (with_strip_) draw_strip(*shown, shape);
        const auto elements = static_cast<std::size_t>(shape.elements());
        const std::size_t frame = at_frame;
        if ((frame + 1) * elements <= shown->pixels.size()) {
            const std::span<const std::uint8_t> pixels(shown->pixels.data() + frame * elements, elements);
            sheet_.set(pixels, shape, reinterpret_cast<std::uintptr_t>(shown) + frame);
            const float side = static_cast<float>(std::max(shape.width, shape.height));
            const float zoom = std::max(1.f, std::floor((total - ImGui::GetStyle().ItemSpacing.y) / side));
            sheet_.draw(*ImGui::GetWindowDrawList(), 0, ImGui::GetCursorScreenPos(), zoom);
            ImGui::Dummy({zoom * static_cast<float>(shape.width), zoom * static_cast<float>(shape.height)});
            ImGui::SameLine();
        }
    }
    ImGui::BeginGroup();
    const float square = ImGui::GetFrameHeight();
    const std::string label = std::string(playing_ ? icon::pause : icon::run) + "###play";
    if (ImGui::Button(label.c_str(), {square * 1.2f, 0})) {
        playing_ = !playing_;
        clock_ = 0;
        if (playing_ && back_ == 0) back_ = count - 1;
    }
    if (plane)
        ImGui::SetItemTooltip("Plays the last %d steps of chain %d.", count, shown->chain);
    else
        ImGui::SetItemTooltip(
            "Plays chain %d from its start in %d pictures: the first and the newest steps one by "
            "one, longer strides between.",
            shown->chain, count);
    ImGui::SameLine();
    const float live = button_width("Live");
    ImGui::SetNextItemWidth(
        std::max(square, ImGui::GetContentRegionAvail().x - live - ImGui::GetStyle().ItemSpacing.x));
    int at = -back_;
    if (ImGui::SliderInt("##scrub", &at, 1 - count, 0,
                         at == 0 ? "now"
                         : plane ? "%d steps"
                                 : "%d pictures")) {
        back_ = std::clamp(-at, 0, count - 1);
        playing_ = false;
    }
    ImGui::SetItemTooltip(
        plane ? "Back through the last steps of chain %d." : "Back to the start of chain %d.", shown->chain);
    ImGui::SameLine();
    ImGui::BeginDisabled(back_ == 0);
    if (ImGui::Button("Live")) {
        back_ = 0;
        playing_ = false;
    }
    ImGui::EndDisabled();
    ImGui::PushStyleColor(ImGuiCol_Text, packed(Meaning::muted));
    ImGui::Text("Chain %d · step %s · ", shown->chain, format_count(step).c_str());
    ImGui::SameLine(0, 0);
    ImGui::TextColored(energy_color(energy, data_quantiles), "E %s", format_number(energy).c_str());
    if (std::isfinite(gradient)) {
        const std::string text = " · |∇E| " + format_number(gradient);
        ImGui::SameLine(0, 0);
        if (ImGui::CalcTextSize(text.c_str()).x < ImGui::GetContentRegionAvail().x)
            ImGui::TextUnformatted(text.c_str());
        else
            ImGui::NewLine();
    }
    ImGui::PopStyleColor();
    ImGui::EndGroup();
}

} // namespace ebm::panels
