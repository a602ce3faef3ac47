"""Glow, PixelCNN++ and the variational autoencoder of this program in plain PyTorch, from its weights, as somebody
would write them from the papers: one operation after another through autograd. For the table of tests/bench/peers.py.
"""

import math

import numpy
import torch
from torch import nn
from torch.nn import functional


def pictures(count):
    """8-bit values from -1 to 1, as the loaders give them."""
    values = numpy.random.default_rng(2).integers(0, 256, (count, 1, 28, 28))
    return (values / 127.5 - 1).astype(numpy.float32)


class Weighted(nn.Module):
    """Parameters and constants under the names of our checkpoints."""

    def __init__(self, weights):
        super().__init__()
        self.values = {name: torch.from_numpy(value.copy()) for name, value in weights.items()}
        for name, value in self.values.items():
            if not name.endswith((".permutation", ".signs")):
                self.values[name] = nn.Parameter(value)
                self.register_parameter(name.replace(".", "_"), self.values[name])

    def names(self, start, end):
        """What stands between `start` and `end` in the names that have both, in order of number."""
        found = {name[len(start):-len(end)] for name in self.values if name.startswith(start) and name.endswith(end)}
        return sorted((number for number in found if number.isdigit()), key=int)


# ---- Glow: Kingma & Dhariwal 2018 ------------------------------------------------------------------------------------


class Glow(Weighted):
    def norm(self, name, x):
        return ((x + self.values[name + ".bias"].view(1, -1, 1, 1))
                * (3 * self.values[name + ".log_scale"]).exp().view(1, -1, 1, 1))

    def mixing_matrix(self, name):
        value = self.values
        unit = torch.eye(len(value[name + ".signs"]))
        lower = value[name + ".lower"].tril(-1) + unit
        upper = value[name + ".upper"].triu(1) + torch.diag(value[name + ".signs"] * value[name + ".log_diagonal"].exp())
        return value[name + ".permutation"] @ lower @ upper

    def scaled_convolution(self, name, x):
        """The convolution whose results begin at 0."""
        hidden = functional.conv2d(x, self.values[name + ".weight"], self.values[name + ".bias"], padding=1)
        return hidden * (3 * self.values[name + ".log_scale"]).exp().view(1, -1, 1, 1)

    def coupling(self, name, kept):
        hidden = functional.conv2d(kept, self.values[name + ".first.weight"], padding=1)
        hidden = functional.relu(self.norm(name + ".first", hidden))
        hidden = functional.conv2d(hidden, self.values[name + ".second.weight"])
        hidden = functional.relu(self.norm(name + ".second", hidden))
        shift, raw = self.scaled_convolution(name + ".last", hidden).chunk(2, 1)
        return shift, (0.1 + 0.9 * torch.sigmoid(raw + 2)).log()

    def step(self, name, x, log_det):
        pixels = x.shape[2] * x.shape[3]
        x = self.norm(name + ".norm", x)
        x = functional.conv2d(x, self.mixing_matrix(name + ".mixing")[:, :, None, None])
        kept, moved = x.chunk(2, 1)
        shift, log_scale = self.coupling(name + ".net", kept)
        log_det = log_det + log_scale.flatten(1).sum(1) + pixels * (
            3 * self.values[name + ".norm.log_scale"].sum() + self.values[name + ".mixing.log_diagonal"].sum())
        return torch.cat([kept, (moved + shift) * log_scale.exp()], 1), log_det

    def loss(self, x):
        x = ((x + 1) * 127.5 + torch.rand_like(x)) / 256 - 0.5
        elements, log_det, squares = x[0].numel(), torch.zeros(len(x)), 0
        levels = self.names("levels.", ".prior.bias")
        for level in levels:
            x = functional.pixel_unshuffle(x, 2)
            for step in self.names(f"levels.{level}.steps.", ".norm.bias"):
                x, log_det = self.step(f"levels.{level}.steps.{step}", x, log_det)
            prior = f"levels.{level}.prior"
            if level == levels[-1]:
                mean, log_sd = (self.values[prior + ".bias"] * (3 * self.values[prior + ".log_scale"]).exp()).view(
                    1, -1, 1, 1).expand(len(x), -1, x.shape[2], x.shape[3]).chunk(2, 1)
                leaving = x
            else:
                x, leaving = x.chunk(2, 1)
                mean, log_sd = self.scaled_convolution(prior, x).chunk(2, 1)
                log_sd = 6 * torch.tanh(log_sd / 6)
            log_det = log_det - log_sd.flatten(1).sum(1)
            squares = squares + ((leaving - mean) * (-log_sd).exp()).square().flatten(1).sum(1)
        return (0.5 * squares - log_det).mean() + elements * (0.5 * math.log(2 * math.pi) + math.log(256))


# ---- The discretised mixture of logistics: Salimans et al. 2017 ------------------------------------------------------


def mixture_log_probability(x, parameters):
    """x: [N, 1, H, W] of 8-bit values; parameters: logits, means and logarithms of scales. [N]"""
    logits, means, log_scales = parameters.chunk(3, 1)
    log_scales = log_scales.clamp(-7, 7)
    inverse = (-log_scales).exp()
    centre, half = (x - means) * inverse, inverse / 255
    mass = torch.where(
        x <= -0.999, functional.logsigmoid(centre + half),
        torch.where(x >= 0.999, functional.logsigmoid(half - centre),
                    functional.logsigmoid(centre + half) + functional.logsigmoid(half - centre)
                    + torch.log(-torch.expm1(-2 * half))))
    return torch.logsumexp(mass + functional.log_softmax(logits, 1), 1).sum((1, 2))


# ---- PixelCNN++: Salimans et al. 2017, one channel -------------------------------------------------------------------


def concat_elu(x):
    return functional.elu(torch.cat([x, -x], 1))


class PixelCnn(Weighted):
    """`above` sees the rows above a pixel, `left` also what is left of it."""

    def kernel(self, name, x, pad, stride=1):
        weight = torch._weight_norm(self.values[name + ".direction"], self.values[name + ".gain"].view(-1, 1, 1, 1))
        return functional.conv2d(functional.pad(x, pad), weight, self.values[name + ".bias"], stride)

    def grow(self, name, x, size, left):
        weight = torch._weight_norm(self.values[name + ".direction"], self.values[name + ".gain"].view(-1, 1, 1, 1))
        grown = functional.conv_transpose2d(x, weight.transpose(0, 1), self.values[name + ".bias"], 2)
        cut = 0 if left else 1
        return grown[:, :, :size[0], cut:cut + size[1]]

    def block(self, name, x, pad, side=None):
        hidden = self.kernel(name + ".first", concat_elu(x), pad)
        if side is not None:
            hidden = hidden + self.kernel(name + ".side", concat_elu(side), (0, 0, 0, 0))
        return x + functional.glu(self.kernel(name + ".second", concat_elu(hidden), pad), 1)

    def predict(self, x):
        of_above, of_left = (1, 1, 1, 0), (1, 0, 1, 0)  # 2 x 3 and 2 x 2 pixels
        whole = torch.cat([x, torch.ones_like(x)], 1)
        above = [self.kernel("above.first", whole, (1, 1, 2, -1))]
        left = [self.kernel("left.over", whole, (1, 1, 1, -1)) + self.kernel("left.before", whole, (1, -1, 1, 0))]
        levels = [int(level) for level in self.names("above.down.", ".0.first.gain")]
        for level in levels:
            for block in self.names(f"above.down.{level}.", ".first.gain"):
                name = f"down.{level}.{block}"
                above.append(self.block("above." + name, above[-1], of_above))
                left.append(self.block("left." + name, left[-1], of_left, above[-1]))
            if level != levels[-1]:
                above.append(self.kernel(f"above.shrink.{level}", above[-1], of_above, 2))
                left.append(self.kernel(f"left.shrink.{level}", left[-1], of_left, 2))
        u, ul = above.pop(), left.pop()
        for level in reversed(levels):
            for block in self.names(f"above.up.{level}.", ".first.gain"):
                name = f"up.{level}.{block}"
                u = self.block("above." + name, u, of_above, above.pop())
                ul = self.block("left." + name, ul, of_left, torch.cat([u, left.pop()], 1))
            if level > 0:
                size = above[-1].shape[2:]
                u = self.grow(f"above.grow.{level}", u, size, False)
                ul = self.grow(f"left.grow.{level}", ul, size, True)
        return self.kernel("out", functional.elu(ul), (0, 0, 0, 0))

    def loss(self, x):
        return -mixture_log_probability(x, self.predict(x)).mean()


# ---- Variational autoencoder: Kingma & Welling 2014 ------------------------------------------------------------------


class Vae(Weighted):
    def loss(self, x):
        value = self.values
        *convolutions, code = self.names("encoder.", ".weight")
        hidden = x
        for layer in convolutions:
            hidden = functional.silu(functional.conv2d(hidden, value[f"encoder.{layer}.weight"],
                                                       value[f"encoder.{layer}.bias"], 2, 1))
        deepest = hidden.shape
        mean, log_sd = functional.linear(hidden.flatten(1), value[f"encoder.{code}.weight"],
                                         value[f"encoder.{code}.bias"]).chunk(2, 1)
        log_sd = log_sd.clamp(-7, 7)
        z = mean + log_sd.exp() * torch.randn_like(mean)
        divergence = (0.5 * (mean.square() + (2 * log_sd).exp() - 1) - log_sd).sum(1)
        first, *grown, last = self.names("decoder.", ".weight")
        hidden = functional.silu(functional.linear(z, value[f"decoder.{first}.weight"], value[f"decoder.{first}.bias"]))
        hidden = hidden.view(deepest)
        sides = [x.shape[2]]
        for _ in grown:
            sides.insert(0, (sides[0] + 1) // 2)
        for layer, side in zip(grown, sides[1:]):
            hidden = functional.conv_transpose2d(hidden, value[f"decoder.{layer}.weight"].transpose(0, 1),
                                                 value[f"decoder.{layer}.bias"], 2, 1)
            hidden = functional.silu(hidden[:, :, :side, :side])
        decoded = functional.conv2d(hidden, value[f"decoder.{last}.weight"], value[f"decoder.{last}.bias"], padding=1)
        return (divergence - mixture_log_probability(x, decoded)).mean()


# ---- Training --------------------------------------------------------------------------------------------------------

# Of our scenes: pictures of an iteration, optimizer, its settings.
KINDS = {"flow": (Glow, 64, torch.optim.Adamax, {"lr": 0.003, "betas": (0.9, 0.999)}),
         "pixelcnn": (PixelCnn, 16, torch.optim.Adam, {"lr": 0.002, "betas": (0.95, 0.9995)}),
         "vae": (Vae, 100, torch.optim.Adam, {"lr": 0.002, "betas": (0.9, 0.999)})}


class Training:
    """The plain loop: draw a batch, loss, backward, optimizer, averaged weights."""

    def __init__(self, side, weights):
        model, self.batch, optimizer, settings = KINDS[side]
        self.model = model(weights)
        self.data = torch.from_numpy(pictures(10000))
        self.optimizer = optimizer(self.model.parameters(), **settings)
        self.average = [weight.detach().clone() for weight in self.model.parameters()]

    def mean_loss(self, x):
        with torch.no_grad():
            return float(self.model.loss(torch.from_numpy(x)))

    def iterate(self):
        loss = self.model.loss(self.data[torch.randint(len(self.data), (self.batch,))])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.average, list(self.model.parameters()), 0.001)
