"""The energies of this program in other frameworks, from the same weights, with the same Langevin step:
x <- x - DRIFT * grad E(x) + NOISE * xi.

A peer has energies(x) -> (energies, gradients), all numpy, and run(steps), which moves its chains. torch, jax and
torchebm are imported where they are needed, so that one that is missing costs only its column.
"""

import numpy

DRIFT, NOISE = 0.005, 0.1
CONVOLUTIONS = [(2, 4), (2, 1), (2, 1), (2, 1)]  # stride, padding


def starts(side, chains):
    shape = (chains, 2) if side == "plane" else (chains, 3, 32, 32) if side.startswith("residual_32") else (chains, 1, 28, 28)
    return numpy.random.default_rng(1).uniform(-1, 1, shape).astype(numpy.float32)


# ---- PyTorch ---------------------------------------------------------------------------------------------------------


def torch_network(side, weights, nhwc=False):
    import torch
    from torch import nn

    if side.startswith("residual"):
        from peers_residual import network

        return network(weights, nhwc)

    def filled(layer, name):
        layer.weight.data = torch.from_numpy(weights[name + ".weight"].copy())
        layer.bias.data = torch.from_numpy(weights[name + ".bias"].copy())
        return layer

    def linear(name):
        outputs, inputs = weights[name + ".weight"].shape
        return filled(nn.Linear(inputs, outputs), name)

    if side == "plane":
        layers = []
        for i in range(4):
            layers += [linear(f"layers.{i}"), nn.SiLU()]
        return nn.Sequential(*layers[:-1], nn.Flatten(0))
    layers = []
    for i, (stride, padding) in enumerate(CONVOLUTIONS):
        name = f"convolutions.{i}"
        outputs, inputs, kernel, _ = weights[name + ".weight"].shape
        layers += [filled(nn.Conv2d(inputs, outputs, kernel, stride, padding), name), nn.SiLU()]
    network = nn.Sequential(*layers, nn.Flatten(), linear("hidden"), nn.SiLU(), linear("output"), nn.Flatten(0))
    return network.to(memory_format=torch.channels_last) if nhwc else network


class Eager:
    """One kernel after another through autograd, the weights frozen."""

    def __init__(self, side, weights, nhwc=False):
        import torch

        self.torch, self.side, self.nhwc = torch, side, nhwc
        self.network = torch_network(side, weights, nhwc).requires_grad_(False)

    def gradient(self, x):
        x = x.detach().requires_grad_(True)
        energies = self.network(x)
        return energies.detach(), self.torch.autograd.grad(energies.sum(), x)[0]

    def step(self, x):
        return x.add(self.gradient(x)[1], alpha=-DRIFT).add_(self.torch.randn_like(x), alpha=NOISE)

    def energies(self, x):
        return [part.numpy() for part in self.gradient(self.torch.from_numpy(x))]

    def place(self, chains):
        self.x = self.torch.from_numpy(starts(self.side, chains))
        if self.nhwc:
            self.x = self.x.to(memory_format=self.torch.channels_last)

    def run(self, steps):
        x = self.x
        for _ in range(steps):
            x = self.step(x)
        return x


class Compiled(Eager):
    """The whole step as one function for torch.compile."""

    def __init__(self, side, weights):
        super().__init__(side, weights)
        torch = self.torch
        torch._dynamo.config.cache_size_limit = 64
        value = torch.func.grad_and_value(lambda x: self.network(x).sum())

        def step(x):
            return x - DRIFT * value(x)[0] + NOISE * torch.randn_like(x)

        def gradient(x):
            return self.network(x), value(x)[0]

        self.step = torch.compile(step, dynamic=False)
        self.compiled_gradient = torch.compile(gradient, dynamic=False)

    def gradient(self, x):
        with self.torch.no_grad():
            return self.compiled_gradient(x)

    def run(self, steps):
        with self.torch.no_grad():
            return super().run(steps)


class TorchEbm(Eager):
    """The Langevin sampler of torchebm on the wrapped network."""

    def __init__(self, side, weights):
        super().__init__(side, weights)
        from torchebm.core import BaseModel
        from torchebm.samplers import LangevinDynamics

        network = self.network

        class Model(BaseModel):
            def __init__(self):
                super().__init__()
                self.network = network

            def forward(self, x):
                return self.network(x)

        self.model = Model()
        noise_scale = NOISE / (2 * DRIFT) ** 0.5
        self.sampler = LangevinDynamics(self.model, step_size=DRIFT, noise_scale=noise_scale, device="cpu")

    def gradient(self, x):
        return self.model(x), self.model.gradient(x)

    def run(self, steps):
        return self.sampler.sample(x=self.x, n_steps=steps)


# ---- JAX -------------------------------------------------------------------------------------------------------------


class Jax:
    """The steps as one scan inside one jit."""

    def __init__(self, side, weights):
        import jax
        from jax import numpy as jnp

        self.jax, self.side, self.key = jax, side, jax.random.key(1)
        w = {name: jnp.asarray(value) for name, value in weights.items()}
        silu = jax.nn.silu

        def plane(x):
            for i in range(4):
                x = x @ w[f"layers.{i}.weight"].T + w[f"layers.{i}.bias"]
                x = silu(x) if i < 3 else x
            return x[:, 0]

        def images(x):  # channels last, as XLA prefers on CPUs
            x = x.transpose(0, 2, 3, 1)
            for i, (stride, padding) in enumerate(CONVOLUTIONS):
                kernel = w[f"convolutions.{i}.weight"].transpose(2, 3, 1, 0)
                x = jax.lax.conv_general_dilated(x, kernel, (stride, stride), [(padding, padding)] * 2,
                                                 dimension_numbers=("NHWC", "HWIO", "NHWC"))
                x = silu(x + w[f"convolutions.{i}.bias"])
            x = x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1)
            x = silu(x @ w["hidden.weight"].T + w["hidden.bias"])
            return (x @ w["output.weight"].T + w["output.bias"])[:, 0]

        value = plane if side == "plane" else images
        gradient = jax.grad(lambda x: value(x).sum())

        def step(x, key):
            return x - DRIFT * gradient(x) + NOISE * jax.random.normal(key, x.shape), None

        def run(x, key, steps):
            return jax.lax.scan(step, x, jax.random.split(key, steps))[0]

        self.both = jax.jit(lambda x: (value(x), gradient(x)))
        self.scan = jax.jit(run, static_argnums=2)

    def energies(self, x):
        return [numpy.asarray(part) for part in self.both(x)]

    def place(self, chains):
        self.x = self.jax.numpy.asarray(starts(self.side, chains))

    def run(self, steps):
        return self.scan(self.x, self.key, steps).block_until_ready()


# ---- Training --------------------------------------------------------------------------------------------------------


class TrainingLoop:
    """The plain PyTorch loop of one iteration of Algorithm 1 (Du & Mordatch 2019) with our scenes' settings: replay
    buffer, K steps, contrastive divergence, clipped gradient, Adam, averaged weights."""

    def __init__(self, side, weights, nhwc=False):
        import torch

        self.torch, self.plane = torch, side == "plane"
        self.batch, self.steps, self.box = (256, 20, 4.0) if self.plane else (128, 60, 1.0)
        self.network = torch_network(side, weights, nhwc)
        self.average = [weight.detach().clone() for weight in self.network.parameters()]
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.005 if self.plane else 1e-4,
                                          betas=(0.5 if self.plane else 0.0, 0.999))
        self.data = torch.from_numpy(starts(side, 10000))
        self.buffer = torch.from_numpy(starts(side, 8192)) * self.box

    def chain(self, x):
        torch, box = self.torch, self.box
        for _ in range(self.steps):
            if not self.plane:  # as published: noise first
                x = x.add(torch.randn_like(x), alpha=0.005).clamp_(-box, box)
            x = x.detach().requires_grad_(True)
            gradient = torch.autograd.grad(self.network(x).sum(), x)[0]
            x = x.detach()
            if self.plane:
                x = x.add(gradient, alpha=-DRIFT).add_(torch.randn_like(x), alpha=NOISE).clamp_(-box, box)
            else:
                x = x.add(gradient.clamp_(-0.03, 0.03), alpha=-10.0).clamp_(-box, box)
        return x

    def iterate(self):
        torch = self.torch
        positives = self.data[torch.randint(len(self.data), (self.batch,))]
        slots = torch.randperm(len(self.buffer))[: self.batch]
        x = self.buffer[slots]
        if not self.plane:
            positives = positives.add(torch.randn_like(positives), alpha=0.02).clamp_(-1, 1)
            fresh = torch.rand(self.batch) < 0.05
            x[fresh] = torch.rand_like(x[fresh]) * 2 - 1
        self.network.requires_grad_(False)
        negatives = self.chain(x)
        self.network.requires_grad_(True)
        self.buffer[slots] = negatives

        energies = self.network(torch.cat([positives, negatives]))
        loss = energies[: self.batch].mean() - energies[self.batch :].mean()
        if not self.plane:
            loss = loss + 0.1 * energies.square().sum() / self.batch
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0 if self.plane else 0.1)
        self.optimizer.step()
        with torch.no_grad():
            decay = 0.995 if self.plane else 0.999
            torch._foreach_lerp_(self.average, list(self.network.parameters()), 1 - decay)
