#pragma once

#include <cstdint>
#include <functional>

namespace ebm::kernels {

/// Calls work(index) once for every index in [0, count) on up to `threads` threads, the calling one included,
/// and returns when all are done. The other threads are kept between calls. Which thread takes an index is
/// not determined, so work must not depend on it. If another thread is inside parallel_for, or the call comes
/// from within work, it runs on its own thread alone instead of waiting. The first exception thrown by work
/// is rethrown here. Within work, numbers below 1.2e-38 count as 0.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work);

/// Who uses the scratch memory of a thread. A thread may be the caller of parallel_for and one of its
/// workers; chains are moved on energies whose kernels work within the same work.
enum class ScratchUser { worker, caller, chains };

/// A buffer of at least `count` floats, aligned to 64 bytes, owned by the calling thread and reused by its
/// next call for the same user. The contents are unspecified.
float* thread_scratch(std::int64_t count, ScratchUser user = ScratchUser::worker);

} // namespace ebm::kernels
