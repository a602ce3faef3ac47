#pragma once

#include <ATen/Parallel.h>

namespace ebm {

/// Keeps LibTorch on the calling thread while it lives. After each parallel loop the threads of OpenMP spin
/// for milliseconds, on the cores that the kernels need next, while copying a batch takes no longer on one
/// thread.
class OneThread {
public:
    OneThread() : threads_(at::get_num_threads()) { at::set_num_threads(1); }
    ~OneThread() { at::set_num_threads(threads_); }
    OneThread(const OneThread&) = delete;

private:
    int threads_;
};

} // namespace ebm
