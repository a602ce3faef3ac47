#pragma once

#include "app/window/shell.h"
#include "core/lab/session.h"
#include "tests/unit/temporary_folder.h"

#include <functional>
#include <imgui.h>
#include <imgui_te_context.h>
#include <imgui_te_engine.h>
#include <string>
#include <vector>

/// What the window tests play on: the program's own shell on a real Session, with small scenes and real
/// files. Every command that the window sends is written down on its way to the engine.
namespace ebm::test {

struct Stage {
    window::Shell* shell = nullptr;
    window::Display* display = nullptr;
    ImGuiTestEngine* engine = nullptr;
    lab::Session* session = nullptr;
    const lab::Snapshot* shown = nullptr; ///< of the frame that was drawn last
    std::vector<lab::Command> sent;
    std::vector<std::string> pictures; ///< paths given to write_picture
    tests::TemporaryFolder folder;     ///< also the working folder

    const lab::Snapshot& now() const { return *shown; }
    void send(lab::Command command) { session->send(std::move(command)); }

    /// The newest command of this kind that the window sent; nullptr if there is none.
    template <class Kind>
    const Kind* last() const {
        for (auto command = sent.rbegin(); command != sent.rend(); ++command)
            if (const Kind* found = std::get_if<Kind>(&*command)) return found;
        return nullptr;
    }
    /// The same where there has to be one: without it the test has failed, and an empty command comes back.
    template <class Kind>
    const Kind& newest() const {
        static const Kind none{};
        const Kind* found = last<Kind>();
        IM_CHECK_SILENT_RETV(found != nullptr, none);
        return *found;
    }
    template <class Kind>
    int count() const {
        int number = 0;
        for (const lab::Command& command : sent)
            number += std::holds_alternative<Kind>(command);
        return number;
    }

    /// Registers a test. It starts in the default layout, with nothing sent and no popup open.
    void test(const char* group, const char* name, std::function<void(ImGuiTestContext*)> body);
    /// Draws frames until `condition` holds in the newest snapshot; an error of the test after a minute.
    /// Returns whether it holds.
    bool wait(ImGuiTestContext* context, const char* what,
              const std::function<bool(const lab::Snapshot&)>& condition);
    /// Opens a scene (paused unless `run`) in the engine and waits for it.
    void open(ImGuiTestContext* context, const lab::Scene& scene, bool run = false);
    /// `iterations` of training.
    void train(ImGuiTestContext* context, int iterations = 3);
    /// Selects a chain and moves all of them `steps` steps.
    void trace(ImGuiTestContext* context, int chain, int steps = 8);
    /// Brings a panel to the front and makes it the reference of item paths.
    void show(ImGuiTestContext* context, const char* panel);
    /// Makes a child window of the panel the reference of item paths.
    void enter(ImGuiTestContext* context, const char* panel, const char* child);
    /// Every word that the next frame writes with Dear ImGui's own text functions.
    std::string words(ImGuiTestContext* context);
    window::Size display_size() const;

    bool collect_words = false; ///< the frame loop's part of words()
    std::string collected;
};

/// The one stage of the running program.
Stage& stage();

/// Two moons with a tiny network: trains some thousand iterations a second.
lab::Scene small_plane();
/// A double well: nothing to train, no data, known minima.
lab::Scene small_analytic();
/// Pictures of 12 × 12 from an IDX file in the stage's folder, and a tiny network.
lab::Scene small_images();
/// small_plane, each moon a class.
lab::Scene small_plane_classes();
/// Pictures of 12 × 12 from a folder with one sub-folder a class (bag, boot, shirt), and a tiny residual
/// network with classes.
lab::Scene small_image_classes();
/// Points of a table in the stage's folder with columns height_cm (about 170, sd 8) and weight_kg, and a tiny
/// network.
lab::Scene small_points();
/// A plane scene whose chains overshoot to infinity within its first iterations.
lab::Scene failing_plane();

/// Opens the context menu of a plot and chooses an item.
void choose_of_plot(ImGuiTestContext* context, const char* plot, const char* item);

/// Where a point of the plane lies on the landscape whose canvas is the reference: the square [−4, 4]² fits
/// its smaller side, with a margin.
ImVec2 of_plane(ImGuiTestContext* context, float x, float y);

using Register = void (*)(Stage&);
/// A file of tests adds itself: `const bool added_samples = add_tests(add_samples_tests);`
bool add_tests(Register tests);

} // namespace ebm::test
