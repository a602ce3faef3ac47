#include "app/panels/picture_choice.h"

#include "app/panels/class_names.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace ebm::panels {

using namespace window;

bool PictureChooser::draw(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty) {
        empty_state(icon::image, "No scene is open. Pick a scene of pictures in the panel at the left.");
        return false;
    }
    if (s.kind.plane) {
        empty_state(icon::image, "Samples of this scene are points of the plane, not pictures. Open a scene "
                                 "of pictures, such as Fashion-MNIST.");
        return false;
    }
    const bool held_out = s.data && s.data->held_out_count > 0;
    const auto choose = [&](lab::PictureSource source, std::int64_t index) {
        lab::ChoosePicture choice;
        choice.source = source;
        choice.index = index;
        context.send(choice);
    };
    const lab::PictureView* picture = s.picture.get();
    if (picture) asked_ = false;
    if (!picture && !asked_ && (held_out || s.chains.count > 0)) {
        asked_ = true;
        choose(held_out ? lab::PictureSource::held_out : lab::PictureSource::chain, 0);
    }
    const bool of_data = picture && picture->choice.source == lab::PictureSource::held_out;
    const std::int64_t index = of_data ? picture->choice.index : 0;
    ImGui::BeginDisabled(!held_out);
    if (ImGui::ArrowButton("picture_back", ImGuiDir_Left)) choose(lab::PictureSource::held_out, index - 1);
    help_tooltip("The held-out picture before this one.");
    ImGui::SameLine(0, scaled(4));
    if (ImGui::Button(of_data ? "Next held-out picture###picture_next" : "A held-out picture###picture_next"))
        choose(lab::PictureSource::held_out, of_data ? index + 1 : index);
    ImGui::EndDisabled();
    help_tooltip(held_out ? "A picture that the model was not trained on."
                          : "This scene has no held-out pictures.");
    const int chain = s.trace ? s.trace->chain : -1;
    flow(button_width("Selected chain"));
    ImGui::BeginDisabled(chain < 0);
    if (ImGui::Button("Selected chain###picture_chain")) choose(lab::PictureSource::chain, chain);
    ImGui::EndDisabled();
    help_tooltip(chain < 0 ? "Click a picture in Samples first: that selects its chain."
                           : "The picture of chain " + format_count(chain) +
                                 " as it is now. The chain itself goes on.");
    if (!picture) {
        empty_state(icon::image, "No picture is chosen yet.");
        return false;
    }
    sheet_.set(picture->pixels, {s.kind.channels, s.kind.height, s.kind.width},
               static_cast<std::uint64_t>(picture->number));
    const std::string words = picture_words(s);
    flow(ImGui::CalcTextSize(words.c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(color(Meaning::muted), "%s", words.c_str());
    return true;
}

std::string picture_words(const lab::Snapshot& snapshot) {
    const lab::PictureView& picture = *snapshot.picture;
    const std::string name =
        picture.label >= 0 ? ": " + class_name(class_names(snapshot), picture.label) : std::string();
    if (picture.choice.source == lab::PictureSource::held_out)
        return "Held-out picture " + format_count(picture.choice.index + 1) + " of " +
               format_count(picture.held_out) + name;
    return "Chain " + format_count(picture.choice.index) + " as of step " +
           format_count(picture.chain_steps) + name;
}

PictureTiles picture_tiles(const PictureShape& shape, int count, int lines, float words, ImVec2 room) {
    PictureTiles best;
    const float line = ImGui::GetTextLineHeight(), gap = scaled(12);
    for (int zoom = std::clamp(static_cast<int>(scaled(320)) / std::max(1, shape.width), 1, 16);; --zoom) {
        const float z = static_cast<float>(zoom);
        best.zoom = zoom;
        best.gap = gap;
        best.picture = {z * static_cast<float>(shape.width), z * static_cast<float>(shape.height)};
        best.tile = {std::max(best.picture.x, words),
                     best.picture.y + scaled(4) + static_cast<float>(lines) * line};
        best.columns = std::clamp(static_cast<int>((room.x + gap) / (best.tile.x + gap)), 1, count);
        const int rows = (count + best.columns - 1) / best.columns;
        const float height = static_cast<float>(rows) * (best.tile.y + gap) - gap;
        const float width = static_cast<float>(best.columns) * (best.tile.x + gap) - gap;
        if (zoom == 1 || (height <= room.y && width <= room.x)) return best;
    }
}

ImVec2 tile_corner(const PictureTiles& tiles, int index) {
    return {static_cast<float>(index % tiles.columns) * (tiles.tile.x + tiles.gap),
            static_cast<float>(index / tiles.columns) * (tiles.tile.y + tiles.gap)};
}

void tile_line(const PictureTiles& tiles, ImVec2 corner, int line, std::string_view text, ImU32 color) {
    ImGui::SetCursorScreenPos({corner.x, corner.y + tiles.picture.y + scaled(4) +
                                             static_cast<float>(line) * ImGui::GetTextLineHeight()});
    ImGui::PushStyleColor(ImGuiCol_Text, color);
    clipped_text(text, tiles.tile.x);
    ImGui::PopStyleColor();
}

} // namespace ebm::panels
