#include "app/panels/class_names.h"
#include "app/panels/flow_number.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/picture_choice.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

class RestorePanel {
public:
    void draw(Context& context);

private:
    enum Damage { hidden, noise };

    void draw_damage(Context& context);
    void draw_run(Context& context);
    void draw_tiles(Context& context);
    void paint(const lab::SampleKind& kind, ImVec2 corner, float zoom);
    void draw_mask(const lab::SampleKind& kind, ImVec2 corner, float zoom) const;
    void hide_part(const lab::SampleKind& kind, int left, int top, int width, int height);
    void hide_square(const lab::SampleKind& kind);
    bool any_hidden() const;

    PictureChooser chooser_;
    lab::SampleKind kind_; ///< of the mask
    std::vector<std::uint8_t> mask_;
    int damage_ = hidden, brush_ = 2, steps_ = 500, chains_ = 4, class_ = 0;
    float noise_ = 0.3f;
    ImVec2 brushed_{-1, -1}; ///< where the brush was last, in pixels of the picture; negative: not painting
    ImageSheet damaged_, restored_;
    std::shared_ptr<const lab::RestorationView> shown_;
    std::uint64_t version_ = 0;
};

/// Of the hidden pixels, or of all of them.
double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string state_of(const lab::RestorationView& view) {
    if (!view.problem.empty()) return "Stopped after step " + format_count(view.step);
    const std::string steps = format_count(view.step) + " of " + format_count(view.settings.steps);
    return (view.done ? "Done: step " : view.paused ? "Paused: step " : "Restoring: step ") + steps;
}

bool RestorePanel::any_hidden() const {
    return std::ranges::any_of(mask_, [](std::uint8_t pixel) { return pixel != 0; });
}

void RestorePanel::hide_part(const lab::SampleKind& kind, int left, int top, int width, int height) {
    mask_.assign(static_cast<std::size_t>(kind.height * kind.width), 0);
    for (int y = top; y < top + height; ++y)
        for (int x = left; x < left + width; ++x)
            mask_[static_cast<std::size_t>(y * kind.width + x)] = 1;
}

/// In the middle, a quarter of the picture.
void RestorePanel::hide_square(const lab::SampleKind& kind) {
    const int width = std::max(1, kind.width / 2), height = std::max(1, kind.height / 2);
    hide_part(kind, (kind.width - width) / 2, (kind.height - height) / 2, width, height);
}

void RestorePanel::draw_damage(Context& context) {
    const lab::SampleKind& kind = context.snapshot.kind;
    constexpr std::array<const char*, 2> labels = {"Hide pixels", "Add noise"};
    ImGui::SetNextItemWidth(segmented_width(labels));
    segmented("##restore_damage", damage_, labels);
    help_tooltip("Hide pixels: they are replaced by noise and filled in; the others are put back after each "
                 "step (inpainting). Add noise: all pixels get it, and all of them move (denoising).");
    if (damage_ == noise) {
        flow(scaled(150));
        ImGui::SetNextItemWidth(scaled(150));
        ImGui::DragFloat("##restore_noise", &noise_, 0.005f, 0.01f, 2, "noise %.2f",
                         ImGuiSliderFlags_AlwaysClamp);
        help_tooltip("Standard deviation of the noise. Pixels lie in −1 … 1, a range of 2; what leaves it is "
                     "clamped.");
        return;
    }
    flow(scaled(110));
    ImGui::SetNextItemWidth(scaled(110));
    ImGui::DragInt("##restore_brush", &brush_, 0.05f, 1, std::max(2, std::min(kind.width, kind.height) / 3),
                   "brush %d px", ImGuiSliderFlags_AlwaysClamp);
    help_tooltip("Radius of the brush. Drag over the picture at the left to hide pixels; with the right "
                 "button to show them again.");
    const auto choice = [](const char* label) {
        flow(button_width(label));
        return ImGui::Button(label);
    };
    if (choice("Right half###restore_half"))
        hide_part(kind, kind.width / 2, 0, kind.width - kind.width / 2, kind.height);
    if (choice("Square###restore_square")) hide_square(kind);
    if (choice("Nothing###restore_nothing")) hide_part(kind, 0, 0, 0, 0);
    help_tooltip("Shows all pixels again, to paint anew.");
}

void RestorePanel::draw_run(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const lab::RestorationView* view = s.restoration.get();
    const bool ready = damage_ == noise || any_hidden();
    ImGui::BeginDisabled(!ready);
    if (accent_button("Restore###restore_start")) {
        lab::StartRestoration start;
        if (damage_ == hidden) start.hidden = mask_;
        start.noise = noise_;
        start.steps = steps_;
        start.chains = chains_;
        start.of_class = is_conditional(s) && class_ == 0 ? s.picture->label : -1;
        start.seed = static_cast<std::uint64_t>(s.in_force.train.seed);
        context.send(start);
    }
    ImGui::EndDisabled();
    help_tooltip(ready ? "Chains of the model as it is now start from the damaged picture. They go on while "
                         "this panel is shown."
                       : "Paint over the picture first: nothing is hidden.");
    if (view && !view->done) {
        ImGui::SameLine();
        if (ImGui::Button(view->paused ? "Go on###restore_pause" : "Pause###restore_pause"))
            context.send(lab::PauseRestoration{!view->paused});
    }
    if (view) {
        flow(button_width("Clear"));
        if (ImGui::Button("Clear###restore_clear")) context.send(lab::EndRestoration{});
        help_tooltip("Forgets the restored pictures; the damage stays.");
    }
    flow_number("Steps", "##restore_steps", steps_, 1, 100'000,
                "Steps of each chain, with the sampler of now.");
    flow_number("Chains", "##restore_chains", chains_, 1, 16,
                "Chains that restore the picture, each with random numbers of its own.");
    if (is_conditional(s) && s.picture->label >= 0) {
        constexpr std::array<const char*, 2> labels = {"Its class", "As asked for"};
        const float width = segmented_width(labels);
        flow(width);
        ImGui::SetNextItemWidth(width);
        segmented("##restore_class", class_, labels);
        help_tooltip("Under which class the chains restore it: the picture's own, or the one that Samples "
                     "asks for (“All, in turn”: each chain is asked for another one).");
    }
}

/// Hides pixels under the mouse, or shows them again.
void RestorePanel::paint(const lab::SampleKind& kind, ImVec2 corner, float zoom) {
    ImGui::SetCursorScreenPos(corner);
    ImGui::InvisibleButton("restore_canvas",
                           {zoom * static_cast<float>(kind.width), zoom * static_cast<float>(kind.height)},
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const ImVec2 at = {(mouse.x - corner.x) / zoom, (mouse.y - corner.y) / zoom};
    const auto radius = static_cast<float>(brush_);
    if (ImGui::IsItemHovered() || ImGui::IsItemActive()) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_None);
        ImGui::GetWindowDrawList()->AddCircle(mouse, radius * zoom, packed(Meaning::text), 0, scaled(1.5f));
    }
    if (!ImGui::IsItemActive()) {
        brushed_ = {-1, -1};
        return;
    }
    const bool hides = ImGui::IsMouseDown(ImGuiMouseButton_Left);
    // A fast mouse leaves no gaps.
    const ImVec2 from = brushed_.x < 0 ? at : brushed_;
    const float length = std::hypot(at.x - from.x, at.y - from.y);
    const int parts = std::max(1, static_cast<int>(std::ceil(2 * length)));
    for (int part = 0; part <= parts; ++part) {
        const float share = static_cast<float>(part) / static_cast<float>(parts);
        const float x = from.x + share * (at.x - from.x), y = from.y + share * (at.y - from.y);
        for (int row = 0; row < kind.height; ++row)
            for (int column = 0; column < kind.width; ++column)
                if (std::hypot(static_cast<float>(column) + 0.5f - x, static_cast<float>(row) + 0.5f - y) <=
                    radius)
                    mask_[static_cast<std::size_t>(row * kind.width + column)] = hides;
    }
    brushed_ = {std::max(0.0f, at.x), std::max(0.0f, at.y)};
}

void RestorePanel::draw_mask(const lab::SampleKind& kind, ImVec2 corner, float zoom) const {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 paint = packed(Meaning::accent, 0.75f);
    for (int row = 0; row < kind.height; ++row)
        for (int column = 0; column < kind.width;) {
            int end = column;
            while (end < kind.width && mask_[static_cast<std::size_t>(row * kind.width + end)])
                ++end;
            if (end > column)
                list.AddRectFilled(
                    {corner.x + zoom * static_cast<float>(column), corner.y + zoom * static_cast<float>(row)},
                    {corner.x + zoom * static_cast<float>(end),
                     corner.y + zoom * static_cast<float>(row + 1)},
                    paint);
            column = end + 1;
        }
}

void RestorePanel::draw_tiles(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const lab::RestorationView* view = s.restoration.get();
    const PictureShape shape = {s.kind.channels, s.kind.height, s.kind.width};
    if (s.restoration != shown_) {
        shown_ = s.restoration;
        ++version_;
        if (view) {
            damaged_.set(view->damaged, shape, version_);
            restored_.set(view->pixels, shape, version_);
        }
    }
    const TypeScope type(Type::caption);
    const int chains = view ? static_cast<int>(view->error.size()) : 0;
    const int count = 1 + (view ? 1 + chains : 0);
    const int lines = view && !view->labels.empty() ? 4 : 3;
    const float words = ImGui::CalcTextSize("E −1 234 567 nat").x;
    const PictureTiles tiles = picture_tiles(shape, count, lines, words, ImGui::GetContentRegionAvail());
    const auto zoom = static_cast<float>(tiles.zoom);
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 text = packed(Meaning::text), muted = packed(Meaning::muted);
    const auto corner_of = [&](int tile) {
        const ImVec2 at = tile_corner(tiles, tile);
        return ImVec2{std::floor(origin.x + at.x), std::floor(origin.y + at.y)};
    };
    const auto energy = [](float value) { return "E " + format_value(value, "nat"); };

    const ImVec2 first = corner_of(0);
    chooser_.sheet().draw(list, 0, first, zoom);
    if (damage_ == hidden) {
        paint(s.kind, first, zoom);
        draw_mask(s.kind, first, zoom);
    }
    tile_line(tiles, first, 0, "Original", text);
    if (view)
        tile_line(tiles, first, 1, energy(view->energy_original.front()), muted);
    else if (damage_ == hidden)
        tile_line(tiles, first, 1, "paint on it", muted);
    if (view) {
        const ImVec2 at = corner_of(1);
        damaged_.draw(list, 0, at, zoom);
        tile_line(tiles, at, 0, "Damaged", text);
        tile_line(tiles, at, 1, "error " + format_number(view->error_before.front()), text);
        tile_line(tiles, at, 2, energy(view->energy_damaged.front()), muted);
    }
    for (int chain = 0; chain < chains; ++chain) {
        const auto index = static_cast<std::size_t>(chain);
        const ImVec2 at = corner_of(2 + chain);
        restored_.draw(list, chain, at, zoom);
        tile_line(tiles, at, 0, "Restored " + std::to_string(chain + 1), text);
        tile_line(tiles, at, 1, "error " + format_number(view->error[index]), text);
        tile_line(tiles, at, 2, energy(view->energy[index]), muted);
        if (!view->labels.empty())
            tile_line(tiles, at, 3, class_name(class_names(s), view->labels[index]), muted);
    }
    const ImVec2 last = tile_corner(tiles, count - 1);
    ImGui::SetCursorScreenPos(origin);
    ImGui::Dummy({1, last.y + tiles.tile.y});
}

void RestorePanel::draw(Context& context) {
    if (!chooser_.draw(context)) return;
    const lab::Snapshot& s = context.snapshot;
    if (kind_ != s.kind) {
        kind_ = s.kind;
        hide_square(s.kind);
    }
    draw_damage(context);
    draw_run(context);
    const lab::RestorationView* view = s.restoration.get();
    if (!view) {
        muted_text(damage_ == noise
                       ? "Press Restore: noise is added to the picture, and chains of the model take it away."
                       : "Drag over the picture to hide pixels, then press Restore: chains of the model fill "
                         "them in.");
    } else {
        std::string about = state_of(*view);
        if (s.trainable) about += " · the model of iteration " + format_count(view->iteration);
        about += fmt::format(" · mean error {}: {} before, {} now",
                             view->settings.hidden.empty() ? "of all pixels" : "of the hidden pixels",
                             format_number(mean(view->error_before)), format_number(mean(view->error)));
        muted_text(about);
        help_tooltip("Error: root mean square difference from the original, of a range of 2 (black −1, white "
                     "1). A hidden part may be filled in well and yet differ: there is more than one "
                     "picture that fits. E: energy, low = likely; 'nat' at T = 1.");
        if (!view->problem.empty()) banner("restore_problem", Meaning::failure, view->problem);
    }
    if (s.density())
        muted_text("This model learned without chains; these follow the gradient of its −log p.");
    if (ImGui::BeginChild("pictures")) draw_tiles(context);
    ImGui::EndChild();
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel restore_panel() {
    return {.id = "restore",
            .title = "Restore a picture",
            .short_title = "Restore",
            .icon = icon::brush,
            .place = Place::centre,
            .help = panels::help_text("restore"),
            .draw = [panel = std::make_shared<panels::RestorePanel>()](
                        Context& context) { panel->draw(context); },
            .actions = {},
            .open = false,
            .views = {lab::View::restoration, lab::View::trace}};
}

} // namespace ebm::window
