#pragma once

#include "core/learn/account.h"
#include "core/learn/optimizer.h"
#include "core/measure/record.h"
#include "core/sample/replay_buffer.h"

#include <memory>
#include <optional>

namespace ebm {

/// Something that fits an energy to data, iteration by iteration. Everything random is drawn from (seed,
/// iteration), so a resumed run equals a never-stopped one bit for bit.
class Learner {
public:
    virtual ~Learner() = default;

    /// Goes on with the iteration for about `seconds`, so that somebody waits no longer than that, and
    /// returns its record once it is whole. Settings that change between two calls act from then on; if none
    /// does, the result does not depend on how an iteration was cut. Throws Error (naming tensor, iteration,
    /// likely cause) if anything is not finite; weights, optimizer and buffer are then those before the
    /// iteration.
    virtual std::optional<Record> work(const Settings& settings, double seconds) = 0;
    /// One whole iteration.
    Record step(const Settings& settings);
    virtual Progress progress() const = 0;
    /// Goes on by exactly this much and stops there: the same iteration as by `work`, bit for bit. Learners
    /// whose iteration is of one piece do all of it.
    virtual std::optional<Record> walk(const Settings& settings, Stride) { return step(settings); }
    /// Whether to write down what each line does, which costs some copies and two more evaluations an
    /// iteration.
    virtual void keep_account(bool) {}
    /// Of the iteration under way, or of the newest; null if none is kept.
    virtual const Account* account() const { return nullptr; }

    virtual std::int64_t iteration() const = 0;
    /// Training time so far, pauses excluded.
    virtual double seconds() const = 0;
    /// With the weights that are trained.
    virtual const std::shared_ptr<Energy>& energy() const = 0;
    /// With the averaged weights; equal to energy() while averaging is off.
    virtual const std::shared_ptr<Energy>& average() const = 0;
    /// Null for learners without one.
    virtual const ReplayBuffer* buffer() const { return nullptr; }
    /// Keeps the first samples of the buffer, or fills it up with copies of them. Not in the middle of an
    /// iteration.
    virtual void resize_buffer(std::int64_t) {}

    /// Everything that training on from here needs, by name; it shares memory with the learner. `restore`
    /// throws Error with `origin` as its place if a name, shape or type differs, and then changes nothing.
    virtual NamedTensors state() const = 0;
    virtual void restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                         const std::string& origin) = 0;
};

/// The learner of `energy`, whose weights it trains in place, from data [n, sample shape…]: maximum
/// likelihood for a density, cross entropy for a classifier, and for every other energy what
/// settings.train.method says. Throws Error if they do not fit
/// each other.
std::unique_ptr<Learner> make_learner(const Settings& settings, std::shared_ptr<Energy> energy, Batch data);

} // namespace ebm
