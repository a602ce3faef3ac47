#pragma once

namespace ebm::lab {

/// Time spent on something and how often it was done, forgotten over about two seconds: budgets the engine's
/// work and gives the rates on screen. `now` is in seconds and never decreases.
class Meter {
public:
    void add(double now, double seconds, double amount = 1);
    double rate(double now) const;    ///< amount a second
    double seconds(double now) const; ///< spent lately

private:
    void forget(double now) const;
    mutable double seconds_ = 0, amount_ = 0, weight_ = 0, last_ = 0;
};

} // namespace ebm::lab
