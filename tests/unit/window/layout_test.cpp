#include "app/window/shell.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>
#include <imgui_internal.h>

using namespace ebm::window;

namespace {

/// Three panels on the tabs of one place, on a display that draws nothing.
class Visit {
public:
    explicit Visit(const std::filesystem::path& config_folder) {
        ShellOptions options;
        options.config_folder = config_folder;
        for (const char* id : {"first", "second", "third"})
            options.panels.push_back({.id = id, .title = id, .draw = [](Context&) {}});
        shell_ = std::make_unique<Shell>(*display_, std::move(options));
        frames();
    }
    void open(const char* id) {
        shell_->open_panel(id);
        frames();
    }
    static bool in_front(const char* id) {
        const ImGuiWindow* window = ImGui::FindWindowByName((std::string("###") + id).c_str());
        return window && window->DockTabIsVisible;
    }

private:
    void frames() {
        const ebm::lab::Snapshot snapshot;
        for (int i = 0; i < 12; ++i)
            shell_->frame([&]() -> const ebm::lab::Snapshot& { return snapshot; }, [](auto) {}, false);
    }

    std::unique_ptr<Display> display_ = Display::open_null({});
    std::unique_ptr<Shell> shell_;
};

} // namespace

DOCTEST_TEST_CASE("the tab in front is in front again at the next start") {
    const ebm::tests::TemporaryFolder folder;
    {
        Visit visit(folder.path);
        DOCTEST_CHECK(visit.in_front("first"));
    }
    {
        Visit visit(folder.path);
        DOCTEST_CHECK(visit.in_front("first"));
        visit.open("second");
        DOCTEST_CHECK(visit.in_front("second"));
    }
    Visit visit(folder.path);
    DOCTEST_CHECK(visit.in_front("second"));
    DOCTEST_CHECK(!visit.in_front("first"));
    DOCTEST_CHECK(!visit.in_front("third"));
}
