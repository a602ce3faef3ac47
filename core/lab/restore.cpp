#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/energy/batch.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::lab {

Neighbours Laboratory::nearest(const Samples& samples, int each) const {
    const Dataset& data = parts_->run_->data();
    data.require_training_data();
    const std::int64_t count = data.train.size(0);
    if (count < each)
        throw Error(fmt::format("There are only {} training samples", count), "",
                    "Ask for fewer neighbours.");
    const torch::NoGradGuard no_graph;
    const torch::Tensor x = to_tensor(samples).flatten(1);
    torch::Tensor distances = torch::empty({x.size(0), 0}), rows = torch::empty({x.size(0), 0}, torch::kLong);
    constexpr std::int64_t piece = 4096;
    for (std::int64_t first = 0; first < count; first += piece) {
        const torch::Tensor some =
            model_values(data.train.slice(0, first, std::min(first + piece, count))).flatten(1);
        // Not by a product: it loses the small distances, which are the ones that are asked for.
        const torch::Tensor all = torch::cat({distances, torch::cdist(x, some, 2, /*compute_mode=*/2)}, 1);
        const torch::Tensor numbers = torch::cat(
            {rows, torch::arange(first, first + some.size(0)).expand({x.size(0), some.size(0)})}, 1);
        const auto [least, which] =
            all.topk(std::min<std::int64_t>(each, all.size(1)), 1, /*largest=*/false, /*sorted=*/true);
        distances = least;
        rows = numbers.gather(1, which);
    }
    Neighbours found;
    found.each = each;
    found.distances = to_vector(distances);
    const torch::Tensor flat = rows.flatten().contiguous();
    const auto* row = flat.const_data_ptr<std::int64_t>();
    found.rows.assign(row, row + flat.numel());
    found.samples = {flat.numel(), data.kind, to_vector(model_values(data.train.index_select(0, flat)))};
    if (data.train_labels.defined()) {
        const torch::Tensor labels = data.train_labels.index_select(0, flat).contiguous();
        const auto* label = labels.const_data_ptr<std::int64_t>();
        found.labels.assign(label, label + labels.numel());
    }
    return found;
}

Samples Laboratory::restore(const Samples& damaged, const std::vector<std::uint8_t>& free, int steps,
                            std::uint64_t seed, const std::function<void(int step)>& progress) const {
    const SceneRun& run = *parts_->run_;
    const SampleKind& kind = run.kind();
    if (kind.plane)
        throw Error("Only pictures are restored, and this is a model of the plane",
                    "scene " + run.scene().name, "Use a model of pictures.");
    if (static_cast<int>(free.size()) != kind.height * kind.width)
        throw Error("The mask does not have the size of the pictures", "",
                    fmt::format("Give {} × {} pixels.", kind.width, kind.height));
    const torch::Tensor start = to_tensor(damaged);
    const torch::Tensor moves =
        torch::tensor(at::ArrayRef<std::uint8_t>(free)).ne(0).view({1, 1, kind.height, kind.width});
    const torch::Tensor labels = run.chain_labels(damaged.count);
    const kernels::StepSettings step = step_settings(run.in_force());
    kernels::StepReport report;
    torch::Tensor x = start;
    for (int done = 0; done < steps; ++done) {
        const random::Place place{seed, random::Stream::noise,
                                  static_cast<std::uint32_t>(RandomGroup::command_line), 0,
                                  static_cast<std::uint32_t>(done)};
        x = torch::where(moves, advance(run.energy(), {x, labels}, step, place, 1, report).x, start);
        if (progress) progress(done + 1);
    }
    return {damaged.count, kind, to_vector(x)};
}

} // namespace ebm::lab
