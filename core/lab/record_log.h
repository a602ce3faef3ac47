#pragma once

#include "core/measure/record.h"

#include <array>
#include <atomic>
#include <memory>

namespace ebm::lab {

/// The records of a run, appended by the engine while the window reads: chunks never move, so a reader needs
/// no lock. Holds up to 4096 × 1024 records; then every second record is kept (a new log is made by the
/// engine).
class RecordLog {
public:
    static constexpr std::int64_t chunk_size = 1024, chunk_count = 4096;

    /// Engine thread only. Returns false when full.
    bool append(const Record& record) {
        const std::int64_t at = size_.load(std::memory_order_relaxed);
        if (at == chunk_size * chunk_count) return false;
        auto& chunk = chunks_[static_cast<std::size_t>(at / chunk_size)];
        if (!chunk) chunk = std::make_unique<Chunk>();
        (*chunk)[static_cast<std::size_t>(at % chunk_size)] = record;
        size_.store(at + 1, std::memory_order_release);
        return true;
    }
    std::int64_t size() const { return size_.load(std::memory_order_acquire); }
    /// index below a size() seen before.
    const Record& operator[](std::int64_t index) const {
        return (*chunks_[static_cast<std::size_t>(index / chunk_size)])[static_cast<std::size_t>(index %
                                                                                                 chunk_size)];
    }

private:
    using Chunk = std::array<Record, chunk_size>;
    std::array<std::unique_ptr<Chunk>, chunk_count> chunks_;
    std::atomic<std::int64_t> size_ = 0;
};

} // namespace ebm::lab
