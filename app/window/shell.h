#pragma once

#include "app/window/action.h"
#include "app/window/comparison.h"
#include "app/window/dialogs.h"
#include "app/window/display.h"
#include "app/window/panel.h"
#include "app/window/preferences.h"
#include "app/window/question.h"
#include "app/window/recording.h"
#include "app/window/setting_editor.h"
#include "app/window/tall_panel.h"
#include "app/window/theme.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct ImGuiContext;
struct ImPlotContext;
struct ImPlot3DContext;

namespace ebm::window {

class Shell;

struct ShellOptions {
    std::vector<Panel> panels;
    /// Those of a second run that is compared with the first, with ids that begin with `b_`.
    std::vector<Panel> second_panels;
    /// A laboratory for the second run; missing: runs cannot be compared.
    std::function<std::unique_ptr<lab::Session>()> second_session;
    /// Called when run B was ended because a person wanted that, and its laboratory is gone.
    std::function<void()> second_ended;
    std::vector<Action> actions; ///< besides those of the shell and of the panels
    std::function<void(Context&)> top_bar, status_bar;
    /// A dropped or chosen file. Recent files go the same way.
    std::function<void(Context&, const std::string& path)> open_file;
    /// See SettingEditor::take_over.
    std::function<bool(Shell&, const Setting&, const std::string& value, const Settings& shown)> take_over;
    /// For screenshots. Throws Error.
    std::function<void(const std::string& path, const Pixels&)> write_picture;
    /// Asked before a command of a panel or an action is sent: calls `go_on` if it may be, at once or when a
    /// person has said so. Missing: each may be.
    std::function<void(Context&, const lab::Command&, std::function<void()> go_on)> allow;
    /// Called once, in the first frame that shows a scene.
    std::function<void(Context&)> started;
    /// Called when the run of the context is to end with the window or the comparison; returns whether it
    /// may, or asks and calls `go_on` once that is answered. Missing = it may.
    std::function<bool(Context&, std::function<void()> go_on)> may_end;
    std::string only_panel;              ///< id: this panel fills the window, without menus and bars
    std::filesystem::path config_folder; ///< empty = nothing is read or kept
    std::filesystem::path scenes_folder; ///< of a person's own scenes; empty = there are none
    float ui_scale = 1;
    ThemeKind theme = ThemeKind::dark; ///< where no preference is kept
    bool own_file_dialogs = false;     ///< never the desktop's
};

// For a work area of this size at scale 1.
LayoutForm layout_form(float width, float height);

/// What a tab says: as much as there is room for in its group.
enum class TabLabel { whole, brief, brief_without_close, icon };

/// The window around the panels: menus, top and status bar, docking, shortcuts, palette, preferences,
/// screenshots. Its thread is the one that made the display.
class Shell {
public:
    using Send = std::function<void(lab::Command)>;

    Shell(Display& display, ShellOptions options);
    ~Shell();
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    /// One frame. `latest` is asked after waiting for input. idle: nothing changes by itself, so the frame
    /// may wait for input (never longer than a second).
    void frame(const std::function<const lab::Snapshot&()>& latest, const Send& send, bool idle);

    /// The steps of frame(), for the window tests: begin, build, draw, show.
    void begin(bool idle);
    void build(const lab::Snapshot& snapshot, const Send& send);
    void draw();
    void show();

    bool wants_close() const { return closing_; }
    void close() { closing_ = true; }

    /// Duplicates the run: run B begins as its copy, with panels of its own beside those of run A. Nothing if
    /// there is one already. Throws Error if the copy cannot be written.
    void compare(Context& context);
    /// The same with a run B that a program which ended too early left behind.
    void compare_recovered(const std::filesystem::path& left);
    /// Ends run B, and asks first if training would be lost.
    void end_comparison();
    /// Ends run B at once. Not while panels are drawn.
    void drop_comparison() { comparison_.reset(); }
    const Comparison* comparison() const { return comparison_.get(); }
    Comparison* comparison() { return comparison_.get(); }

    Display& display() { return display_; }
    Actions& actions() { return actions_; }
    FileDialogs& dialogs() { return dialogs_; }
    void ask(Question question) { questions_.ask(std::move(question)); }
    bool is_asking() const { return questions_.is_open(); }
    /// A dialog with fields in front of everything, drawn in each frame until `draw` returns false or Escape
    /// is pressed.
    void open_form(std::string title, std::function<bool(Context&)> draw);
    const std::filesystem::path& scenes_folder() const { return options_.scenes_folder; }
    /// Seconds of unsaved training that another run may take the place of without a question: it can be
    /// brought back.
    double worth_asking() const { return worth_asking_; }
    void set_worth_asking(double seconds) { worth_asking_ = seconds; }
    /// Calls `go_on` if `command`, which it sends beside others, may be sent (ShellOptions::allow), perhaps
    /// in a later frame. The context that it gets asks no more.
    void when_allowed(const Context& context, const lab::Command& command,
                      std::function<void(Context&)> go_on);
    /// Settings as they are shown and edited, with undo. Up to date before the panels are drawn.
    SettingEditor& settings() { return settings_; }
    const SettingEditor& settings() const { return settings_; }
    Preferences& preferences() { return preferences_; }
    const Preferences& preferences() const { return preferences_; }
    /// Which negative of an iteration Algorithm 1 tells about and Landscape marks, from 0.
    int& followed_negative() { return followed_negative_; }
    const std::vector<Panel>& panels() const { return panels_; }

    /// A sentence in the status bar for some seconds, newest wins.
    void say(std::string text, Meaning meaning = Meaning::text);
    struct Notice {
        std::string text;
        Meaning meaning = Meaning::text;
        double until = 0; ///< ImGui::GetTime()
    };
    /// The sentence to show now; empty text if none.
    Notice notice() const;

    void open_panel(std::string_view id);
    /// The same, scrolled to its top.
    void show_from_top(std::string_view id);
    /// Gives this panel, and no other, at least a good half of the height that it shares with what is above
    /// or below it; empty: none.
    void make_tall(std::string_view id) { tall_panel_.want(id); }
    /// These panels are at their tops when they are seen next.
    void scroll_to_top(const std::vector<std::string>& panels) { top_panels_ = panels; }
    bool is_open(std::string_view id) const;
    /// Chooses the tabs of these panels where they are open; of those that share a group, that of the first.
    void bring_to_front(const std::vector<std::string>& panels);
    /// Whether the panel was seen in the last frame: its tab is the chosen one.
    bool is_in_front(std::string_view id) const;
    void reset_layout() { reset_layout_ = true; }
    /// Closes every panel but these, as if by hand. Those that are not there are passed over.
    void open_only(const std::vector<std::string>& panels);
    void set_zoom(float zoom);
    void set_theme(ThemeKind theme);
    /// Only these panels are on screen until it is called with none; which panels a person has opened is
    /// kept.
    void show_only(const std::vector<std::string>& panels);
    bool shows_only_some() const { return !only_these_.empty(); }
    /// For a projector: large, light, without menus and status bar. Not kept in the preferences.
    void present(bool on);
    bool is_presenting() const { return presenting_; }
    void open_palette() { palette_requested_ = true; }
    /// For the panel under the cursor, with every shortcut.
    void show_help();
    /// The help of one panel with the shortcuts below.
    void show_help(std::string_view panel);
    /// Opens a file as if it had been dropped.
    void open_path(const std::string& path) { dropped_.push_back(path); }
    /// What the landscape of run A showed when it was drawn last, and of which scene; none of pictures.
    std::optional<Camera> camera;
    std::string camera_scene;

    /// Writes a picture and says in the status bar what came of it.
    void save_picture(const std::string& path, const Pixels& picture);
    /// Writes a text and says in the status bar what came of it.
    void save_text(const std::string& path, const std::string& text);
    /// Writes a picture of the next complete frame as it is on the screen; of the part between two corners at
    /// twice the size, for which a frame is drawn that is not shown. Empty path: a numbered file in the
    /// working folder.
    void screenshot(const std::string& path = {}, ImVec2 low = {}, ImVec2 high = {});
    /// Records the window, or the part between two corners, until stop_recording; a recording that is under
    /// way is given up. What kind of file: see store::open_animation.
    void record(const std::string& path, ImVec2 low = {}, ImVec2 high = {});
    /// keep: what is left of it is written while the window goes on, and what came of it is said then.
    /// Otherwise nothing is kept.
    void stop_recording(bool keep);
    /// Null while nothing is recorded.
    const Recording* recording() const { return recording_.get(); }
    /// Whether this frame is drawn for a picture in a file: without what only serves the hand.
    bool draws_picture() const { return enlarged_; }
    /// One that has ended and is being written; null if there is none.
    const Recording* writing() const { return writing_.empty() ? nullptr : writing_.front().get(); }

private:
    void add_shell_actions();
    void add_panel_actions();
    void load_preferences();
    void save_preferences();
    void refresh_look();
    void draw_menu_bar(Context& context);
    void draw_recent_files();
    void draw_bars(Context& context);
    void draw_panels(Context& context);
    void draw_panel(Panel& panel, Context& context);
    void draw_only_panel(Context& context);
    double seconds_to_wait(bool idle) const;
    bool is_typing();
    bool may_close(Context& context);
    Context direct_context(bool second);
    Context asking_context(bool second);
    void when_allowed(bool second, const lab::Command& command, std::function<void(Context&)> go_on);
    void begin_comparison(std::unique_ptr<Comparison> comparison);
    void open_second_panels(bool plane);
    bool is_there(const Panel& panel) const { return !panel.second || comparison_ != nullptr; }
    void place_second_panels();
    void choose_tab_labels();
    std::string tab_name(const Panel& panel) const;
    void follow_size();
    void build_default_layout(unsigned dock_id);
    void front_tabs();
    void front_wanted_tabs();
    void draw_help_corners();
    void draw_palette(Context& context);
    void draw_form(Context& context);
    void draw_help();
    void draw_panel_menu();
    void take_screenshot();
    void finish_recordings(bool wait);

    Display& display_;
    ShellOptions options_;
    ImGuiContext* imgui_ = nullptr;
    ImPlotContext* implot_ = nullptr;
    ImPlot3DContext* implot3d_ = nullptr;
    Look look_;
    Actions actions_;
    std::vector<Panel> panels_;
    std::map<std::string, TabLabel> tab_labels_; ///< by panel id, of the group of tabs that it is in
    LayoutForm form_ = LayoutForm::wide, next_form_ = LayoutForm::wide;
    double next_form_since_ = 0;                ///< ImGui::GetTime()
    std::map<LayoutForm, std::string> layouts_; ///< as Dear ImGui writes them, of the forms not shown now
    std::string leaving_layout_;                ///< of form_, as it was when the size of another form came
    std::string pending_layout_;                ///< to be read before the next frame begins
    const lab::Snapshot* snapshot_ = nullptr;   ///< of this frame
    Send send_;
    int followed_negative_ = 0;
    FileDialogs dialogs_;
    Questions questions_;
    std::unique_ptr<Recording> recording_;
    std::vector<std::unique_ptr<Recording>> writing_;
    std::string dialog_title_;
    std::function<bool(Context&)> dialog_; ///< open_form's; null: none is open
    bool opening_dialog_ = false;
    double worth_asking_ = 20;
    SettingEditor settings_;
    std::unique_ptr<Comparison> comparison_;
    bool ending_comparison_ = false, place_second_panels_ = false, close_again_ = false;
    bool awaits_second_ = false; ///< what kind of samples run B has is not known yet
    std::optional<lab::ShownViews> second_sent_views_;
    lab::ShownViews second_views_{};
    Preferences preferences_, saved_preferences_;
    Notice notice_;
    std::vector<std::string> dropped_;
    ImVec2 screenshot_low_, screenshot_high_;
    std::string screenshot_path_, help_panel_, hovered_panel_, focus_panel_;
    std::vector<std::string> top_panels_;
    std::vector<std::string> tabs_to_front_;
    int front_until_ = 0; ///< the frame; windows that appear come to the front of their own accord
    std::string palette_text_;
    int palette_selected_ = 0, frames_ = 0, front_tabs_at_ = -9, screenshot_delay_ = 0;
    TallPanel tall_panel_;
    std::vector<std::string> only_these_; ///< panels; empty = those that are open
    bool presenting_ = false;
    bool closing_ = false, reset_layout_ = false, look_changed_ = false, layout_checked_ = false;
    bool default_layout_ = false;               ///< to be built; reset_layout_ opens every panel as well
    lab::ShownViews views_{};                   ///< of the panels drawn in this frame
    std::optional<lab::ShownViews> sent_views_; ///< what the laboratory knows of them
    bool started_ = false;
    bool palette_requested_ = false, help_open_ = false, screenshot_requested_ = false, demo_open_ = false;
    bool enlarged_ = false; ///< this frame is drawn for a file, at twice the size, and not shown
    float applied_scale_ = 0;
    std::chrono::steady_clock::time_point awake_until_{}, frame_began_{};
    double typing_until_ = 0, last_letter_ = -1; ///< ImGui::GetTime()
    bool had_field_ = false,
         wrote_ = false;    ///< a field had the keyboard a frame ago; letters went to the last
    double frame_cost_ = 0; ///< seconds, of drawing in software
};

} // namespace ebm::window
