#include "core/measure/record.h"

namespace ebm {

const std::vector<RecordField>& record_fields() {
    static const std::vector<RecordField> fields = {
        {"positive_energy_nat", "E⁺", &Record::positive_energy},
        {"positive_energy_sd_nat", "sd of E⁺", &Record::positive_energy_sd},
        {"negative_energy_nat", "E⁻", &Record::negative_energy},
        {"negative_energy_sd_nat", "sd of E⁻", &Record::negative_energy_sd},
        {"loss_nat", "loss", &Record::loss},
        {"regulariser_nat2", "mean E²", &Record::regulariser},
        {"learning_rate", "learning rate", &Record::learning_rate},
        {"parameter_gradient_norm", "norm of the weights' gradient", &Record::parameter_gradient_norm},
        {"gradient_norm_mean_nat_per_x", "mean |∇ₓE|", &Record::gradient_norm},
        {"gradient_norm_max_nat_per_x", "max |∇ₓE|", &Record::gradient_norm_max},
        {"clipped_share", "clipped", &Record::clipped_share},
        {"clamped_share", "clamped", &Record::clamped_share},
        {"accepted_share", "accepted", &Record::acceptance},
        {"accepted_jump_share", "jumps accepted", &Record::jump_acceptance},
        {"step_distance_x", "distance of a step", &Record::distance},
        {"fresh_share", "re-initialised", &Record::fresh_share},
        {"bits_per_dimension", "bits per dimension", &Record::bits_per_dimension},
        {"class_loss_nat", "−log p(y|x⁺)", &Record::class_loss},
    };
    return fields;
}

} // namespace ebm
