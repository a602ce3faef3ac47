#pragma once

#include "app/draw/arrows.h"
#include "app/draw/field.h"
#include "app/draw/offscreen.h"
#include "app/draw/points.h"
#include "app/draw/trails.h"
#include "app/panels/color_limits.h"
#include "app/panels/image_sheet.h"
#include "app/panels/landscape_brush.h"
#include "app/panels/plane_view.h"
#include "app/panels/step_motion.h"
#include "app/window/context.h"

#include <array>
#include <optional>
#include <vector>

#include <imgui.h>

namespace ebm::panels {

/// What is drawn over the field.
struct Layers {
    bool contours = true, data = true, held_out = false, buffer = false;
    bool chains = true, trails = true, gradient = false, minima = true;
    bool exact_beside = false;
    bool difference = false; ///< of two runs: −log p of B minus that of A
    bool by_class = false;   ///< data, held-out data and chains in the colours of their classes
    bool plates = true;      ///< title, legend, color bar and tools over the picture
};

/// One field on the graphics card with its steady color limits.
struct FieldLayer {
    draw::Offscreen picture;
    draw::Field field;
    SteadyLimits energy_limits, density_limits;
    Limits energy_target, density_target;
    std::shared_ptr<const lab::FieldView> uploaded;
    int colormap = -1;
};

/// The state of the landscape panel between frames.
struct LandscapeState {
    PlaneView view;
    Layers layers;
    std::string scene;                            ///< whose view this is
    std::optional<std::array<double, 3>> look_at; ///< what that scene says of it
    bool plane = true;                            ///< the kind of samples it was for
    std::string uploaded_scene;                   ///< whose field is on the graphics card
    bool frame_asked = true;
    bool drop_many = false; ///< a click drops 50 chains

    std::array<FieldLayer, 3> fields; ///< learned (or the slice), exact, difference of two runs
    /// What the newest difference was computed from, and it.
    std::shared_ptr<const lab::FieldView> of_a, of_b, difference;
    int camera_moves = 0; ///< of Comparison::camera, as they were followed
    /// The newest one of these data. The engine has none while it computes that of another part of the plane.
    std::shared_ptr<const lab::FieldView> exact;
    draw::PointCloud data, held_out, buffer, chains;
    draw::Trails trails;
    draw::Arrows gradient, kicks, drifts, jumps;
    ImageSheet anchors;
    std::shared_ptr<const lab::DataView> uploaded_data;
    bool uploaded_by_class = false; ///< how data and chains are coloured
    std::shared_ptr<const lab::BufferView> uploaded_buffer;
    std::shared_ptr<const lab::FieldView> uploaded_gradient;
    std::shared_ptr<const lab::SliceView> uploaded_slice;

    StepMotion motion;
    std::uint64_t uploaded_chains = 0; ///< number of the snapshot; 0 = none, or under way in slow motion
    std::vector<float> shown_trail;
    int selected = -1; ///< as asked for; the trace follows
    int traced = -1;   ///< chain of the newest trace
    int dragged_chain = -1;
    bool moved = false;    ///< since the button went down
    bool dragging = false; ///< a chain or the ground: plates over the picture would hide where it goes
    Vec2 pressed_at;

    Brush brush;

    float label_room = 0; ///< that the labels of the vertical axis took, in pixels
    lab::Rect sent_rect{0, 0, 0, 0};
    double sent_at = -1, moved_at = -1;
    int shuffles = 0; ///< of the slice's anchors
};

/// Half of the plane's side that a scene shows at first: a little more than its extent, so that chains that
/// lie in the corners of a box of that size are whole dots.
inline double half_shown(const Settings& settings) {
    return 1.025 * settings.view.extent;
}

/// A rectangle of the screen with what it shows.
struct Pane {
    ImVec2 low, high; ///< of the picture, without axes
    std::shared_ptr<const lab::FieldView> field;
    bool exact = false;      ///< the field is the data's −log p
    bool difference = false; ///< the field is a difference of two runs
    int layer() const { return difference ? 2 : exact ? 1 : 0; }
    bool split = false; ///< beside another one
};

} // namespace ebm::panels
