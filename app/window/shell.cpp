#include "app/window/shell.h"

#include "app/draw/offscreen.h"
#include "app/window/frame_picture.h"
#include "app/window/icons.h"
#include "app/window/key_order.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <imgui_internal.h>
#include <implot.h>
#include <implot3d.h>

namespace ebm::window {
namespace {

/// How long the window draws on after input: tooltips appear, hover fades.
constexpr auto awake_after_input = std::chrono::milliseconds(700);

/// What is read at a desk, from the last row of a lecture hall.
constexpr float presenting_scale = 1.5f;

/// Pixels of a picture of a part of the window for each of the window's.
constexpr float picture_density = 2;

/// Seconds without a letter after which keys are shortcuts again.
constexpr double typing_pause = 1.5;
/// Seconds at most between the letters of a word.
constexpr double typing_rhythm = 0.6;

/// Most of the time that drawing in software may take from the laboratory.
constexpr double software_share = 0.5;

} // namespace

Shell::Shell(Display& display, ShellOptions options)
    : display_(display), options_(std::move(options)),
      dialogs_(options_.own_file_dialogs || !display.is_window()) {
    IMGUI_CHECKVERSION();
    imgui_ = ImGui::CreateContext();
    implot_ = ImPlot::CreateContext();
    implot3d_ = ImPlot3D::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard | ImGuiConfigFlags_DockingEnable;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
    io.ConfigDockingAlwaysTabBar = true;
    io.ConfigInputTextCursorBlink = display.is_window();
    io.IniFilename = nullptr;
    panels_ = std::move(options_.panels);
    for (Panel& panel : options_.second_panels)
        panels_.push_back(std::move(panel));
    if (options_.take_over)
        settings_.take_over([this](const Setting& row, const std::string& value, const Settings& shown) {
            return options_.take_over(*this, row, value, shown);
        });
    load_preferences();
    look_.theme = preferences_.theme;
    look_.fonts = load_fonts();
    refresh_look();
    display_.connect();
    display_.on_drop = [this](std::vector<std::string> paths) {
        dropped_.insert(dropped_.end(), paths.begin(), paths.end());
    };
    for (Action& action : options_.actions)
        actions_.add(std::move(action));
    add_panel_actions();
    add_shell_actions(); // last in every menu
}

Shell::~Shell() {
    stop_recording(true);
    finish_recordings(true);
    // Another tab in front is no change of layout to Dear ImGui, but it is to the person who chose it.
    if (layout_checked_) ImGui::GetIO().WantSaveIniSettings = true;
    save_preferences();
    panels_.clear(); // their pictures need the graphics context
    display_.on_drop = nullptr;
    display_.disconnect();
    ImPlot3D::DestroyContext(implot3d_);
    ImPlot::DestroyContext(implot_);
    ImGui::DestroyContext(imgui_);
}

void Shell::load_preferences() {
    preferences_.theme = options_.theme;
    Configuration kept = read_configuration(options_.config_folder, preferences_);
    preferences_ = std::move(kept.preferences);
    layouts_ = std::move(kept.layouts);
    for (const std::string& notice : kept.notices) {
        log::warning("{}", notice);
        say(notice, Meaning::attention);
    }
    for (const Panel& panel : panels_)
        preferences_.open_panels.try_emplace(panel.id, panel.open);
    saved_preferences_ = preferences_;
}

void Shell::save_preferences() {
    if (options_.config_folder.empty()) return;
    ImGuiIO& io = ImGui::GetIO();
    try {
        if (io.WantSaveIniSettings) {
            io.WantSaveIniSettings = false;
            write_layout(options_.config_folder, form_,
                         next_form_ == form_ ? tall_panel_.layout_text() : leaving_layout_);
        }
        if (preferences_ != saved_preferences_) {
            saved_preferences_ = preferences_;
            write_preferences(options_.config_folder, preferences_);
        }
    } catch (const std::exception& error) {
        options_.config_folder.clear();
        say(std::string("Layout and preferences are not kept: ") + error.what(), Meaning::attention);
    }
}

void Shell::refresh_look() {
    const float scale = display_.content_scale() * options_.ui_scale * preferences_.zoom *
                        (presenting_ ? presenting_scale : 1);
    if (!look_changed_ && std::abs(scale - applied_scale_) < 1e-3f) return;
    look_changed_ = false;
    applied_scale_ = scale;
    look_.scale = scale;
    look_.theme = presenting_ ? ThemeKind::light : preferences_.theme;
    apply_look(look_);
}

void Shell::frame(const std::function<const lab::Snapshot&()>& latest, const Send& send, bool idle) {
    begin(idle);
    build(latest(), send);
    draw();
    show();
    frame_cost_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - frame_began_).count();
}

double Shell::seconds_to_wait(bool idle) const {
    const auto now = std::chrono::steady_clock::now();
    if (display_.is_minimised()) return 0.2;
    if (idle && (!comparison_ || comparison_->is_idle()) && now > awake_until_ && frames_ > 5)
        return !writing_.empty()              ? 0.1
               : ImGui::GetIO().WantTextInput ? 0.2
               : display_.is_software()       ? 1.0
                                              : 0.5;
    if (!display_.is_window() || !display_.is_software()) return 0;
    const double interval = std::max(1.0 / 60, frame_cost_ / software_share);
    const double rest = interval - std::chrono::duration<double>(now - frame_began_).count();
    return rest > 1e-3 ? std::min(rest, 0.2) : 0;
}

void Shell::begin(bool idle) {
    const double wait = seconds_to_wait(idle);
    if (display_.begin_frame(wait) && wait > 0)
        awake_until_ = std::chrono::steady_clock::now() + awake_after_input;
    frame_began_ = std::chrono::steady_clock::now();
    refresh_look();
    if (!pending_layout_.empty()) {
        ImGui::LoadIniSettingsFromMemory(pending_layout_.data(), pending_layout_.size());
        place_second_panels_ = comparison_ != nullptr; // it may have been kept when there was no run B
        pending_layout_.clear();
    }
    ImGuiIO& io = ImGui::GetIO();
    const ImVec2 density = io.DisplayFramebufferScale;
    // The frame after that in which the menu was open.
    enlarged_ = screenshot_requested_ && screenshot_delay_ >= 2 && screenshot_high_.x > screenshot_low_.x &&
                display_.has_graphics();
    if (enlarged_) {
        io.DisplayFramebufferScale = {picture_density * density.x, picture_density * density.y};
        draw::set_density(io.DisplayFramebufferScale.x);
    }
    ImVector<ImGuiInputEvent> held;
    hold_back_releases(held);
    ImGui::NewFrame();
    give_back_releases(held);
    io.DisplayFramebufferScale = density;
    ++frames_;
}

void Shell::build(const lab::Snapshot& snapshot, const Send& send) {
    snapshot_ = &snapshot;
    send_ = send;
    Context direct = direct_context(false);
    if (comparison_ && comparison_->begin_frame(snapshot, send, asking_context(true).send, ImGui::GetTime()))
        say("Runs A and B have different scenes now and are no longer linked.");
    if (awaits_second_ && comparison_ && comparison_->is_copied())
        open_second_panels(comparison_->b().kind.plane);
    Context context = asking_context(false);
    settings_.begin_frame(snapshot, context.send, ImGui::GetTime());
    if (ImGui::GetIO().MouseDelta.x != 0 || ImGui::GetIO().MouseDelta.y != 0 || ImGui::IsAnyMouseDown())
        awake_until_ = std::chrono::steady_clock::now() + awake_after_input;
    if (!options_.only_panel.empty()) return draw_only_panel(context);
    const bool typing = is_typing();
    if (!questions_.is_open() && !dialog_) actions_.handle_shortcuts(context, typing);
    if (!presenting_) draw_menu_bar(context);
    draw_bars(context);
    views_ = second_views_ = {};
    draw_panels(context);
    if (frames_ > 2 && snapshot.state != lab::State::empty && sent_views_ != views_) {
        sent_views_ = views_;
        send(lab::ShowViews{views_});
    }
    if (comparison_ && comparison_->is_copied() && second_sent_views_ != second_views_) {
        second_sent_views_ = second_views_;
        comparison_->send_to_b(lab::ShowViews{second_views_}, send);
    }
    draw_palette(context);
    draw_help();
    dialogs_.draw();
    if (!started_ && snapshot.state != lab::State::empty && frames_ > 2) {
        started_ = true;
        if (options_.started) options_.started(direct);
    }
    draw_form(context);
    questions_.draw();
    std::vector<std::string> paths;
    paths.swap(dropped_);
    for (const std::string& path : paths) {
        preferences_.remember_file(path);
        if (options_.open_file) options_.open_file(context, path);
    }
    if (display_.wants_close() || close_again_) {
        close_again_ = false;
        if (may_close(direct))
            closing_ = true;
        else
            display_.refuse_close();
    }
    const bool failed = comparison_ && !comparison_->problem().empty();
    if (failed) say(comparison_->problem(), Meaning::failure);
    // At the end of the frame: panels have pointers to it.
    if (failed || ending_comparison_) comparison_.reset();
    if (ending_comparison_ && options_.second_ended) options_.second_ended();
    ending_comparison_ = false;
    if (preferences_ != saved_preferences_ || ImGui::GetIO().WantSaveIniSettings) save_preferences();
}

bool Shell::may_close(Context& context) {
    if (!options_.may_end) return true;
    if (comparison_) {
        Context second = asking_context(true);
        if (!options_.may_end(second, [this] { ending_comparison_ = close_again_ = true; })) return false;
    }
    return options_.may_end(context, [this] { close(); });
}

/// Its commands go to the laboratory at once, also in later frames: questions and dialogs are answered then.
Context Shell::direct_context(bool second) {
    if (second)
        return {comparison_->b(),
                [this](lab::Command command) {
                    if (comparison_) comparison_->send_to_b(command, send_);
                },
                *this,
                comparison_->settings(),
                comparison_.get(),
                true};
    return {*snapshot_,
            [this](lab::Command command) {
                if (comparison_) comparison_->sent_to_a(command);
                send_(std::move(command));
            },
            *this, settings_, comparison_.get()};
}

/// Its commands are asked about first, where the program wants that.
Context Shell::asking_context(bool second) {
    Context context = direct_context(second);
    if (options_.allow)
        context.send = [this, second](const lab::Command& command) {
            when_allowed(second, command, [command](Context& now) { now.send(command); });
        };
    return context;
}

void Shell::when_allowed(bool second, const lab::Command& command, std::function<void(Context&)> go_on) {
    const auto go = [this, second, go_on = std::move(go_on)] {
        if (second && !comparison_) return; // it has ended
        Context now = direct_context(second);
        go_on(now);
    };
    if (!options_.allow) return go();
    if (second && !comparison_) return;
    Context now = direct_context(second);
    options_.allow(now, command, go);
}

void Shell::when_allowed(const Context& context, const lab::Command& command,
                         std::function<void(Context&)> go_on) {
    when_allowed(context.second, command, std::move(go_on));
}

void Shell::compare(Context& context) {
    if (comparison_ || !options_.second_session) return;
    begin_comparison(
        std::make_unique<Comparison>(options_.second_session(), *snapshot_, settings_.shown(), send_));
    open_second_panels(context.snapshot.kind.plane);
    comparison_->finds_setting = true;
}

void Shell::compare_recovered(const std::filesystem::path& left) {
    if (comparison_ || !options_.second_session) return;
    begin_comparison(std::make_unique<Comparison>(options_.second_session(), *snapshot_, left));
    awaits_second_ = true;
}

void Shell::begin_comparison(std::unique_ptr<Comparison> comparison) {
    comparison_ = std::move(comparison);
    comparison_->on_publish([this] { display_.wake(); });
    second_sent_views_.reset();
}

void Shell::open_second_panels(bool plane) {
    awaits_second_ = false;
    place_second_panels_ = true;
    // Of run A the landscape, or the pictures, come to the front of their tabs beside those of run B.
    const bool surface = plane && is_in_front("surface");
    const char* const seen = surface ? "surface" : plane ? "landscape" : "samples";
    if (is_open(seen)) ImGui::SetWindowFocus((std::string("###") + seen).c_str());
    if (plane && is_open("surface")) open_panel("b_surface");
    for (const char* id : {"b_sampler", plane ? "b_landscape" : "b_samples", "compare"})
        open_panel(id);
    if (surface) bring_to_front({"b_surface"});
}

void Shell::end_comparison() {
    if (!comparison_) return;
    Context second = asking_context(true);
    const auto end = [this] { ending_comparison_ = true; };
    if (!options_.may_end || options_.may_end(second, end)) end();
}

/// Whether keys write: a text field has the keyboard, or had it and the typing goes on. Who types a word does
/// not look at where the keyboard is, and single letters throw work away.
bool Shell::is_typing() {
    const ImGuiIO& io = ImGui::GetIO();
    const double now = ImGui::GetTime();
    const bool field = io.WantTextInput || palette_requested_ || ImGui::IsPopupOpen("command_palette");
    const bool letters = !io.InputQueueCharacters.empty();
    if (field) wrote_ = (had_field_ && wrote_) || letters;
    had_field_ = field;
    // A word goes on letter after letter; one that comes late was meant as a shortcut.
    const bool goes_on = now < typing_until_ && letters && now < last_letter_ + typing_rhythm;
    if (letters) last_letter_ = now;
    if (field || goes_on) typing_until_ = now + typing_pause;
    // The copy of a run brings a field, for which one types already.
    if (awaits_second_) {
        typing_until_ = now + typing_pause;
        return wrote_ = true;
    }
    // A click elsewhere ends it. Who left the field without a letter does not go on with a word.
    const bool entered =
        ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false);
    if (!field && (!wrote_ || entered || ImGui::IsMouseClicked(ImGuiMouseButton_Left))) typing_until_ = 0;
    return now < typing_until_;
}

void Shell::draw() {
    ImGui::Render();
    finish_recordings(false);
    if (enlarged_) {
        draw::set_density(1);
        if (screenshot_delay_ >= 2) take_screenshot(); // else another was asked for meanwhile
        return;
    }
    display_.draw(ImGui::GetDrawData());
    if (recording_) {
        try {
            if (!recording_->take(display_, ImGui::GetTime())) stop_recording(true);
        } catch (const std::exception& error) {
            recording_.reset();
            say(error.what(), Meaning::failure);
        }
    }
    // The frame in which it was asked for may still show an open menu or the palette.
    if (screenshot_requested_ && ++screenshot_delay_ > 2) take_screenshot();
}

/// A frame that was drawn for a file leaves the one before it on the screen.
void Shell::show() {
    if (!enlarged_) display_.show();
}

void Shell::take_screenshot() {
    screenshot_requested_ = false;
    screenshot_delay_ = 0;
    std::string path = screenshot_path_;
    for (int number = 1; path.empty(); ++number) {
        const std::string name = fmt::format("ebmlab-{:03}.png", number);
        if (!std::filesystem::exists(name)) path = name;
    }
    save_picture(path, enlarged_ ? picture_of_frame(*ImGui::GetDrawData(), screenshot_low_, screenshot_high_)
                                 : display_.read_pixels());
}

void Shell::record(const std::string& path, ImVec2 low, ImVec2 high) {
    try {
        for (const auto& ended : writing_)
            if (ended->path() == path)
                throw Error("That file is still being written", path, "Wait for it, or choose another name.");
        recording_ = std::make_unique<Recording>(path, low, high);
    } catch (const std::exception& error) {
        say(error.what(), Meaning::failure);
    }
}

void Shell::stop_recording(bool keep) {
    std::unique_ptr<Recording> ended = std::move(recording_);
    if (!ended) return;
    if (!keep) {
        ended->discard();
        return say("The recording was discarded.");
    }
    ended->finish();
    writing_.push_back(std::move(ended));
}

/// Those that are written; wait: all of them.
void Shell::finish_recordings(bool wait) {
    std::erase_if(writing_, [&](const std::unique_ptr<Recording>& ended) {
        if (!wait && !ended->is_written()) return false;
        try {
            ended->wait();
            say("Saved " + std::filesystem::absolute(ended->path()).string(), Meaning::good);
        } catch (const std::exception& error) {
            log::error("{}", error.what());
            say(error.what(), Meaning::failure);
        }
        return true;
    });
}

void Shell::screenshot(const std::string& path, ImVec2 low, ImVec2 high) {
    screenshot_path_ = path;
    screenshot_low_ = low;
    screenshot_high_ = high;
    screenshot_requested_ = true;
    screenshot_delay_ = 0;
}

void Shell::save_text(const std::string& path, const std::string& text) {
    try {
        files::write_atomically(path, text);
        say("Saved " + std::filesystem::absolute(path).string(), Meaning::good);
    } catch (const std::exception& error) {
        say(error.what(), Meaning::failure);
    }
}

void Shell::save_picture(const std::string& path, const Pixels& picture) {
    try {
        if (!options_.write_picture) throw Error("Pictures cannot be written here", path, "");
        if (picture.rgba.empty()) throw Error("There is no picture to write", path, "Open a window first.");
        options_.write_picture(path, picture);
        say("Saved " + std::filesystem::absolute(path).string(), Meaning::good);
    } catch (const std::exception& error) {
        say(error.what(), Meaning::failure);
    }
}

void Shell::say(std::string text, Meaning meaning) {
    notice_ = {std::move(text), meaning, ImGui::GetTime() + (meaning == Meaning::failure ? 12.0 : 6.0)};
}

Shell::Notice Shell::notice() const {
    return ImGui::GetTime() < notice_.until ? notice_ : Notice{};
}

void Shell::open_panel(std::string_view id) {
    for (const Panel& panel : panels_) {
        if (panel.id != id) continue;
        if (only_these_.empty())
            preferences_.open_panels[panel.id] = true;
        else if (!is_open(id))
            only_these_.push_back(panel.id);
        focus_panel_ = panel.id;
        // Those that were asked for just before do not cover it again.
        if (frames_ <= front_until_) tabs_to_front_.insert(tabs_to_front_.begin(), panel.id);
    }
}

void Shell::show_from_top(std::string_view id) {
    open_panel(id);
    top_panels_.emplace_back(id);
}

bool Shell::is_open(std::string_view id) const {
    if (!only_these_.empty())
        return std::find(only_these_.begin(), only_these_.end(), id) != only_these_.end();
    const auto found = preferences_.open_panels.find(std::string(id));
    return found != preferences_.open_panels.end() && found->second;
}

void Shell::show_only(const std::vector<std::string>& panels) {
    only_these_ = panels;
}

void Shell::open_only(const std::vector<std::string>& panels) {
    for (const Panel& panel : panels_)
        if (!panel.second)
            preferences_.open_panels[panel.id] = std::ranges::find(panels, panel.id) != panels.end();
}

void Shell::open_form(std::string title, std::function<bool(Context&)> draw) {
    dialog_title_ = std::move(title);
    dialog_ = std::move(draw);
    opening_dialog_ = true;
}

void Shell::draw_form(Context& context) {
    if (!dialog_) return;
    const std::string name = dialog_title_ + "###form";
    if (opening_dialog_) ImGui::OpenPopup(name.c_str());
    opening_dialog_ = false;
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport.GetCenter(), ImGuiCond_Always, {0.5f, 0.5f});
    ImGui::SetNextWindowSize({std::min(scaled(480.0f), viewport.WorkSize.x - scaled(32.0f)), 0});
    bool stays = true;
    if (!ImGui::BeginPopupModal(name.c_str(), &stays,
                                ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings)) {
        dialog_ = nullptr;
        return;
    }
    const auto draw = dialog_; // it may open another one
    stays = draw(context) && stays && !escape_closes();
    if (!stays) {
        ImGui::CloseCurrentPopup();
        if (!opening_dialog_) dialog_ = nullptr;
    }
    ImGui::EndPopup();
}

void Shell::present(bool on) {
    presenting_ = on;
    look_changed_ = true;
}

void Shell::set_zoom(float zoom) {
    preferences_.zoom = std::clamp(std::round(zoom * 20) / 20, 0.5f, 3.0f);
}

void Shell::set_theme(ThemeKind theme) {
    preferences_.theme = theme;
    look_changed_ = true;
}

} // namespace ebm::window
