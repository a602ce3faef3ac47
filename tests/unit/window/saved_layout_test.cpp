#include "app/window/saved_layout.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <imgui_internal.h>

using namespace ebm::window;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("not in the layout: " + std::string(from));
    return text.replace(at, from.size(), to);
}

/// Two panels beside each other, one on the right docked in a floating group that is gone.
const std::string layout = fmt::format(R"([Window][WindowOverViewport_11111111]
Pos=0,40
Size=1600,900
Collapsed=0

[Window][landscape]
Pos=0,40
Size=800,900
Collapsed=0
DockId=0x00000001,0

[Window][chain]
Pos=20,30
Size=480,360
Collapsed=0
DockId=0x00000077

[Table][0x12345678,2]
RefScale=13
Column 0  Width=80 Sort=0v
Column 1  Weight=1.0000

[Docking][Data]
DockSpace     ID=0x{0:08X} Window=0x5E1C5CD0 Pos=0,40 Size=1600,900 Split=X
  DockNode    ID=0x00000001 Parent=0x{0:08X} SizeRef=800,900 CentralNode=1 Selected=0x12345678
  DockNode    ID=0x00000002 Parent=0x{0:08X} SizeRef=800,900 Split=Y
    DockNode  ID=0x00000003 Parent=0x00000002 SizeRef=800,450
    DockNode  ID=0x00000004 Parent=0x00000002 SizeRef=800,450
DockNode      ID=0x00000005 Pos=60,60 Size=400,300

)",
                                       ImHashStr(dock_space_name));

void refused(const std::string& text, const char* why) {
    DOCTEST_CAPTURE(text);
    DOCTEST_CHECK_THROWS_WITH_AS(sound_layout(text), doctest::Contains(why), ebm::Error);
}

} // namespace

DOCTEST_TEST_CASE("a sound layout is taken; a panel whose dock node is gone floats") {
    DOCTEST_CHECK(sound_layout(layout) == replaced(layout, "DockId=0x00000077\n", ""));
}

DOCTEST_TEST_CASE("a layout whose dock tree is not sound is refused") {
    refused("", "empty");
    refused(layout.substr(0, layout.size() / 2), "");
    refused(layout.substr(0, layout.find("[Docking]")), "docking is missing");
    refused(replaced(layout, "    DockNode  ID=0x00000004 Parent=0x00000002 SizeRef=800,450\n", ""),
            "lost a child");
    refused(replaced(layout, "  DockNode    ID=0x00000002", "  DockNode    ID=0x00000009"),
            "parent is missing");
    refused(replaced(layout, " SizeRef=800,900 Split=Y", " SizeRef=800,900"), "lost a child");
    refused(replaced(layout, "Parent=0x00000002 SizeRef=800,450\nDockNode ",
                     "Parent=0x00000004 SizeRef=8,4\nDockNode "),
            "parent is missing");
    refused(replaced(layout, "ID=0x00000004", "ID=0x00000003"), "twice");
    refused(replaced(layout, "DockSpace ", "DockNode  "), "dock space");
    refused(replaced(layout, " CentralNode=1", ""), "central");
    refused(replaced(layout, "ID=0x00000003 Parent=0x00000002 SizeRef=800,450",
                     "ID=0x00000003 Parent=0x00000002 SizeRef=800,450 CentralNode=1"),
            "second");
    refused(replaced(layout, "DockId=0x00000001,0", "DockId=0x00000002,0"), "split");
    refused(replaced(layout, "Size=1600,900 Split", "Size=99999,900 Split"), "line 24");
    refused(replaced(layout, "[Window][chain]", "[Window][##DockNode_05]"), "damaged");
    refused(replaced(layout, "Column 1 ", "Column 2 "), "table");
    refused(replaced(layout, "Collapsed=0", "Collapsed=0\x1b[2J"), "control");
    refused(replaced(layout, "[Docking][Data]", "[Docking][Data]\n\n[Docking][Data]"), "twice");
}
