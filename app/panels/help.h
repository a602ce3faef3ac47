#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ebm::panels {

/// What a panel shows and how to read it: the text behind its “?” and F1.
struct PanelHelp {
    std::string_view panel; ///< the panel's id: "energies"
    std::string_view title;
    std::string_view shows;    ///< one or two sentences
    std::string_view read;     ///< how to read it
    std::string_view equation; ///< may be empty
    std::string_view hands;    ///< what can be clicked, dragged, typed; may be empty
};

std::span<const PanelHelp> all_panel_help();
/// The whole text of a panel, as shown by F1; empty if there is none.
std::string help_text(std::string_view panel);
/// nullptr if there is none.
const PanelHelp* panel_help(std::string_view panel);

} // namespace ebm::panels
