#pragma once

#include "core/lab/meter.h"
#include "core/lab/views.h"
#include "core/lab/watch.h"

#include <optional>
#include <vector>

namespace ebm::lab {

/// What is shown, when each view is due again, and the newest of each. A view is computed only while it is
/// shown and something changed since; a costly one waits longer, so that each gets a like share of the time.
class ViewSchedule {
public:
    /// thorough: nobody waits, so KL may take its time.
    explicit ViewSchedule(bool thorough) : effort_(thorough ? measure::thorough : measure::Effort()) {}
    /// For KL, from the next one on.
    void spend(const measure::Effort& effort);

    /// Forgets all views. `keep_place`: the same part of the plane is looked at.
    void open(const SceneRun& run, const Watch& watch, bool keep_place);

    /// Weights or settings changed.
    void changed() { ++version_, ++model_version_; }
    /// Whether iterations follow one another now. If not, the verdict is on the live chains as they move now.
    void train_on(bool training) { training_ = training; }
    /// Chains moved under the model as it is.
    void chains_moved() { ++version_; }
    /// The view is wanted at once, coarse first if it is costly.
    void want(View view) { at(view).wanted = true; }
    void want_all();
    void show(const ShownViews& shown);
    bool shown(View view) const { return shown_[static_cast<std::size_t>(view)]; }

    void set_rect(const SceneRun& run, const Rect& rect);
    void set_arrows(bool shown);
    void set_anchors(const SceneRun& run, const Watch& watch, const std::array<Anchor, 3>& anchors);
    void set_query(const BufferQuery& query);
    /// Only these of the chains' pictures are put into snapshots; all until the first call for a scene.
    void show_pictures(std::vector<int> chains);
    /// The box of the sampler moved.
    void box_changed() { quadrature_ = nullptr; }

    /// Computes the view that is most overdue, if one is. Returns whether it did.
    bool refresh_due(SceneRun& run, Watch& watch, double now, const std::function<double()>& clock);
    /// Computes the verdict on the run if that is due. It costs next to nothing and is what a person looks at
    /// when a run goes wrong, so it waits neither for a budget nor longer because it was slow once.
    bool refresh_verdict(SceneRun& run, Watch& watch, double now);
    /// When the next view will be due; infinity if none will.
    double next_due(const SceneRun& run, const Watch& watch) const;
    /// Computes a view now: coarse, to be refined soon, if it was asked for at once and costs much.
    void refresh(View view, SceneRun& run, Watch& watch, double now);
    void refresh_fully(View view, SceneRun& run, Watch& watch, double now);
    /// Whether a view of this kind makes sense for the run.
    bool applies(View view, const SceneRun& run, const Watch& watch) const;
    /// Time spent on views lately.
    const Meter& meter() const { return meter_; }

    void fill(Snapshot& snapshot, const SceneRun& run, const Watch& watch) const;

private:
    struct Freshness {
        std::int64_t version = -1; ///< of what it was computed from
        double at = -1e9;          ///< when
        double cost = 0.01;        ///< seconds, last time
        bool wanted = true;        ///< asked for by a command
        bool known = false;        ///< computed since the scene was opened
    };
    Freshness& at(View view) { return freshness_[static_cast<std::size_t>(view)]; }
    double due_at(View view, const SceneRun& run) const;
    std::int64_t version_of(View view) const;
    /// Of chains on a plane whose modes are known; else it does nothing.
    void count_modes(const SceneRun& run, const Watch& watch);

    std::array<Freshness, view_count> freshness_;
    measure::Effort effort_; ///< for KL
    ShownViews shown_ = all_views;
    std::int64_t version_ = 0, model_version_ = 0; ///< of chains and model, of the model alone
    Meter meter_;

    Rect rect_, slice_rect_{-0.5, -0.5, 1.5, 1.5};
    bool arrows_ = false, training_ = true;
    std::array<Anchor, 3> anchors_;
    SliceBasis basis_;
    BufferQuery query_;
    std::optional<std::vector<int>> pictured_;             ///< sorted; nothing: all
    std::unique_ptr<measure::PlaneQuadrature> quadrature_; ///< null until a KL is asked for
    std::shared_ptr<const FieldView> field_, exact_;
    std::shared_ptr<const SliceView> slice_;
    std::shared_ptr<const ScoresView> scores_;
    std::shared_ptr<const BufferView> buffer_;
    std::shared_ptr<const measure::Health> health_;
    std::shared_ptr<const TraceView> trace_;
    std::shared_ptr<const measure::Mixing> mixing_;
    std::shared_ptr<const ModesView> modes_;
    std::int64_t modes_version_ = -1; ///< the version of the model whose exact shares modes_ has
};

} // namespace ebm::lab
