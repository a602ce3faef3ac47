#include "core/kernels/step_report.h"

#include "core/base/error.h"

namespace ebm::kernels {

void require_possible(const StepSettings& settings) {
    if (settings.jump_share > 0 && !settings.box)
        throw Error("Jumps propose points of the box, and the box is off", "sampler",
                    "Turn the box on or set the share of jumps to 0.");
    if (!(settings.temperature > 0))
        throw Error("The temperature is not above 0", "sampler",
                    "Set sampler.temperature to a positive number.");
}

} // namespace ebm::kernels
