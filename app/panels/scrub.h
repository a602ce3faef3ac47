#pragma once

#include "app/panels/image_sheet.h"
#include "core/lab/snapshot.h"

#include <memory>
#include <span>

namespace ebm::panels {

/// Goes back through the last steps of the selected chain and plays them. While it is back, it holds on to
/// the trace it was looking at, so that a running chain does not slide away under the hand.
class Scrub {
public:
    /// Height of draw(), of at most `room`; 0 if there is nothing to go back through. Pictures get a strip of
    /// the chain's way from its start to now if it leaves the most of `room` to others.
    float height(const lab::Snapshot& snapshot, float room);
    void draw(const lab::Snapshot& snapshot, std::span<const float> data_quantiles);

    /// Steps before the newest; 0 = live.
    int back() const { return back_; }
    bool playing() const { return playing_; }

private:
    const lab::TraceView* trace(const lab::Snapshot& snapshot) const;
    int frames(const lab::TraceView& trace, const lab::SampleKind& kind) const;
    float bar_height(const lab::Snapshot& snapshot) const;
    void play(int count);
    void draw_strip(const lab::TraceView& trace, const PictureShape& shape);
    static float strip_height();

    std::shared_ptr<const lab::TraceView> held_;
    ImageSheet sheet_, strip_;
    bool with_strip_ = false;
    int back_ = 0;
    bool playing_ = false;
    double clock_ = 0;
};

} // namespace ebm::panels
