#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Which instruction set the kernels run on. The widest one of the processor is the default.
namespace ebm::kernels {

/// Names of the instruction sets that were compiled in and that this processor has, widest first: "avx512",
/// "avx2", "ssse3", "neon", "scalar".
std::vector<std::string> available_instruction_sets();

/// The instruction set that kernels constructed from now on use.
std::string instruction_set_name();

/// Forces an instruction set; "best" returns to the widest. Kernels that exist keep theirs. Throws ebm::Error
/// for a name that is not available. Not to be called while kernels are constructed on another thread.
void set_instruction_set(std::string_view name);

} // namespace ebm::kernels
