#pragma once

#include "core/base/random.h"
#include "core/base/tensor.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// Networks of core/network/graph.h executed by LibTorch where its tensors may live on a card. Nothing here
/// records for autograd: its threads are started for the devices that are known at the first backward pass of
/// the program, which may be before a card's library is loaded.
namespace ebm::libtorch {

/// Work that a card repeats without being told each operation again, on the same memory.
class Recording {
public:
    virtual ~Recording() = default;
    virtual void replay() = 0;
};

/// Where tensors live and what LibTorch's portable operations cannot do there. Calls come from one thread at
/// a time, between enter() and the end of what it returns.
class Place {
public:
    virtual ~Place() = default;
    virtual at::Device device() const = 0;
    /// Of convolutions and hidden layers in energies and their gradients by x: kFloat or kBFloat16.
    virtual at::ScalarType type() const { return at::kFloat; }
    /// "LibTorch with cuDNN, TF32"
    virtual std::string name() const = 0;
    /// Bytes that the tensors of one batch may take.
    virtual std::int64_t batch_bytes() const = 0;

    /// To be held while this thread works here.
    virtual std::shared_ptr<void> enter() const = 0;
    /// Standard normals and uniform numbers of core/kernels/noise.h. to: fp32 [rows, elements], contiguous.
    virtual void normals(const at::Tensor& to, const random::Place& first) const = 0;
    virtual void uniforms(const at::Tensor& to, const random::Place& first) const = 0;
    /// Records what `work` does, which runs not at all or once meanwhile; null where nothing is recorded.
    virtual std::unique_ptr<Recording> record(const std::function<void()>& work) const = 0;
};

/// The CPU's, for tests of everything that does not need a card.
class CpuPlace final : public Place {
public:
    explicit CpuPlace(at::ScalarType type = at::kFloat, std::int64_t batch_bytes = std::int64_t{1} << 30)
        : type_(type), batch_bytes_(batch_bytes) {}
    at::Device device() const override { return at::kCPU; }
    at::ScalarType type() const override { return type_; }
    std::string name() const override { return "LibTorch on the CPU"; }
    std::int64_t batch_bytes() const override { return batch_bytes_; }
    std::shared_ptr<void> enter() const override { return nullptr; }
    void normals(const at::Tensor& to, const random::Place& first) const override;
    void uniforms(const at::Tensor& to, const random::Place& first) const override;
    std::unique_ptr<Recording> record(const std::function<void()>&) const override { return nullptr; }

private:
    at::ScalarType type_;
    std::int64_t batch_bytes_;
};

} // namespace ebm::libtorch
