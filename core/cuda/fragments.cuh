#pragma once

/// Products of the tensor cores, by the 32 threads of a warp together.
namespace ebm::cuda {

#ifdef __CUDA_ARCH__
/// Rounded to ten bits of mantissa, to nearest.
__device__ inline unsigned to_tf32(float x) {
    unsigned rounded = 0;
#if __CUDA_ARCH__ >= 800
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
#endif
    return rounded;
}

/// c += a · b with a 16 × 8, b 8 × 8. Of each matrix a thread holds what PTX gives it [PTX ISA, "Matrix
/// fragments for mma.m16n8k8"]: a[0] is row lane / 4, column lane % 4, a[1] eight rows below, a[2] and a[3]
/// four columns to the right of these; b[0] is row lane % 4, column lane / 4, b[1] four rows below; c[0] and
/// c[1] are row lane / 4, columns 2 (lane % 4) and the next, c[2] and c[3] eight rows below.
__device__ inline void multiply_add_fragments(const unsigned (&a)[4], const unsigned (&b)[2], float (&c)[4]) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    __trap(); // older cards have no TF32; ebmlab_cuda_open refuses it there
#endif
}
#endif

} // namespace ebm::cuda
