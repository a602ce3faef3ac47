#include "core/lab/restoration.h"

#include "core/base/error.h"
#include "core/lab/parts.h"
#include "core/sample/sampler.h"

#include <fmt/format.h>

namespace ebm::lab {

Restoration::Restoration(std::shared_ptr<const Energy> energy, const kernels::StepSettings& step, Batch start,
                         const std::vector<std::uint8_t>& moves, const random::Place& place)
    : energy_(std::move(energy)), step_(step), start_(std::move(start)), x_(start_.x), place_(place) {
    const std::int64_t height = x_.size(2), width = x_.size(3);
    if (static_cast<std::int64_t>(moves.size()) != height * width)
        throw Error("The mask does not have the size of the pictures", "",
                    fmt::format("Give {} × {} pixels.", width, height));
    moves_ = torch::tensor(at::ArrayRef<std::uint8_t>(moves)).ne(0).view({1, 1, height, width});
}

void Restoration::advance() {
    kernels::StepReport report;
    random::Place place = place_;
    place.step += static_cast<std::uint32_t>(done_);
    const torch::Tensor moved = ebm::advance(*energy_, {x_, start_.labels}, step_, place, 1, report).x;
    x_ = torch::where(moves_, moved, start_.x);
    ++done_;
}

Samples Laboratory::restore(const Samples& damaged, const std::vector<std::uint8_t>& free, int steps,
                            std::uint64_t seed, const std::function<void(int step)>& progress) const {
    const SceneRun& run = *parts_->run_;
    if (run.kind().plane)
        throw Error("Only pictures are restored, and this is a model of the plane",
                    "scene " + run.scene().name, "Use a model of pictures.");
    // The run outlives the restoration.
    const std::shared_ptr<const Energy> energy(std::shared_ptr<const Energy>(), &run.energy());
    Restoration restoration(
        energy, step_settings(run.in_force()), {to_tensor(damaged), run.chain_labels(damaged.count)}, free,
        {seed, random::Stream::noise, static_cast<std::uint32_t>(RandomGroup::command_line), 0, 0});
    for (int done = 0; done < steps; ++done) {
        restoration.advance();
        if (progress) progress(done + 1);
    }
    return {damaged.count, run.kind(), to_vector(restoration.states())};
}

} // namespace ebm::lab
