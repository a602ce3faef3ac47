#pragma once

/// Which instruction sets Google Highway compiles the kernels for. Include before any Highway header.
/// SSE4 adds nothing over SSSE3 here and AVX3_DL nothing over AVX3. The scalable vectors of ARM and RISC-V
/// cannot be held in arrays, which the register blocks need; NEON covers those machines.
/// Highway 0.16, which Ubuntu 22.04 has, does not know all of those names.
#if defined(__x86_64__) || defined(_M_X64)
#define HWY_DISABLED_TARGETS (HWY_SSE4 | HWY_AVX3_DL)
#else
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
