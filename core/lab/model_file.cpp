#include "core/lab/model_file.h"

#include "core/base/error.h"
#include "core/lab/dataset.h"
#include "core/store/checkpoint.h"

#include <fmt/format.h>

namespace ebm::lab {

void export_model(const std::string& checkpoint, const std::string& out, int buffer_samples,
                  std::int64_t held_out) {
    store::Checkpoint model =
        store::without_training_state(store::read_checkpoint(checkpoint), buffer_samples);
    for (auto& [name, tensor] : model.tensors) {
        if (!name.starts_with("data.held_out") || tensor.size(0) <= held_out) continue;
        const torch::Tensor rows = torch::arange(held_out, torch::kLong) * tensor.size(0) / held_out;
        tensor = tensor.index_select(0, rows.floor().to(torch::kLong));
    }
    store::write_checkpoint(out, model);
}

const Setting* model_difference(const Settings& a, const Settings& b) {
    const Setting* data_difference = nullptr;
    for (const Setting& row : settings_table()) {
        if (row.effect != Effect::rebuild || row.key == "data.path" || row.is_default(a, b)) continue;
        if (row.key == "data.set" && data_set_name(a) == data_set_name(b)) continue;
        if (row.group == "model") return &row;
        if (!data_difference) data_difference = &row;
    }
    return data_difference;
}

void require_same_model(const Settings& trained, const Settings& wanted, const std::string& checkpoint) {
    if (const Setting* row = model_difference(trained, wanted))
        throw Error(fmt::format("The checkpoint was trained with {} = {}, the scene has {}", row->key,
                                row->text(trained), row->text(wanted)),
                    checkpoint, "Open the checkpoint without the scene, or choose another checkpoint.");
}

} // namespace ebm::lab
