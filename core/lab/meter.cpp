#include "core/lab/meter.h"

#include <cmath>

namespace ebm::lab {
namespace {

constexpr double memory_seconds = 2;

} // namespace

void Meter::forget(double now) const {
    const double keep = std::exp(-(now - last_) / memory_seconds);
    seconds_ *= keep;
    amount_ *= keep;
    weight_ = weight_ * keep + (1 - keep);
    last_ = now;
}

void Meter::add(double now, double seconds, double amount) {
    forget(now);
    seconds_ += seconds;
    amount_ += amount;
}

double Meter::rate(double now) const {
    forget(now);
    return weight_ > 0.02 ? amount_ / (memory_seconds * weight_) : 0;
}

double Meter::seconds(double now) const {
    forget(now);
    return seconds_;
}

} // namespace ebm::lab
