#include "app/panels/chain_table.h"
#include "app/panels/class_names.h"
#include "app/panels/class_row.h"
#include "app/panels/file_units.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/picture_grid.h"
#include "app/panels/plotting.h"
#include "app/panels/sample_files.h"
#include "app/panels/scrub.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

using lab::ChainStart;

struct StartChoice {
    ChainStart start;
    const char* name;
    const char* help;
};
constexpr std::array starts = {
    StartChoice{ChainStart::noise, "noise", "Uniform noise in the box: the whole way from nothing."},
    StartChoice{ChainStart::data, "data", "Training data: does the model hold them in place?"},
    StartChoice{ChainStart::buffer, "buffer",
                "Entries of the replay buffer: where training left its negatives."},
    StartChoice{ChainStart::model, "model",
                "Samples that the model draws itself, or what its decoder paints: chains of a good model "
                "keep to them."},
    StartChoice{ChainStart::file, "file…", "Your own samples: .csv, .npy, .idx, .idx.gz or .png."},
};

bool makes_samples(const lab::Snapshot& snapshot) {
    return snapshot.model && snapshot.model->makes_samples;
}

enum class Order { number, energy, age, gradient };
constexpr std::array<const char*, 4> sample_orders = {"number", "energy", "age", "|∇E|"};

/// Steps after which image chains have forgotten where they started.
constexpr std::int32_t old_age = 2000;
/// Steps of a chain's life that the panel proposes: outlines stand within 60, clothes within some hundred.
constexpr int chain_life = 600;

class SamplesPanel {
public:
    void draw(Context& context);

private:
    void draw_start(Context& context);
    void draw_view(const lab::Snapshot& snapshot);
    void draw_life(Context& context);
    void restart(Context& context, ChainStart start, const std::vector<std::int64_t>& which);
    void put_in_order(const lab::Snapshot& snapshot, int count);
    void put_in_groups(const lab::Snapshot& snapshot);
    void clicked(Context& context, std::int64_t item, bool control, bool shift);
    void draw_menu(Context& context, std::int64_t chain);
    void ask_for(Context& context, std::vector<int> chains);
    void draw_pictures(Context& context, ImVec2 size);
    int traced(const lab::Snapshot& snapshot) const { return snapshot.trace ? snapshot.trace->chain : -1; }

    int start_ = 0, zoom_ = 0;
    ChainStart started_ = ChainStart::noise; ///< of all chains, in the snapshot shown last
    Order order_by_ = Order::number;
    std::vector<std::int64_t> order_;
    double ordered_at_ = -1;
    std::vector<std::int32_t> labels_; ///< when order_ was made
    std::vector<PictureGroup> groups_; ///< of order_, by class; empty unless all are asked for in turn
    std::vector<int> asked_;           ///< chains whose pictures were asked for last, and when
    double asked_at_ = -1;
    Selection selection_;
    std::string scene_; ///< whose chains are selected
    ImageSheet sheet_;
    Scrub scrub_;
};

void SamplesPanel::draw(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    if (snapshot.chains.count == 0) {
        empty_state(icon::chains, "No chains yet. Open a scene, or raise “Live chains” in Sampler.");
        return;
    }
    selection_.keep_below(snapshot.chains.count);
    // Chains of another scene are others. Lessons tell their scenes apart by the description.
    const std::string scene = snapshot.scene.name + "\n" + snapshot.scene.description;
    if (std::exchange(scene_, scene) != scene) {
        selection_.clear();
        start_ = 0;
    }
    draw_start(context);
    class_row(context, selection_);
    draw_view(snapshot);
    if (!snapshot.kind.plane) draw_life(context);
    const int shown =
        snapshot.kind.plane ? snapshot.chains.count : std::min(snapshot.chains.shown, snapshot.chains.count);
    put_in_order(snapshot, shown);
    const std::span<const float> quantiles =
        snapshot.scores ? std::span<const float>(snapshot.scores->data_quantiles) : std::span<const float>();
    energy_key(quantiles);
    const float bar = scrub_.height(snapshot, ImGui::GetContentRegionAvail().y);
    const float left = bar > 0 ? bar + 2 * ImGui::GetStyle().ItemSpacing.y + 1 : 0;
    const ImVec2 size = {0,
                         std::max(ImGui::GetTextLineHeight() * 4, ImGui::GetContentRegionAvail().y - left)};
    if (snapshot.kind.plane) {
        const ChainTable table = {
            snapshot.chains,
            axes_of(snapshot),
            order_,
            quantiles,
            selection_,
            traced(snapshot),
            [&](std::int64_t chain) {
                draw_menu(context, chain);
                ImGui::Separator();
                whole_table_items(context, [&] { return table.numbers(snapshot.scene.name + "_chains"); });
            },
            class_names(snapshot)};
        const auto clicks = table.draw(size);
        if (clicks.item >= 0) clicked(context, clicks.item, clicks.control, clicks.shift);
    } else {
        draw_pictures(context, size);
    }
    scrub_.draw(snapshot, quantiles);
}

void SamplesPanel::restart(Context& context, ChainStart start, const std::vector<std::int64_t>& which) {
    const std::vector<int> chains(which.begin(), which.end());
    if (start != ChainStart::file) {
        context.send(lab::RestartChains{start, chains, {}});
        return;
    }
    context.shell.dialogs().open_file("Start chains from a file", sample_filters(),
                                      [send = context.send, chains](const std::string& path) {
                                          send(lab::RestartChains{ChainStart::file, chains, path});
                                      });
}

void SamplesPanel::draw_start(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    // What others restarted the chains from, such as a lesson, is what the list says then.
    if (snapshot.chains.start != std::exchange(started_, snapshot.chains.start)) {
        const auto found = std::ranges::find(starts, snapshot.chains.start, &StartChoice::start);
        if (found != starts.end() && found->start != ChainStart::file)
            start_ = static_cast<int>(found - starts.begin());
    }
    const auto& choice = starts[static_cast<std::size_t>(start_)];
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Start from");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5.5f);
    if (ImGui::BeginCombo("##start", choice.name)) {
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const bool there = (starts[i].start != ChainStart::data || snapshot.data) &&
                               (starts[i].start != ChainStart::buffer || snapshot.buffer) &&
                               (starts[i].start != ChainStart::model || makes_samples(snapshot));
            ImGui::BeginDisabled(!there);
            if (ImGui::Selectable(starts[i].name, static_cast<int>(i) == start_))
                start_ = static_cast<int>(i);
            ImGui::SetItemTooltip(
                "%s", there ? starts[i].help
                      : starts[i].start == ChainStart::model
                          ? "Only a normalised model, or one with a decoder, makes samples without chains."
                          : "This scene has none.");
            ImGui::EndDisabled();
        }
        ImGui::EndCombo();
    }
    ImGui::SetItemTooltip("%s", choice.help);
    flow(button_width("Restart all"));
    if (ImGui::Button("Restart all")) restart(context, choice.start, {});
    ImGui::SetItemTooltip("All %s live chains start anew.", format_count(snapshot.chains.count).c_str());
    const std::size_t picked = selection_.items().size();
    const std::string label =
        "Restart " +
        (picked == 0 ? std::string("selected") : format_count(static_cast<std::int64_t>(picked))) +
        "###restart_selected";
    flow(button_width(label.c_str()));
    ImGui::BeginDisabled(picked == 0);
    if (ImGui::Button(label.c_str())) restart(context, choice.start, selection_.items());
    ImGui::EndDisabled();
    if (ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled))
        ImGui::SetTooltip("%s", picked == 0 ? "Select chains first: click, Ctrl-click, Shift-click."
                                            : "The selected chains start anew.");
    flow(ImGui::GetFrameHeight() + button_width("Freeze"));
    bool frozen = snapshot.chains_frozen;
    if (window::checkbox("Freeze", &frozen)) context.send(lab::FreezeChains{frozen});
    ImGui::SetItemTooltip("Chains stay where they are while training goes on.");
}

void SamplesPanel::draw_view(const lab::Snapshot& snapshot) {
    const float width = ImGui::GetFontSize() * 6;
    const auto sort = static_cast<std::size_t>(order_by_);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Sort by");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(width);
    if (ImGui::BeginCombo("##sort", sample_orders[sort])) {
        for (std::size_t i = 0; i < sample_orders.size(); ++i)
            if (ImGui::Selectable(sample_orders[i], i == sort)) {
                order_by_ = static_cast<Order>(i);
                ordered_at_ = -1;
            }
        ImGui::EndCombo();
    }
    ImGui::SetItemTooltip("Lowest first. Renewed twice a second, so that one can look.");
    if (!snapshot.kind.plane) {
        flow(width);
        ImGui::SetNextItemWidth(width);
        ImGui::SliderInt("##zoom", &zoom_, 0, 8, zoom_ == 0 ? "size: fit" : "size ×%d",
                         ImGuiSliderFlags_AlwaysClamp);
        ImGui::SetItemTooltip("Screen pixels for one pixel of a picture. Fit: as large as all fit in.");
    }
    std::string count = format_count(snapshot.chains.count) + " chains";
    if (!snapshot.kind.plane) count = format_count(snapshot.chains.shown) + " of " + count;
    const std::string legend =
        snapshot.kind.plane ? "; they move in Landscape" : "; below each E, age in steps, |\u2207E|";
    if (ImGui::CalcTextSize((count + legend).c_str()).x <= ImGui::GetCurrentWindowRead()->WorkRect.GetWidth())
        count += legend;
    flow(ImGui::CalcTextSize(count.c_str()).x);
    ImGui::TextColored(color(Meaning::muted), "%s", count.c_str());
}

/// Whether half of the chains lie lower than half of the data; not where that is unknown.
bool lie_lower_than_data(const lab::Snapshot& s) {
    std::vector<float> energies = s.chains.energy;
    if (energies.empty() || !s.scores || s.scores->data_quantiles.size() != 101) return false;
    const auto middle = energies.begin() + static_cast<std::ptrdiff_t>(energies.size() / 2);
    std::nth_element(energies.begin(), middle, energies.end());
    return *middle < s.scores->data_quantiles[50];
}

/// Old chains gather in wells that are deeper than the data, and their pictures are alike: why, and what
/// helps. Hot chains do not, however old they are.
void SamplesPanel::draw_life(Context& context) {
    const Setting& row = setting("sampler.chain_life");
    if (row.number(context.settings.shown()) > 0) return;
    std::vector<std::int32_t> ages = context.snapshot.chains.age;
    if (ages.empty()) return;
    const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
    std::nth_element(ages.begin(), middle, ages.end());
    if (*middle < old_age || !lie_lower_than_data(context.snapshot)) return;
    const std::string why = "Half of the chains are " + format_count(*middle) +
                            " steps old or more, and lie lower than half of the data. Chains that go on so "
                            "long gather in few deep wells, where pictures are alike.";
    if (banner("alike", Meaning::accent, why, {},
               "Restart by turns after " + format_count(chain_life) + " steps###by turns")) {
        context.settings.change(row, std::to_string(chain_life));
        context.settings.release();
    }
}

void SamplesPanel::put_in_order(const lab::Snapshot& snapshot, int count) {
    const lab::ChainsView& chains = snapshot.chains;
    const double now = ImGui::GetTime();
    const bool same = static_cast<int>(order_.size()) == count && labels_ == chains.labels;
    if (same && ordered_at_ >= 0 && (order_by_ == Order::number || now - ordered_at_ < 0.5)) return;
    ordered_at_ = now;
    order_.resize(static_cast<std::size_t>(count));
    std::iota(order_.begin(), order_.end(), 0);
    const auto by = [&](const auto& values) {
        if (values.size() < order_.size()) return;
        std::stable_sort(order_.begin(), order_.end(), [&](std::int64_t left, std::int64_t right) {
            const auto a = static_cast<float>(values[static_cast<std::size_t>(left)]);
            const auto b = static_cast<float>(values[static_cast<std::size_t>(right)]);
            return std::isnan(b) ? !std::isnan(a) : a < b;
        });
    };
    if (order_by_ == Order::energy) by(chains.energy);
    if (order_by_ == Order::age) by(chains.age);
    if (order_by_ == Order::gradient) by(chains.gradient_norm);
    labels_ = chains.labels;
    put_in_groups(snapshot);
}

/// Pictures of chains that are asked for each class in turn: class by class, each in the order so far.
void SamplesPanel::put_in_groups(const lab::Snapshot& snapshot) {
    groups_.clear();
    const bool in_turn =
        snapshot.chains.asked_class < 0 && labels_.size() >= order_.size() && !labels_.empty();
    if (snapshot.kind.plane || !in_turn) return;
    const auto label = [&](std::int64_t chain) { return labels_[static_cast<std::size_t>(chain)]; };
    std::ranges::stable_sort(order_, {}, label);
    for (std::size_t i = 0; i < order_.size(); ++i) {
        if (i == 0 || label(order_[i]) != label(order_[i - 1]))
            groups_.push_back({class_name(class_names(snapshot), label(order_[i])), 0});
        ++groups_.back().count;
    }
}

void SamplesPanel::clicked(Context& context, std::int64_t item, bool control, bool shift) {
    selection_.click(item, order_, control, shift);
    const bool off = !control && !shift && traced(context.snapshot) == item && selection_.empty();
    context.send(lab::SelectChain{off ? -1 : static_cast<int>(item)});
}

void SamplesPanel::draw_menu(Context& context, std::int64_t chain) {
    const lab::Snapshot& snapshot = context.snapshot;
    const auto at = static_cast<std::size_t>(chain);
    std::vector<std::int64_t> which = {chain};
    if (selection_.contains(chain)) which = selection_.items();
    ImGui::TextDisabled("%s", which.size() > 1 ? (std::to_string(which.size()) + " chains").c_str()
                                               : ("Chain " + std::to_string(chain)).c_str());
    for (const StartChoice& choice : starts) {
        if (choice.start == ChainStart::model && !makes_samples(snapshot)) continue;
        const std::string label = std::string("Restart from ") + choice.name;
        if (ImGui::MenuItem(label.c_str())) restart(context, choice.start, which);
    }
    if (can_start_from_class(snapshot) && ImGui::BeginMenu("Restart from data of")) {
        start_from_class_menu(context, which);
        ImGui::EndMenu();
    }
    ImGui::Separator();
    if (ImGui::MenuItem("Show its trace")) context.send(lab::SelectChain{static_cast<int>(chain)});
    if (ImGui::MenuItem("Copy energy")) ImGui::SetClipboardText(exact(snapshot.chains.energy[at]).c_str());
    if (snapshot.kind.plane) {
        const auto& p = snapshot.chains.positions;
        if (ImGui::MenuItem("Copy position") && 2 * at + 1 < p.size())
            ImGui::SetClipboardText(position_text(axes_of(snapshot), p[2 * at], p[2 * at + 1]).c_str());
        return;
    }
    if (snapshot.slice && ImGui::MenuItem("Put into the slice")) {
        auto anchors = snapshot.slice->anchors;
        anchors[1] = {lab::AnchorKind::chain, static_cast<int>(chain)};
        context.send(lab::ChooseSlice{anchors});
    }
    if (ImGui::MenuItem("Save picture…")) {
        const int picture = snapshot.chains.picture_of(chain);
        if (picture < 0) return;
        const auto elements = static_cast<std::size_t>(snapshot.kind.elements());
        const std::uint8_t* from =
            snapshot.chains.pixels.data() + static_cast<std::size_t>(picture) * elements;
        save_picture(context, {from, from + elements}, snapshot.kind,
                     "chain_" + std::to_string(chain) + ".png");
    }
}

/// The laboratory makes pictures of chains for those that are on screen only: of 256 of 128 × 128 in colour
/// it would copy 12 MB sixty times a second.
void SamplesPanel::ask_for(Context& context, std::vector<int> chains) {
    std::ranges::sort(chains);
    const double now = ImGui::GetTime();
    // Again after a while: another scene begins with all of them.
    const bool asked = chains == asked_ && now - asked_at_ < 0.5;
    if (asked || std::ranges::equal(chains, context.snapshot.chains.pictured)) return;
    asked_ = chains;
    asked_at_ = now;
    context.send(lab::ShowPictures{std::move(chains)});
}

void SamplesPanel::draw_pictures(Context& context, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    const lab::ChainsView& chains = snapshot.chains;
    const PictureShape shape = {snapshot.kind.channels, snapshot.kind.height, snapshot.kind.width};
    sheet_.set(chains.pixels, shape, snapshot.number);
    std::vector<int> drawn;
    const std::span<const float> quantiles =
        snapshot.scores ? std::span<const float>(snapshot.scores->data_quantiles) : std::span<const float>();
    const auto value = [](const auto& values, std::int64_t at) {
        return static_cast<std::size_t>(at) < values.size()
                   ? static_cast<float>(values[static_cast<std::size_t>(at)])
                   : std::nanf("");
    };
    const PictureGrid grid = {
        .sheet = sheet_,
        .order = order_,
        .picture = [&](std::int64_t chain) { return chains.picture_of(chain); },
        .energy = [&](std::int64_t chain) { return value(chains.energy, chain); },
        .note =
            [&](std::int64_t chain) {
                return PictureNote{format_count_briefly(static_cast<std::int64_t>(value(chains.age, chain))),
                                   format_number(value(chains.gradient_norm, chain), 2)};
            },
        .tooltip =
            [&](std::int64_t chain) {
                const float energy = value(chains.energy, chain);
                ImGui::Text("Chain %d", static_cast<int>(chain));
                if (static_cast<std::size_t>(chain) < chains.labels.size())
                    ImGui::Text("asked for: %s", class_name(class_names(snapshot),
                                                            chains.labels[static_cast<std::size_t>(chain)])
                                                     .c_str());
                ImGui::TextColored(energy_color(energy, quantiles), "E  %s", exact(energy).c_str());
                ImGui::TextUnformatted(standing_sentence(energy, quantiles).c_str());
                ImGui::Text("age %s steps · |∇E| %s",
                            format_count(static_cast<std::int64_t>(value(chains.age, chain))).c_str(),
                            format_number(value(chains.gradient_norm, chain)).c_str());
            },
        .menu = [&](std::int64_t chain) { draw_menu(context, chain); },
        .data_quantiles = quantiles,
        .selection = selection_,
        .ringed = traced(snapshot),
        .zoom = zoom_,
        .groups = groups_,
        .drawn = &drawn,
    };
    const auto clicks = grid.draw("pictures", size);
    ask_for(context, std::move(drawn));
    if (clicks.item >= 0) clicked(context, clicks.item, clicks.control, clicks.shift);
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel samples_panel() {
    return {.id = "samples",
            .title = "Samples",
            .icon = icon::samples,
            .place = Place::centre,
            .help = panels::help_text("samples"),
            .draw = [panel = std::make_shared<panels::SamplesPanel>()](
                        Context& context) { panel->draw(context); },
            .actions = {},
            .views = {lab::View::pictures, lab::View::trace, lab::View::scores}};
}

} // namespace ebm::window
