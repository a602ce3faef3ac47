#pragma once

namespace ebm {

/// Non-linearities of networks, elementwise: z·σ(z), log(1 + e^z), tanh z, max(z, 0), z or 0.2·z where z < 0,
/// z·Φ(z).
enum class Activation { silu, softplus, tanh, relu, leaky_relu, gelu };

} // namespace ebm
