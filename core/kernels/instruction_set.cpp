#include "core/kernels/instruction_set.h"

#include "core/base/error.h"
#include "core/kernels/targets.h"

#include <hwy/highway.h>

namespace ebm::kernels {
namespace {

/// 32 or 64 bits, as the version of Highway has them.
using Targets = decltype(hwy::SupportedAndGeneratedTargets());

std::string name_of(std::int64_t target) {
    switch (target) {
    case HWY_AVX3:
        return "avx512";
    case HWY_AVX2:
        return "avx2";
    case HWY_SSSE3:
        return "ssse3";
    case HWY_NEON:
        return "neon";
    case HWY_SCALAR:
        return "scalar";
    default:
        return hwy::TargetName(target);
    }
}

/// Lower bits are wider instruction sets, and Highway takes the lowest bit of what is supported.
const Targets& compiled_and_present() {
    static const Targets targets = [] {
        hwy::SetSupportedTargetsForTest(0);
        return hwy::SupportedAndGeneratedTargets();
    }();
    return targets;
}

/// Until version 1.0 the chosen target finds out by itself what is supported.
template <class Chosen>
void update(Chosen& chosen) {
    if constexpr (requires { chosen.Update(hwy::SupportedTargets()); })
        chosen.Update(hwy::SupportedTargets());
    else
        chosen.Update();
}

} // namespace

std::vector<std::string> available_instruction_sets() {
    std::vector<std::string> names;
    for (const std::int64_t target : compiled_and_present())
        names.push_back(name_of(target));
    return names;
}

std::string instruction_set_name() {
    const std::int64_t targets = hwy::SupportedTargets() & (HWY_TARGETS);
    return name_of(targets & -targets);
}

void set_instruction_set(std::string_view name) {
    std::string known;
    for (const std::int64_t target : compiled_and_present()) {
        if (name == "best" || name == name_of(target)) {
            hwy::SetSupportedTargetsForTest(name == "best" ? 0 : target);
            update(hwy::GetChosenTarget());
            return;
        }
        known += " ";
        known += name_of(target);
    }
    throw Error("The instruction set '" + std::string(name) + "' is not available", "kernels",
                "This processor and build have:" + known + ".");
}

} // namespace ebm::kernels
