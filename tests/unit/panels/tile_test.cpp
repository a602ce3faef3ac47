#include "app/panels/plotting.h"

#include <imgui.h>

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE(
    "plots lie in as many columns as leave none of them below the edge, if they can be read so") {
    ImGuiContext* const before = ImGui::GetCurrentContext();
    ImGuiContext* const own = ImGui::CreateContext();
    ImGui::SetCurrentContext(own);
    constexpr float least = 154;
    const auto columns = [&](float width, float height) {
        return panels::tile_in_sight(3, {width, height}, least).columns;
    };
    DOCTEST_CHECK(columns(560, 200) == 3); // low: beside each other, narrow as they are
    DOCTEST_CHECK(columns(1100, 200) == 3);
    DOCTEST_CHECK(columns(270, 200) == 1); // too narrow for two: one is scrolled to
    DOCTEST_CHECK(columns(270, 900) == 1);
    DOCTEST_CHECK(columns(560, 900) < 3); // high: below each other
    ImGui::DestroyContext(own);
    ImGui::SetCurrentContext(before);
}
