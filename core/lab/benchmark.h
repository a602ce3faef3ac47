#pragma once

#include "core/lab/session.h"
#include "core/settings/settings.h"

/// What `ebmlab bench` times.
namespace ebm::lab {

/// A piece of work in the two ways that this program has for it. They compute the same.
struct Paths {
    std::function<void()> fast;
    std::function<void()> reference; ///< plain LibTorch on the CPU; empty if there is none
};

struct Workload {
    std::string name;  ///< for --only: "plane_64"
    std::string title; ///< for a person
    int threads = 1;
    int pieces = 1;        ///< in one call of a path; times are of one piece
    double amount = 1;     ///< of `unit` in one piece
    std::string unit;      ///< "chain steps"
    double operations = 0; ///< floating-point, of one piece (core/measure/operations.h); 0 = not counted
    std::function<Paths()> prepare = {};
};

/// The lines of the table on `threads` threads; the fast paths of networks on `device`, a name of
/// device_choices. On a card operations are not counted. Nothing is computed before `prepare`. The plane's
/// network is 2-128-128-128-1 with SiLU, that of the peers' table; images are those of the scene
/// fashion_mnist. Throws Error if the scenes cannot be read, or the device cannot be had.
std::vector<Workload> workloads(int threads, const std::string& device);

struct Measurement {
    double fast = 0;          ///< seconds of one piece, the median
    double reference = 0;     ///< the same of plain LibTorch; 0 if there is none
    double product_speed = 0; ///< operations a second of the matrix product in the same runs, the median; 0
                              ///< if operations are not counted
    std::int64_t fast_memory = 0,
                 reference_memory = 0; ///< resident at most, of the whole process; 0 if unknown

    double ratio() const { return fast > 0 ? reference / fast : 0; }
    /// Of the matrix product's speed; 0 if operations are not counted.
    double share(const Workload& workload) const {
        return product_speed > 0 ? workload.operations / fast / product_speed : 0;
    }
};

/// The medians of `runs` ≥ 1 runs; fast path, reference and matrix product take turns. A run is repeated
/// until it lasts a hundredth of a second.
Measurement measure(const Workload& workload, int runs);

/// Operations a second of one fp32 product of two 1024 × 1024 matrices by LibTorch, with the threads it has.
double product_speed();

/// The settings behind the lines of plane and images: plain Langevin on 2-128-128-128-1 without what only our
/// scenes use (confinement, jumps, spread), and the scene fashion_mnist.
Settings plane_benchmark();
Settings image_benchmark();

/// The middle one, or the mean of the middle two. Not empty.
double median(std::vector<double> values);

} // namespace ebm::lab
