#include "app/panels/lesson_list.h"

#include "app/panels/lesson.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/lab/lessons.h"

#include <algorithm>
#include <imgui_internal.h>

namespace ebm::panels {

using window::Meaning;
using window::scaled;

std::string step_key(const lab::Lesson& lesson) {
    return lesson.name + "/step";
}

int kept_number(const window::Shell& shell, const std::string& key) {
    const auto& kept = shell.preferences().lessons;
    const auto found = kept.find(key);
    return found == kept.end() ? 0 : found->second;
}

namespace {

/// With what was done of it. Returns whether it was pressed.
bool lesson_row(window::Context& context, const lab::Lesson& lesson, int number) {
    const int done = kept_number(context.shell, lesson.name);
    const int reached = kept_number(context.shell, step_key(lesson));
    const int count = static_cast<int>(lesson.steps.size());
    ImGui::PushID(lesson.name.c_str());
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, margin = scaled(34);
    const float room = width - margin - scaled(8);
    ImVec2 title, about;
    {
        const window::TypeScope type(window::Type::strong);
        title = ImGui::CalcTextSize(lesson.title.c_str(), nullptr, false, room);
    }
    const std::string below =
        std::to_string(lesson.minutes) + " min" +
        (done >= count ? ", done"
         : done > 0    ? ", " + std::to_string(done) + " of " + std::to_string(count) + " steps done"
                       : "") +
        (reached > 0 && reached < count ? ", goes on at step " + std::to_string(reached + 1) : "");
    {
        const window::TypeScope type(window::Type::caption);
        about = ImGui::CalcTextSize(lesson.about.c_str(), nullptr, false, room);
    }
    const float caption = scaled(16), height = title.y + about.y + caption + scaled(14);
    const bool pressed = ImGui::InvisibleButton("lesson", {width, height});
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (ImGui::IsItemHovered())
        list.AddRectFilled(at, {at.x + width, at.y + height}, window::packed(Meaning::hovered), scaled(4));
    ImGui::RenderNavCursor({at, {at.x + width, at.y + height}}, ImGui::GetItemID());
    const std::string mark = done >= count ? window::icon::check : std::to_string(number);
    const ImVec2 size = ImGui::CalcTextSize(mark.c_str());
    const ImVec2 centre(at.x + scaled(17), at.y + scaled(18));
    list.AddCircle(centre, scaled(12), window::packed(done >= count ? Meaning::good : Meaning::muted), 0,
                   scaled(1.5f));
    list.AddText({centre.x - size.x / 2, centre.y - size.y / 2},
                 window::packed(done >= count ? Meaning::good : Meaning::text), mark.c_str());
    float y = at.y + scaled(5);
    {
        const window::TypeScope type(window::Type::strong);
        list.AddText(nullptr, 0, {at.x + margin, y}, window::packed(Meaning::text), lesson.title.c_str(),
                     nullptr, room);
    }
    y += title.y + scaled(1);
    {
        const window::TypeScope type(window::Type::caption);
        list.AddText(nullptr, 0, {at.x + margin, y}, window::packed(Meaning::muted), lesson.about.c_str(),
                     nullptr, room);
        y += about.y + scaled(1);
        list.AddText({at.x + margin, y}, window::packed(done >= count ? Meaning::good : Meaning::muted),
                     below.c_str());
    }
    ImGui::LogText("%s\n%s\n", lesson.title.c_str(), below.c_str());
    ImGui::PopID();
    return pressed;
}

/// One of a person's own that cannot be taken, with the reason.
void broken_row(const lab::BrokenLesson& broken) {
    const float margin = scaled(34);
    ImGui::BeginGroup();
    ImGui::Dummy({0, scaled(1)});
    const ImVec2 at = ImGui::GetCursorScreenPos(), size = ImGui::CalcTextSize(window::icon::warning);
    ImGui::GetWindowDrawList()->AddText({at.x + scaled(17) - size.x / 2, at.y},
                                        window::packed(Meaning::attention), window::icon::warning);
    ImGui::Indent(margin);
    ImGui::PushTextWrapPos(0);
    {
        const window::TypeScope type(window::Type::strong);
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
        ImGui::TextUnformatted(broken.file.filename().string().c_str());
        ImGui::PopStyleColor();
    }
    {
        const window::TypeScope type(window::Type::caption);
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::attention));
        ImGui::TextUnformatted(broken.why.c_str());
        ImGui::PopStyleColor();
    }
    ImGui::PopTextWrapPos();
    ImGui::Unindent(margin);
    ImGui::EndGroup();
    window::help_tooltip("Mend the file " + broken.file.string() +
                             ", then drop it on the window: it takes its place here.",
                         "This lesson cannot be taken");
}

/// The one that was finished just now, and the way on to the next. Returns whether that was pressed.
bool finished_row(window::Context& context, const std::vector<lab::Lesson>& lessons,
                  const std::string& finished_name) {
    const auto finished = std::ranges::find(lessons, finished_name, &lab::Lesson::name);
    if (finished == lessons.end()) return false;
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(("\u201c" + finished->title + "\u201d is finished.").c_str());
    ImGui::PopTextWrapPos();
    if (const auto next = finished + 1; next != lessons.end()) {
        const std::string label = "Next: " + next->title + "###next_lesson";
        if (window::accent_button(label.c_str(), {ImGui::GetContentRegionAvail().x, 0})) {
            begin_lesson(context, next->name);
            return true;
        }
    }
    ImGui::Spacing();
    return false;
}

void heading(const char* text) {
    const window::TypeScope type(window::Type::heading);
    ImGui::TextUnformatted(text);
}

} // namespace

void draw_lesson_list(window::Context& context, const std::string& finished_name) {
    const auto &lessons = lab::built_in_lessons(), &own = lab::own_lessons();
    const auto& broken = lab::broken_lessons();
    if (lessons.empty() && own.empty() && broken.empty())
        return (void)window::empty_state(window::icon::lesson, "No lessons are installed. The log says why.");
    heading("Lessons");
    window::muted_text("A path from the first to the last; each stands on its own too. You predict what will "
                       "happen, and the program answers.");
    ImGui::Spacing();
    if (finished_row(context, lessons, finished_name) || finished_row(context, own, finished_name)) return;
    for (const auto* some : {&lessons, &own}) {
        if (some == &own && !(own.empty() && broken.empty())) {
            ImGui::Spacing();
            heading("Your own lessons");
        }
        int number = 0;
        for (const lab::Lesson& lesson : *some)
            if (lesson_row(context, lesson, ++number)) return begin_lesson(context, lesson.name);
    }
    for (const lab::BrokenLesson& one : broken)
        broken_row(one);
}

} // namespace ebm::panels
