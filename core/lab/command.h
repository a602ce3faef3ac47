#pragma once

#include "core/lab/scene.h"
#include "core/lab/types.h"
#include "core/learn/account.h"
#include "core/measure/ais.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the window (or a script) asks of the laboratory. Sent to a Session, applied in order by the engine
/// thread.
namespace ebm::lab {

// clang-format off
struct OpenScene { Scene scene; bool run = true; };
/// `data_path`: where its data lie now, if a person says so; another file than the one it was trained on is an Error.
/// `begins_at`: the checkpoint where a reset leads, empty for iteration 0; missing: the file itself.
struct OpenCheckpoint { std::string path, data_path = {}; std::optional<std::string> begins_at = {}; };
struct SaveCheckpoint { std::string path; };
/// The same without counting as saved: for another laboratory to open.
struct SaveCopy { std::string path; };
/// A file that a program which ended too early left in Options::recovery becomes the run again; it counts as unsaved.
struct Recover { std::string path; };
/// The run that was discarded last comes back as it was, and the one of now takes its place (Snapshot::set_aside).
struct BringBack {};
struct Run {};
struct Pause {};
/// Pauses once the live chains have made this many steps since the scene was opened, or training has reached this
/// iteration; −1 = not for that. In place of what was asked before; that pause, a reset and another scene forget it.
struct PauseAt { std::int64_t chain_steps = -1, iteration = -1; bool operator==(const PauseAt&) const = default; };
/// Each live chain makes `count` steps, also while paused.
struct StepChains { int count = 1; };
/// `count` training iterations, also while paused.
struct StepTraining { int count = 1; };
/// Goes on in Algorithm 1 by one line, or by one Langevin step of its negatives, also while paused.
struct StepAlgorithm { Stride stride = Stride::line; };
/// Where the kernels of networks compute from now on: a name of device_choices. If that cannot be had, everything stays
/// where it is.
struct UseDevice { std::string device = "auto"; };
/// Back to iteration 0 of the scene with the settings as they are now. Keeps data and added OOD sets.
struct Reset {};
/// Back to Snapshot::roll_back_iteration, the newest good state in memory. The run as it was is set aside if nobody has
/// saved it and it has not failed.
struct RollBack {};
/// `value` as Setting::set_text takes it. A `rebuild` row starts the scene anew, a `restart` row applies at Reset.
/// `number`: grows from change to change, so that a snapshot says up to which it knows them; 0 = nobody asks.
struct ChangeSetting { std::string key, value; std::int64_t number = 0; };
struct SetPace : Pace {};

/// Restarts chains (all if `which` is empty). `path` is read for ChainStart::file; of ChainStart::data `of_class` takes
/// one class, −1 any. `columns` of the file, as the setting data.columns.
struct RestartChains { ChainStart start = ChainStart::noise; std::vector<int> which = {}; std::string path = {}; int of_class = -1; std::string columns = {}; };
/// Plane: moves the `count` oldest chains to points around (x, y), normal with `spread`. One dropped chain is selected.
struct DropChains { float x = 0, y = 0; int count = 1; float spread = 0; };
struct MoveChain { int chain = 0; float x = 0, y = 0; };
/// −1 = none. The selected chain records its trace.
struct SelectChain { int chain = -1; };
/// Buffer samples replace the first live chains.
struct SendToChains { std::vector<std::int64_t> slots; };
/// Trains live chains or leaves them where they are while training goes on.
struct FreezeChains { bool frozen = false; };
/// Leaves the model as it is while chains run. Another scene and a reset end it.
struct FreezeModel { bool frozen = false; };

struct BrowseBuffer : BufferQuery {};
/// The part of the plane (or of the slice) that the landscape shows.
struct SetFieldRect : Rect {};
struct ShowGradient { bool shown = false; };
/// Which views are on screen: others are not computed.
struct ShowViews { ShownViews shown = all_views; };
/// Live chains whose pictures are on screen, the only ones that snapshots hold from now on; until the next scene. Those
/// that are none of the first ChainsView::shown are ignored.
struct ShowPictures { std::vector<int> chains; };
/// Pictures: the slice of the space of pictures through three samples.
struct ChooseSlice { std::array<Anchor, 3> anchors; };
/// Another OOD set from a file. It stays until the program ends, in every scene whose samples are of its kind.
struct AddOodSet { std::string name, path; std::string columns = {}; };
/// A race of samplers on a copy of the energy that is shown, in place of one that is under way. It runs while View::race
/// is shown.
struct StartRace : RaceSettings {};
struct PauseRace { bool paused = true; };
/// Forgets the race.
struct EndRace {};
/// An estimate of log Z of a copy of the model that is shown, in place of one that is under way; the box is the sampler's.
/// Temperature 0: that of the model's density, see density_temperature. It goes on while View::partition is shown.
struct StartPartition : measure::AnnealSettings {};
struct PausePartition { bool paused = true; };
/// Forgets the estimate.
struct EndPartition {};
/// The table of what models know, in place of one that is under way. It goes on while View::ood_table is shown, whatever
/// scene is open.
struct StartOodTable : OodTableSettings {};
struct PauseOodTable { bool paused = true; };
/// Forgets the table.
struct EndOodTable {};
/// Keeps a picture as it is now: of a live chain, or a held-out one.
struct ChoosePicture : PictureChoice {};
/// Chains of a copy of the model restore the chosen picture, in place of those under way. They move while
/// View::restoration is shown.
struct StartRestoration : RestoreSettings {};
struct PauseRestoration { bool paused = true; };
/// Forgets the restoration; the picture stays chosen.
struct EndRestoration {};
// clang-format on

using Command =
    std::variant<OpenScene, OpenCheckpoint, SaveCheckpoint, SaveCopy, Recover, BringBack, Run, Pause, PauseAt,
                 StepChains, StepTraining, StepAlgorithm, UseDevice, Reset, RollBack, ChangeSetting, SetPace,
                 RestartChains, DropChains, MoveChain, SelectChain, SendToChains, FreezeChains, FreezeModel,
                 BrowseBuffer, SetFieldRect, ShowGradient, ShowViews, ShowPictures, ChooseSlice, AddOodSet,
                 StartRace, PauseRace, EndRace, ChoosePicture, StartRestoration, PauseRestoration,
                 EndRestoration, StartPartition, PausePartition, EndPartition, StartOodTable, PauseOodTable,
                 EndOodTable>;

/// Whether `command` takes the place of the training that is under way, so that what is not saved would be
/// gone.
bool discards_training(const Command& command);

} // namespace ebm::lab
