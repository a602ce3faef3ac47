#pragma once

#include "core/lab/scene.h"

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// What the window (or a script) asks of the laboratory. Sent to a Session, applied in order by the engine
/// thread.
namespace ebm::lab {

// clang-format off
struct OpenScene { Scene scene; bool run = true; };
struct OpenCheckpoint { std::string path; };
struct SaveCheckpoint { std::string path; };
struct Run {};
struct Pause {};
/// Each live chain makes `count` steps, also while paused.
struct StepChains { int count = 1; };
/// `count` training iterations, also while paused.
struct StepTraining { int count = 1; };
/// Where the kernels of networks compute from now on: a name of device_choices. If that cannot be had, everything stays
/// where it is.
struct UseDevice { std::string device = "auto"; };
/// Back to iteration 0 of the scene with the settings as they are now.
struct Reset {};
/// Back to the newest good state kept in memory (Snapshot::roll_back_iteration).
struct RollBack {};
/// `value` as Setting::set_text takes it. A `rebuild` row starts the scene anew, a `restart` row applies at Reset.
struct ChangeSetting { std::string key, value; };

enum class Speed { slow, full };
/// share: part of the engine's time that is worked, 0.1 … 1. slow: `steps_per_second` live-chain steps, one training
/// iteration each.
struct SetPace { Speed speed = Speed::full; double steps_per_second = 4; double share = 1; };

enum class ChainStart { noise, data, buffer, file };
/// Restarts chains (all if `which` is empty). `path` is read for ChainStart::file (.csv, .npy, .idx[.gz], .png).
struct RestartChains { ChainStart start = ChainStart::noise; std::vector<int> which; std::string path; };
/// Plane: moves the `count` oldest chains to points around (x, y), normal with `spread`. A single one is selected.
struct DropChains { float x = 0, y = 0; int count = 1; float spread = 0; };
struct MoveChain { int chain = 0; float x = 0, y = 0; };
/// −1 = none. The selected chain records its trace.
struct SelectChain { int chain = -1; };
/// Buffer samples replace the first live chains.
struct SendToChains { std::vector<std::int64_t> slots; };
/// Trains live chains or leaves them where they are while training goes on.
struct FreezeChains { bool frozen = false; };

enum class BufferOrder { slot, energy, age, reused };
enum class BufferFilter { all, fresh, old };
struct BrowseBuffer { BufferOrder order = BufferOrder::slot; bool descending = false; BufferFilter filter = BufferFilter::all; int page = 0; int page_size = 64; };

/// The part of the plane (or of the slice) that the landscape shows.
struct SetFieldRect { double low_x = -4, low_y = -4, high_x = 4, high_y = 4; };
struct ShowGradient { bool shown = false; };
enum class AnchorKind { data, chain, noise };
struct Anchor { AnchorKind kind = AnchorKind::data; int index = 0; };
/// Images: the slice of image space through three samples.
struct ChooseSlice { std::array<Anchor, 3> anchors; };
/// Another OOD set from a file (.idx[.gz], .npy, .csv, .png).
struct AddOodSet { std::string name, path; };
// clang-format on

using Command = std::variant<OpenScene, OpenCheckpoint, SaveCheckpoint, Run, Pause, StepChains, StepTraining,
                             UseDevice, Reset, RollBack, ChangeSetting, SetPace, RestartChains, DropChains,
                             MoveChain, SelectChain, SendToChains, FreezeChains, BrowseBuffer, SetFieldRect,
                             ShowGradient, ChooseSlice, AddOodSet>;

} // namespace ebm::lab
