"""Energies, gradients, chains and parameter gradients against PyTorch in double precision on the CPU."""
import numpy as np
import torch

from gpu_check_kernels import ConvNet, Mlp, Place, Residual, Steps

NOISE, CHOICE, JUMP = 1, 2, 3


def philox(counter, key):
    """Philox4x32-10. counter: four arrays of 32-bit words; key: two numbers."""
    c = [np.asarray(word, np.uint64) for word in np.broadcast_arrays(*counter)]
    key = [np.uint64(k) for k in key]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(b >> np.uint64(32)) ^ c[1] ^ key[0], b & low, (a >> np.uint64(32)) ^ c[3] ^ key[1], a & low]
        key = [(key[0] + np.uint64(0x9E3779B9)) & low, (key[1] + np.uint64(0xBB67AE85)) & low]
    return c


def words(place, stream, chains, blocks):
    """[chains, blocks, 4]"""
    chain = (place.chain + np.arange(chains, dtype=np.uint64))[:, None]
    block = np.arange(blocks, dtype=np.uint64)[None, :]
    counter = [block, chain, np.uint64(place.step), np.uint64(place.group << 8 | stream)]
    return np.stack(philox(counter, [place.seed & 0xFFFFFFFF, place.seed >> 32]), -1)


def uniforms(word):
    return (word >> np.uint64(8)).astype(np.float64) * 2.0**-24


def normals(word):
    """Box–Muller on pairs of words; the last axis has four."""
    u = (word[..., 0::2].astype(np.float32) + np.float32(0.5)).astype(np.float64) * 2.0**-32
    radius, angle = np.sqrt(-2 * np.log(u)), 2 * np.pi * uniforms(word[..., 1::2])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).reshape(word.shape)


class Reference:
    """core/kernels/step.h word by word, in double precision."""

    def __init__(self, network, parameters, labels=None):
        self.network, self.parameters, self.labels = network, parameters, labels

    def energy(self, x):
        with torch.no_grad():
            return self.network.energy(x, self.parameters, self.labels)

    def energy_and_gradient(self, x):
        x = x.detach().requires_grad_()
        energy = self.network.energy(x, self.parameters, self.labels)
        return energy.detach(), torch.autograd.grad(energy.sum(), x)[0]

    def limited(self, s, g):
        if s.gradient_clip > 0:
            g = g.clamp(-s.gradient_clip, s.gradient_clip)
        if s.drift_limit > 0:
            norm = g.flatten(1).norm(dim=1).clamp_min(1e-30)
            g = g * (s.drift_limit / norm).clamp_max(1).view(-1, *[1] * (g.dim() - 1))
        return g

    def step(self, x, s, place):
        """The new states and which of the chains did not refuse a proposal."""
        n, elements, wide = len(x), x[0].numel(), (-1, *[1] * (x.dim() - 1))
        blocks = (elements + 3) // 4
        tensor = lambda values: torch.tensor(values.reshape(n, -1)[:, :elements]).view_as(x)
        noise, proposal = tensor(normals(words(place, NOISE, n, blocks))), None
        choice = uniforms(words(place, CHOICE, n, 1)[:, 0])
        u = torch.tensor(2 * choice[:, 2] - 1)
        a, b = (s.drift * s.spread**u).view(wide), (s.noise * s.spread**(u / 2)).view(wide)
        jump = torch.tensor(choice[:, 1] < s.jump_share)
        draw = torch.tensor(choice[:, 0])
        clamp = (lambda t: t.clamp(s.box_low, s.box_high)) if s.box else (lambda t: t)
        if s.rule == "published":
            point = clamp(x + b * noise)
            moved = clamp(point - a * self.limited(s, self.energy_and_gradient(point)[1]))
        elif s.rule == "langevin":
            moved = clamp(x - a * self.limited(s, self.energy_and_gradient(x)[1]) + b * noise)
        accepted = torch.ones(n, dtype=torch.bool)
        if s.rule == "mala":
            energy, gradient = self.energy_and_gradient(x)
            mean = x - a * self.limited(s, gradient)
            target = mean + (2 * a).sqrt() * noise
            new_energy, new_gradient = self.energy_and_gradient(target)
            back = target - a * self.limited(s, new_gradient)
            squares = lambda t: t.square().flatten(1).sum(1)
            ratio = energy - new_energy + (squares(target - mean) - squares(x - back)) / (4 * a.flatten())
            accepted = (draw < ratio.exp()) & (clamp(target) == target).flatten(1).all(1)
            moved = torch.where(accepted.view(wide), target, x)
        if s.jump_share > 0:
            proposal = s.box_low + (s.box_high - s.box_low) * tensor(uniforms(words(place, JUMP, n, blocks)))
            taken = draw < (self.energy(x) - self.energy(proposal)).exp()
            accepted = torch.where(jump, taken, accepted)
            moved = torch.where(jump.view(wide), torch.where(taken.view(wide), proposal, x), moved)
        return moved, accepted


def relative_error(actual, expected):
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    if not np.isfinite(actual).all():
        return np.inf
    return np.abs(actual - expected).max() / max(np.abs(expected).max(), 1e-30)


class Checks:
    def __init__(self):
        self.done, self.failed, self.worst = 0, [], {}

    def __call__(self, what, value, limit):
        kind = what.split(":")[0]
        self.done += 1
        self.worst[kind] = max(self.worst.get(kind, 0.0), value)
        if not value <= limit:
            self.failed.append(f"{what}: {value:.3g} > {limit:.3g}")


def samples(network, n, seed):
    return np.random.default_rng(seed).uniform(-1, 1, (n, *network.shape)).astype(np.float32)


def energies_and_gradients(device, check):
    networks = [(Mlp(), (1, 3, 17, 1025)), (Mlp(hidden=(1,)), (5,)), (Mlp(hidden=(17, 5)), (9,)),
                (Mlp(hidden=(33, 70, 256, 12, 19), input_scale=0.7, output_scale=1.3, confinement=2.5), (130,)),
                (Mlp(inputs=7, hidden=(256, 256, 256, 256)), (20,)), (ConvNet(), (1, 3, 133)),
                (ConvNet(3, 32, 32, (5, 7, 12, 21), 33), (18,)), (ConvNet(3, 32, 32, (64, 128, 256, 256), 64), (3,)),
                (ConvNet(1, 17, 23, (6, 13), 50, "gelu"), (5,))]
    networks += [(Mlp(hidden=(40, 21), activation=name), (50,)) for name in ("softplus", "tanh", "relu", "leaky_relu",
                                                                             "gelu")]
    for seed, (network, counts) in enumerate(networks):
        kernel = device.kernel(network, seed)
        parameters = kernel.torch_parameters("cpu", torch.float64)
        reference = Reference(network, parameters)
        for n in counts:
            x = samples(network, n, seed + 100)
            energy, gradient = kernel.evaluate(x)
            expected, expected_gradient = reference.energy_and_gradient(torch.tensor(x, dtype=torch.float64))
            check(f"energy: {network}, n = {n}", relative_error(energy, expected), 1e-5)
            check(f"gradient: {network}, n = {n}", relative_error(gradient, expected_gradient), 1e-5)
            check(f"energy alone: {network}", float((kernel.evaluate(x, False) != energy).sum()), 0)
        n = counts[-1]
        coefficients = np.random.default_rng(seed).standard_normal(n).astype(np.float32)
        energies, gradients = kernel.parameter_gradient(x, coefficients, 0.05)
        again = kernel.parameter_gradient(x, coefficients, 0.05)[1]
        leaves = [p.requires_grad_() for p in parameters]
        energy = network.energy(torch.tensor(x, dtype=torch.float64), leaves)
        bracket = torch.tensor(coefficients, dtype=torch.float64) + 0.05 * energy.detach()
        expected = torch.autograd.grad((bracket * energy).sum(), leaves)
        for i, (g, e) in enumerate(zip(gradients, expected)):
            check(f"parameter gradient: {network}, array {i}", relative_error(g, e), 2e-5)
        check(f"repeated: parameter gradient of {network}",
              float(sum((a != b).sum() for a, b in zip(gradients, again))), 0)


def chains(device, check):
    networks = [(Mlp(hidden=(24, 17), output_scale=4.0, confinement=1.5), 37, 12, 0.15, 0.3),
                (ConvNet(2, 9, 10, (6, 8), 12), 19, 5, 0.05, 0.1), (ConvNet(), 5, 3, 0.02, 0.02)]
    for seed, (network, n, steps, drift, noise) in enumerate(networks):
        kernel = device.kernel(network, seed + 50)
        reference = Reference(network, kernel.torch_parameters("cpu", torch.float64))
        start = samples(network, n, seed + 200)
        for rule in ("published", "langevin", "mala"):
            plain = Steps(rule, drift, noise, box_low=-2.5, box_high=2.0)
            every = Steps(rule, drift, noise, 3.0, 0.5, 0.7, True, -2.5, 2.0, 0.4)
            free = Steps(rule, drift, noise, box=False)
            for settings in (plain, every, free):
                x, accepted = torch.tensor(start, dtype=torch.float64), None
                for k in range(steps):
                    x, accepted = reference.step(x, settings, Place(0xABCDEF0123456789, 3, 40, 9 + k))
                place = Place(0xABCDEF0123456789, 3, 40, 9)
                moved = kernel.run(start, settings, place, steps)
                check(f"chain: {network}, {settings}", relative_error(moved.x, x), 1e-4)
                check(f"accepted: {network}, {settings}", float((moved.accepted.astype(bool) != accepted.numpy()).sum()), 0)
                check("counted: chain steps", abs(moved.report["chain_steps"] - n * steps), 0)
                half = n // 2
                parts = [kernel.run(start[:half], settings, place, steps).x,
                         kernel.run(start[half:], settings, Place(place.seed, 3, 40 + half, 9), steps).x]
                check("split: batch", float((np.concatenate(parts) != moved.x).sum()), 0)


def class_labels(network, n):
    return np.arange(n, dtype=np.int64) * 7 % network.classes if network.classes else None


def residual_networks(device, check):
    """What LibTorch computes on the card, with what is recorded there: batches of one size more than twice."""
    networks = [Residual(3, 32, 32, 10, 16, (1, 2, 2), (2, 1, 1)), Residual(1, 28, 28, 0, 16, (1, 2, 4), (1, 1, 1), "silu"),
                Residual(2, 9, 11, 3, 8, (1, 2), (1, 2), "relu")]
    for seed, network in enumerate(networks):
        kernel = device.kernel(network, seed + 20)
        parameters = kernel.torch_parameters("cpu", torch.float64)
        for n in (1, 24, 24, 24, 24, 37):
            x, labels = samples(network, n, seed + n + 120), class_labels(network, n)
            reference = Reference(network, parameters, None if labels is None else torch.from_numpy(labels))
            energy, gradient = kernel.evaluate(x, labels=labels)
            expected, expected_gradient = reference.energy_and_gradient(torch.tensor(x, dtype=torch.float64))
            check(f"residual energy: {network}, n = {n}", relative_error(energy, expected), 2e-5)
            check(f"residual gradient: {network}, n = {n}", relative_error(gradient, expected_gradient), 2e-5)
        coefficients = np.random.default_rng(seed).standard_normal(n).astype(np.float32)
        _, gradients = kernel.parameter_gradient(x, coefficients, 0.05, labels)
        leaves = [p.requires_grad_() for p in parameters]
        energy = network.energy(torch.tensor(x, dtype=torch.float64), leaves, reference.labels)
        bracket = torch.tensor(coefficients, dtype=torch.float64) + 0.05 * energy.detach()
        expected = torch.autograd.grad((bracket * energy).sum(), leaves)
        largest = max(float(e.abs().max()) for e in expected)
        for i, (g, e) in enumerate(zip(gradients, expected)):
            off = float(np.abs(g - e.numpy()).max()) / (float(e.abs().max()) + 0.05 * largest)
            check(f"residual parameter gradient: {network}, array {i}", off, 2e-5)
        for p in parameters:
            p.requires_grad_(False)
        start, steps = samples(network, 20, seed + 220), 5
        labels = class_labels(network, 20)
        reference = Reference(network, parameters, None if labels is None else torch.from_numpy(labels))
        for rule in ("published", "langevin", "mala"):
            for settings in (Steps(rule, 0.01, 0.02, box_low=-2.5, box_high=2.0),
                             Steps(rule, 0.01, 0.02, 3.0, 0.5, 0.7, True, -2.5, 2.0, 0.4), Steps(rule, 0.01, 0.02, box=False)):
                x = torch.tensor(start, dtype=torch.float64)
                for k in range(steps):
                    x, accepted = reference.step(x, settings, Place(0xABCDEF0123456789, 3, 40, 9 + k))
                moved = kernel.run(start, settings, Place(0xABCDEF0123456789, 3, 40, 9), steps, labels)
                check(f"residual chain: {network}, {settings}", relative_error(moved.x, x), 1e-4)
                check(f"residual accepted: {network}, {settings}",
                      float((moved.accepted.astype(bool) != accepted.numpy()).sum()), 0)
                check("counted: chain steps", abs(moved.report["chain_steps"] - 20 * steps), 0)


def long_chains(device, check):
    """Rounding grows along a chain; with a smooth energy it stays small over 100 steps."""
    kernel = device.kernel(ConvNet(), 70)
    reference = Reference(kernel.network, kernel.torch_parameters("cpu", torch.float64))
    settings = Steps("published", 0.05, 0.005, gradient_clip=0.03)
    start = samples(kernel.network, 4, 71)
    x = torch.tensor(start, dtype=torch.float64)
    for k in range(100):
        x = reference.step(x, settings, Place(5, 1, 0, k))[0]
    check("100 steps", relative_error(kernel.run(start, settings, Place(5, 1, 0, 0), 100).x, x), 1e-3)


def stationary_variance(device, check):
    """Langevin on a quadratic: x ← (1 − a/σ²) x + s ξ has variance s² / (1 − (1 − a/σ²)²)."""
    network = Mlp(hidden=(4,), output_scale=0.0, confinement=1.5)
    kernel, a, s, n = device.kernel(network, 80), 0.3, 0.4, 20000
    contraction = 1 - a / 1.5**2
    variance = s**2 / (1 - contraction**2)
    start = (np.random.default_rng(81).standard_normal((n, 2)) * np.sqrt(variance)).astype(np.float32)
    x = kernel.run(start, Steps("langevin", a, s, box=False), Place(6), 60).x.astype(np.float64)
    check("stationary variance, standard errors", abs(x.var() - variance) / (variance * np.sqrt(2 / x.size)), 3)
    check("stationary mean, standard errors", abs(x.mean()) / np.sqrt(variance / x.size), 3)


def run(device):
    """Prints one line and the failures; the number of them."""
    check = Checks()
    for part in (energies_and_gradients, chains, residual_networks, long_chains, stationary_variance):
        if part != residual_networks or device.residual:
            part(device, check)
    worst = ", ".join(f"{kind} {value:.2g}" for kind, value in check.worst.items() if value > 0)
    print(f"Parity: {check.done - len(check.failed)} of {check.done} checks passed; largest deviations: {worst}")
    for failure in check.failed:
        print("FAILED", failure)
    return len(check.failed)


def rounded(device, tensor_cores):
    """What rounding does: the errors of energies and gradients, and the bias of what long chains sample. Prints it; the
    number of failures. tensor_cores: the device in TF32, and in bfloat16, which is another only to what LibTorch computes."""
    check = Checks()
    plane = [Mlp(confinement=4.0), Mlp(hidden=(64, 64, 64, 64), confinement=4.0)]
    pictures = [] if not device.residual else [Residual(3, 32, 32, 10, 64, (1, 2, 2), (2, 2, 2)), Residual(1, 28, 28, 10, 16, (1, 2, 4), (1, 1, 1), "silu")]
    for other in tensor_cores:
        bf16 = other.precision == "bf16"
        for seed, network in enumerate(pictures if bf16 else [*plane, ConvNet(), *pictures]):
            plain, rough = device.kernel(network, seed + 90), other.kernel(network, seed + 90)
            labels = class_labels(network, 64)
            reference = Reference(network, plain.torch_parameters("cpu", torch.float64),
                                  None if labels is None else torch.from_numpy(labels))
            x = samples(network, 64, seed + 91)
            expected, expected_gradient = reference.energy_and_gradient(torch.tensor(x, dtype=torch.float64))
            energy, gradient = rough.evaluate(x, labels=labels)
            # Of the spread of energies, and of the length of gradients: a constant shifts no chain. Rounding takes a value
            # past the kink of a leaky ReLU now and then, which is most of what gradients are off by.
            spread = np.std(expected.numpy())
            length = lambda a: np.sqrt((np.asarray(a, np.float64) ** 2).sum())
            check(f"{other.precision} energy: {network}", float(np.abs(energy - expected.numpy()).max() / spread),
                  0.3 if bf16 else 0.02)
            check(f"{other.precision} gradient: {network}",
                  float(length(gradient - expected_gradient.numpy()) / length(expected_gradient)), 0.15 if bf16 else 0.05)
            # The same chains with the same noise: the difference of their mean energies, both in fp32.
            many, steps = (8192, 400) if network in plane else (256, 200)
            if isinstance(network, ConvNet) or device.torch_device == "cpu" and network in pictures:
                continue
            labels, start = class_labels(network, many), samples(network, many, seed + 92)
            settings = Steps("langevin", 0.02, 0.2, box=False) if network in plane else Steps("langevin", 0.002, 0.06)
            ends = [kernel.run(start, settings, Place(7), steps, labels).x for kernel in (plain, rough)]
            means = [plain.evaluate(x, False, labels).astype(np.float64) for x in ends]
            error = np.sqrt(sum(e.var() for e in means) / many)
            print(f"{other.precision}, chains of {network}: mean energy {means[1].mean():.5f}, in fp32 "
                  f"{means[0].mean():.5f}; a standard error is {error:.5f}")
            check(f"{other.precision} bias of the mean energy, standard errors: {network}",
                  abs(means[1].mean() - means[0].mean()) / error, 4)
    worst = ", ".join(f"{kind} {value:.2g}" for kind, value in check.worst.items())
    print(f"Rounding: {check.done - len(check.failed)} of {check.done} checks passed; largest deviations: {worst}")
    for failure in check.failed:
        print("FAILED", failure)
    return len(check.failed)
