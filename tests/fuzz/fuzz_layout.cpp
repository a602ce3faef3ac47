// fuzz_layout [ROUNDS [SEED]]
//
// Damages the layout that Dear ImGui itself saves, as a cut, a slip of an editor or a bad disk does, and
// gives what window::sound_layout accepts to Dear ImGui for some frames. A broken contract inside Dear ImGui,
// or a crash, is a failure. The inputs are a function of ROUNDS and SEED.

#include "app/window/saved_layout.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/fuzz/mutate.h"

#include <backends/imgui_impl_null.h>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <imgui_internal.h>
#include <string>
#include <vector>

void ImGuiTestEngineHook_ItemAdd(ImGuiContext*, ImGuiID, const ImRect&, const ImGuiLastItemData*) {}
void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID, const char*, ImGuiItemStatusFlags) {}
void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}
const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) {
    return nullptr;
}

namespace {

using namespace ebm;

const char* const panels[] = {"###a", "###b", "###c", "###d", "###e", "###f", "###g"};
std::string layout; // the one being tried, for the message when Dear ImGui stops the program
int broken_contracts = 0;

ImGuiID dock_space() {
    return ImHashStr(window::dock_space_name);
}

/// A window with seven panels, without graphics. A crash ends the program, which is what the test looks for.
class Visit {
public:
    explicit Visit(const std::string& saved) {
        ImGui::SetCurrentContext(ImGui::CreateContext());
        ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_DockingEnable;
        ImGui::GetIO().IniFilename = nullptr;
        ImGui_ImplNull_Init();
        if (!saved.empty()) ImGui::LoadIniSettingsFromMemory(saved.data(), saved.size());
    }
    ~Visit() {
        ImGui_ImplNull_Shutdown();
        ImGui::DestroyContext();
    }
    Visit(const Visit&) = delete;

    void frame(void (*before)() = nullptr) {
        ImGui_ImplNull_NewFrame();
        ImGui::GetIO().DisplaySize = {1600, 1000};
        ImGui::NewFrame();
        if (before) before();
        ImGui::DockSpaceOverViewport(dock_space(), ImGui::GetMainViewport());
        for (const char* name : panels) {
            if (ImGui::Begin(name) &&
                ImGui::BeginTable("rows", 3, ImGuiTableFlags_Resizable | ImGuiTableFlags_Sortable)) {
                ImGui::TableNextRow();
                ImGui::EndTable();
            }
            ImGui::End();
        }
        ImGui::Render();
    }
};

void arrange() {
    const ImGuiID root = dock_space();
    ImGui::DockBuilderAddNode(root, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(root, {1600, 1000});
    ImGuiID rest = root;
    const ImGuiID left = ImGui::DockBuilderSplitNode(rest, ImGuiDir_Left, 0.2f, nullptr, &rest);
    ImGuiID right = ImGui::DockBuilderSplitNode(rest, ImGuiDir_Right, 0.2f, nullptr, &rest);
    const ImGuiID low = ImGui::DockBuilderSplitNode(right, ImGuiDir_Down, 0.4f, nullptr, &right);
    ImGuiID floating = ImGui::DockBuilderAddNode();
    ImGui::DockBuilderSetNodePos(floating, {100, 100});
    ImGui::DockBuilderSetNodeSize(floating, {500, 400});
    const ImGuiID half = ImGui::DockBuilderSplitNode(floating, ImGuiDir_Up, 0.5f, nullptr, &floating);
    const ImGuiID places[] = {left, rest, rest, right, low, floating, half};
    for (std::size_t i = 0; i < std::size(panels); ++i)
        ImGui::DockBuilderDockWindow(panels[i], places[i]);
    ImGui::DockBuilderFinish(root);
}

std::string saved_by_dear_imgui() {
    Visit visit("");
    visit.frame();
    visit.frame(arrange);
    for (int i = 0; i < 4; ++i)
        visit.frame();
    return ImGui::SaveIniSettingsToMemory();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// What an editor, a cut or a merge does to lines of text.
std::string with_damaged_lines(const std::string& text, fuzz::Choices& choices) {
    std::vector<std::string> lines = lines_of(text);
    for (std::size_t count = 1 + choices.below(3); count > 0 && !lines.empty(); --count) {
        const std::size_t at = choices.below(lines.size()), other = choices.below(lines.size());
        std::string& line = lines[at];
        switch (choices.below(7)) {
        case 0: // a line is missing
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 1: // the rest is missing
            lines.resize(at);
            break;
        case 2: // lines change places
            std::swap(line, lines[other]);
            break;
        case 3: // a line is there twice
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[other]);
            break;
        case 4: // the beginning is missing
            lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 5: // another digit
            for (char& letter : line)
                if (std::isxdigit(static_cast<unsigned char>(letter)) && choices.below(6) == 0)
                    letter = "0123456789ABCDEF"[choices.below(16)];
            break;
        default: // a number of another line
            if (const std::size_t from = lines[other].find("0x"), to = line.find("0x");
                from != std::string::npos && to != std::string::npos && from + 10 <= lines[other].size())
                line = line.substr(0, to) + lines[other].substr(from, 10) +
                       line.substr(std::min(line.size(), to + 10));
        }
    }
    std::string damaged;
    for (const std::string& line : lines)
        damaged += line + "\n";
    return damaged;
}

} // namespace

void imgui_contract_broken(const char* expression, const char* file, const char* function, int line) {
    ++broken_contracts;
    std::printf("%s:%d: %s: expected %s, after this layout:\n%s\n", file, line, function, expression,
                layout.c_str());
    std::fflush(stdout);
}

int main(int argument_count, char** arguments) {
    const auto rounds = static_cast<std::uint32_t>(argument_count > 1 ? std::atol(arguments[1]) : 2000);
    const std::uint64_t seed = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
    const std::string whole = saved_by_dear_imgui();
    std::size_t accepted = 0, refused = 0;
    for (std::uint32_t round = 0; round <= rounds; ++round) {
        fuzz::Choices choices(seed, 0, round);
        std::string text = whole;
        if (round % 4 == 3) {
            const fuzz::Bytes bytes = fuzz::mutated(files::as_bytes(whole), files::as_bytes(whole), choices);
            text = files::as_text(bytes);
        } else if (round > 0) {
            text = with_damaged_lines(whole, choices);
        }
        try {
            layout = window::sound_layout(text);
        } catch (const Error& error) {
            if (round == 0) {
                std::printf("The undamaged layout is refused: %s\n%s\n", error.what(), whole.c_str());
                return 1;
            }
            ++refused;
            continue;
        }
        ++accepted;
        Visit visit(layout);
        for (int i = 0; i < 4; ++i)
            visit.frame();
    }
    std::printf("fuzz: %zu layouts accepted, %zu refused, %d broken contracts\n", accepted, refused,
                broken_contracts);
    return broken_contracts == 0 ? 0 : 1;
}
