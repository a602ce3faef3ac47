#include "app/window/saved_layout.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <imgui_internal.h>
#include <map>
#include <set>
#include <vector>

namespace ebm::window {
namespace {

constexpr int largest_position = 32767, largest_size = 16384; // Dear ImGui keeps 16 bits
constexpr int most_nodes = 500, deepest_node = 50, most_columns = 100;

/// Takes a line apart from left to right. Every function returns whether the text went on as expected, and
/// then has passed it.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool literal(std::string_view expected) {
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(expected.size());
        return true;
    }
    void blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(' '), text_.size())); }
    template <class Number>
    bool number(Number& value, Number low, Number high) {
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        if (error != std::errc() || !(value >= low && value <= high)) return false;
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return true;
    }
    bool pair(int low, int high) {
        int first = 0, second = 0;
        return number(first, low, high) && literal(",") && number(second, low, high);
    }
    /// "0x0000002A", never 0.
    bool id(std::uint32_t& value) {
        if (!literal("0x") || text_.size() < 8) return false;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + 8, value, 16);
        if (error != std::errc() || end != text_.data() + 8 || value == 0) return false;
        text_.remove_prefix(8);
        return true;
    }
    bool at_end() const { return text_.empty(); }

private:
    std::string_view text_;
};

struct Node {
    std::uint32_t id = 0, parent = 0;
    bool dock_space = false, split = false, central = false;
    int children = 0, depth = 0;
};

class Layout {
public:
    std::string read(std::string_view text) {
        if (text.empty()) throw Error("The file is empty", "", remedy);
        if (text.back() != '\n') throw Error("The last line is cut", "", remedy);
        while (!text.empty()) {
            ++line_number_;
            const std::size_t end = text.find('\n');
            line_ = text.substr(0, end);
            text.remove_prefix(end + 1);
            for (const unsigned char letter : line_)
                if (letter < 32 || letter == 127) refuse("It holds a control character");
            if (line_.empty()) {
                kept_ += "\n";
            } else if (line_.front() == '[') {
                open_section();
                kept_.append(line_).append("\n");
            } else if (read_line()) {
                kept_.append(line_).append("\n");
            }
        }
        check_tree();
        return without_lost_docks();
    }

private:
    static constexpr const char* remedy = "The default layout is used.";
    enum class Section { none, window, table, docking };

    [[noreturn]] void refuse(const char* why) const {
        throw Error(why, fmt::format("line {}", line_number_), remedy);
    }

    void open_section() {
        if (!sections_.insert(std::string(line_)).second) refuse("A section is there twice");
        Reader line(line_);
        if (line_.starts_with("[Window][") && line_.size() > 10 && line_.back() == ']') {
            section_ = Section::window;
            // Only panels can be docked: a window that holds a dock tree, inside its own node, would be a
            // circle.
            is_panel_ =
                !line_.starts_with("[Window][##") && !line_.starts_with("[Window][WindowOverViewport_");
        } else if (line_ == "[Docking][Data]") {
            section_ = Section::docking;
        } else if (std::uint32_t id = 0; line.literal("[Table][") && line.id(id) && line.literal(",") &&
                                         line.number(columns_, 1, most_columns) && line.literal("]") &&
                                         line.at_end()) {
            section_ = Section::table;
            places_.clear();
        } else {
            refuse("The section is not known");
        }
    }

    /// Returns whether the line stays.
    bool read_line() {
        switch (section_) {
        case Section::window:
            return read_window();
        case Section::table:
            return read_table();
        case Section::docking:
            return read_node();
        case Section::none:
            break;
        }
        refuse("The line stands in no section");
    }

    bool read_window() {
        Reader line(line_);
        int flag = 0, order = 0;
        std::uint32_t id = 0;
        bool sound = false;
        if (line.literal("Pos="))
            sound = line.pair(-largest_position, largest_position);
        else if (line.literal("Size="))
            sound = line.pair(0, largest_size);
        else if (line.literal("Collapsed=") || line.literal("IsChild="))
            sound = line.number(flag, 0, 1);
        else if (line.literal("LastUsed="))
            sound = line.number(flag, 0, 99999999);
        else if (line.literal("ClassId="))
            sound = line.id(id);
        else if (line.literal("DockId=")) {
            sound = is_panel_ && line.id(id) &&
                    (line.at_end() || (line.literal(",") && line.number(order, -1, 1000)));
            docked_.emplace_back(kept_.size(), id);
        }
        if (!sound || !line.at_end()) refuse("A window's line is damaged");
        return true;
    }

    bool read_table() {
        Reader line(line_);
        int whole = 0;
        float real = 0;
        bool sound = false;
        if (line.literal("RefScale=")) {
            sound = line.number(real, 0.01f, 1000.0f);
        } else if (line.literal("LastUsed=")) {
            sound = line.number(whole, 0, 99999999);
        } else if (line.literal("Column ")) {
            int column = 0, order = 0;
            std::uint32_t id = 0;
            sound = line.number(column, 0, columns_ - 1);
            line.blanks();
            if (line.literal("Width="))
                sound = sound && line.number(whole, -1, largest_size); // −1: never shown
            if (line.literal("Weight=")) sound = sound && line.number(real, -1.0f, 1e4f);
            line.blanks();
            if (line.literal("Visible=")) sound = sound && line.number(whole, 0, 1);
            line.blanks();
            if (line.literal("Order="))
                sound = sound && line.number(order, 0, columns_ - 1) && places_.insert(order).second;
            line.blanks();
            if (line.literal("Sort="))
                sound =
                    sound && line.number(whole, 0, columns_ - 1) && (line.literal("v") || line.literal("^"));
            line.blanks();
            if (line.literal("ID=")) sound = sound && line.id(id);
        }
        if (!sound || !line.at_end()) refuse("A table's line is damaged");
        return true;
    }

    bool read_node() {
        Reader line(line_);
        Node node;
        line.blanks();
        node.dock_space = line.literal("DockSpace");
        bool sound = node.dock_space || line.literal("DockNode");
        line.blanks();
        sound = sound && line.literal("ID=") && line.id(node.id);
        if (line.literal(" Parent=")) {
            sound = sound && line.id(node.parent);
            if (line.literal(" SizeRef=")) sound = sound && line.pair(0, largest_size);
        } else {
            std::uint32_t window = 0;
            if (line.literal(" Window=")) sound = sound && line.id(window);
            sound = sound && line.literal(" Pos=") && line.pair(-largest_position, largest_position) &&
                    line.literal(" Size=") && line.pair(0, largest_size);
        }
        if (line.literal(" Split=")) {
            node.split = true;
            sound = sound && (line.literal("X") || line.literal("Y"));
        }
        line.literal(" NoResize=1");
        node.central = line.literal(" CentralNode=1");
        for (const char* flag :
             {" NoTabBar=1", " HiddenTabBar=1", " NoWindowMenuButton=1", " NoCloseButton=1"})
            line.literal(flag);
        std::uint32_t selected = 0;
        if (line.literal(" Selected=")) sound = sound && line.id(selected);
        if (!sound || !line.at_end()) refuse("A dock node's line is damaged");
        add(node);
        return true;
    }

    void add(Node node) {
        if (node.parent != 0) {
            const auto parent = nodes_.find(node.parent);
            if (parent == nodes_.end()) refuse("A dock node's parent is missing");
            if (++parent->second.children > 2) refuse("A dock node has three children");
            node.depth = parent->second.depth + 1;
            if (node.dock_space) refuse("A dock space stands inside another");
        }
        const std::uint32_t root = node.parent == 0 ? node.id : roots_.at(node.parent);
        const bool own = root == ImHashStr(dock_space_name);
        if (node.parent == 0 && node.dock_space != own) refuse("The dock space is not that of this program");
        if (node.central && (!own || has_central_++ > 0)) refuse("A second dock node is the central one");
        if (node.depth > deepest_node || nodes_.size() >= most_nodes) refuse("There are too many dock nodes");
        if (!nodes_.emplace(node.id, node).second) refuse("A dock node is there twice");
        roots_[node.id] = root;
    }

    void check_tree() const {
        if (!nodes_.contains(ImHashStr(dock_space_name)))
            throw Error("The part about docking is missing", "", remedy);
        if (has_central_ == 0) throw Error("The central dock node is missing", "", remedy);
        for (const auto& [id, node] : nodes_) {
            const auto say = [&, id = id](const char* why) {
                throw Error(why, fmt::format("dock node 0x{:08X}", id), remedy);
            };
            if (node.children != (node.split ? 2 : 0)) say("A dock node has lost a child");
            if (node.central && node.split) say("The central dock node is split");
        }
        for (const auto& [place, id] : docked_)
            if (const auto node = nodes_.find(id); node != nodes_.end() && node->second.split)
                throw Error("A panel is docked in a node that is split",
                            fmt::format("dock node 0x{:08X}", id), remedy);
    }

    std::string without_lost_docks() {
        for (auto docked = docked_.rbegin(); docked != docked_.rend(); ++docked)
            if (!nodes_.contains(docked->second))
                kept_.erase(docked->first, kept_.find('\n', docked->first) + 1 - docked->first);
        return std::move(kept_);
    }

    Section section_ = Section::none;
    std::string_view line_;
    int line_number_ = 0, columns_ = 0, has_central_ = 0;
    bool is_panel_ = false;
    std::string kept_;
    std::set<std::string> sections_;
    std::set<int> places_;                                      ///< of the columns of this table
    std::vector<std::pair<std::size_t, std::uint32_t>> docked_; ///< place of the line in `kept_`, node
    std::map<std::uint32_t, Node> nodes_;
    std::map<std::uint32_t, std::uint32_t> roots_; ///< by node
};

} // namespace

std::string sound_layout(std::string_view text) {
    return Layout().read(text);
}

} // namespace ebm::window
