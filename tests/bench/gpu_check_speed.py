"""The kernels against eager PyTorch on the same card, interleaved in one run."""
import statistics
import time

import numpy as np
import torch

from gpu_check_kernels import ConvNet, Mlp, Place, Residual, Steps

PLANE = Steps("langevin", 0.01, 0.1, drift_limit=0.0, box_low=-4.0, box_high=4.0)
IMAGES = Steps("published", 10.0, 0.005, gradient_clip=0.03)
ADAM = {"lr": 1e-4, "betas": (0.0, 0.999)}


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


def seconds_of(work, device):
    synchronize(device)
    started = time.perf_counter()
    work()
    synchronize(device)
    return time.perf_counter() - started


def race(works, device, rounds):
    """Median seconds of each, taken in turns after two rounds to warm up."""
    times = [[] for _ in works]
    for round_number in range(rounds + 2):
        for work, list_of_times in zip(works, times):
            seconds = seconds_of(work, device)
            if round_number >= 2:
                list_of_times.append(seconds)
    return [statistics.median(list_of_times) for list_of_times in times]


def eager_chain(network, parameters, x, s, steps, labels=None):
    """The loop as it is usually written: autograd at every step."""
    for _ in range(steps):
        if s.rule == "published":
            x = (x + s.noise * torch.randn_like(x)).clamp_(s.box_low, s.box_high)
        x = x.detach().requires_grad_()
        gradient = torch.autograd.grad(network.energy(x, parameters, labels).sum(), x)[0]
        with torch.no_grad():
            if s.gradient_clip > 0:
                gradient = gradient.clamp_(-s.gradient_clip, s.gradient_clip)
            x = x - s.drift * gradient
            if s.rule == "langevin":
                x = x + s.noise * torch.randn_like(x)
            x = x.clamp_(s.box_low, s.box_high)
    return x.detach()


def eager_iteration(network, parameters, optimizer, data, buffer, s, steps, batch):
    """Contrastive divergence with a replay buffer; everything on the card."""
    positives = data[torch.randint(len(data), (batch,), device=data.device)]
    slots = torch.randint(len(buffer), (batch,), device=data.device)
    for parameter in parameters:
        parameter.requires_grad_(False)
    negatives = eager_chain(network, parameters, buffer[slots], s, steps)
    buffer[slots] = negatives
    for parameter in parameters:
        parameter.requires_grad_(True)
    energy = network.energy(torch.cat([positives, negatives]), parameters)
    up, down = energy[:batch], energy[batch:]
    loss = up.mean() - down.mean() + 0.1 * (up.square().mean() + down.square().mean())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def our_iteration(kernel, flat, optimizer, data, buffer, s, steps, batch, generator):
    """The same with the kernels. Data, buffer, weights and Adam are the host's, as in the program."""
    positives, slots = data[generator.integers(len(data), size=batch)], generator.integers(len(buffer), size=batch)
    negatives = kernel.run(buffer[slots], s, Place(int(generator.integers(1 << 60))), steps).x
    buffer[slots] = negatives
    coefficients = np.repeat(np.array([1 / batch, -1 / batch], np.float32), batch)
    _, gradients = kernel.parameter_gradient(np.concatenate([positives, negatives]), coefficients, 0.2 / batch)
    flat.grad = torch.from_numpy(np.concatenate([gradient.ravel() for gradient in gradients]))
    optimizer.step()
    start = 0
    for parameter in kernel.parameters:
        parameter[...] = flat.detach().numpy()[start:start + parameter.size].reshape(parameter.shape)
        start += parameter.size
    kernel.pack()


class Table:
    def __init__(self, rehearse):
        self.rehearse = rehearse
        self.rows = [("", "PyTorch eager", "EBM Lab", "ratio", "goal")]

    def add(self, what, eager, ours, goal):
        unit = lambda seconds: f"{1e6 * seconds:.1f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"
        ratio = eager / ours
        verdict = "" if goal is None or self.rehearse else f"≥ {goal}× {'met' if ratio >= goal else 'MISSED'}"
        self.rows.append((what, unit(eager), unit(ours), f"{ratio:.1f}×", verdict))

    def show(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(5)]
        for row in self.rows:
            print("  ".join(cell.ljust(w) if i in (0, 4) else cell.rjust(w)
                            for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def chains(device, table, network, settings, n, steps, what, goal, rounds, seed):
    kernel = device.kernel(network, seed)
    place = device.torch_device
    start = np.random.default_rng(seed).uniform(-1, 1, (n, *network.shape)).astype(np.float32)
    parameters, x = kernel.torch_parameters(place, torch.float32), torch.tensor(start, device=place)
    eager, ours = race([lambda: eager_chain(network, parameters, x, settings, steps),
                        lambda: kernel.run(start, settings, Place(1), steps)], place, rounds)
    table.add(f"{what}, one step of {n:,} chains (K = {steps})", eager / steps, ours / steps, goal)
    return kernel


def residual(devices, table, network, n, steps, what, goal, rounds, seed):
    """Against eager PyTorch with channels last and TF32, which is how residual networks are run fast there. The goal is for
    the fastest of ours."""
    place = devices[0].torch_device
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    kernels = [device.kernel(network, seed) for device in devices]
    start = np.random.default_rng(seed).uniform(-1, 1, (n, *network.shape)).astype(np.float32)
    labels = np.arange(n, dtype=np.int64) % network.classes
    parameters = [p.to(memory_format=torch.channels_last) if p.dim() == 4 else p
                  for p in kernels[0].torch_parameters(place, torch.float32)]
    x = torch.tensor(start, device=place).to(memory_format=torch.channels_last)
    y = torch.tensor(labels, device=place)

    def tf32(allowed, work):
        # The kernels set it too, for the whole process.
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed
        return work()

    times = race([lambda: tf32(True, lambda: eager_chain(network, parameters, x, IMAGES, steps, y)),
                  *(lambda kernel=kernel: kernel.run(start, IMAGES, Place(1), steps, labels) for kernel in kernels)],
                 place, rounds)
    for device, seconds in zip(devices, times[1:]):
        table.add(f"{what}, {device.precision}, one step of {n:,} chains (K = {steps})", times[0] / steps, seconds / steps,
                  goal if device.precision == "bf16" else None)


def training(device, table, network, settings, batch, steps, what, goal, rounds, seed):
    kernel, place = device.kernel(network, seed), device.torch_device
    generator = np.random.default_rng(seed)
    data = generator.uniform(-1, 1, (10000, *network.shape)).astype(np.float32)
    buffer = data.copy()
    parameters = kernel.torch_parameters(place, torch.float32)
    eager_data, eager_buffer = torch.tensor(data, device=place), torch.tensor(buffer, device=place)
    eager_adam = torch.optim.Adam(parameters, **ADAM)
    flat = torch.nn.Parameter(torch.from_numpy(np.concatenate([p.ravel() for p in kernel.parameters])))
    our_adam = torch.optim.Adam([flat], fused=True, **ADAM)
    eager, ours = race(
        [lambda: eager_iteration(network, parameters, eager_adam, eager_data, eager_buffer, settings, steps, batch),
         lambda: our_iteration(kernel, flat, our_adam, data, buffer, settings, steps, batch, generator)], place, rounds)
    table.add(f"{what}, training iteration (batch {batch}, K = {steps})", eager, ours, goal)


def run(device, tensor_cores, rehearse):
    """Prints the table. A rehearsal takes few steps. tensor_cores: the device in TF32 and in bfloat16, or nothing."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    table, rounds, steps = Table(rehearse), 1 if rehearse else 9, 3 if rehearse else 60
    for n in (64, 256) if rehearse else (64, 256, 1024, 4096, 16384):
        kernel = chains(device, table, Mlp(confinement=4.0), PLANE, n, steps, "Plane",
                        20 if n == 1024 else None, rounds, 1)
    print(f"Plane kernels ready after {kernel.seconds_to_create:.2f} s (compiled once); fp32, no TF32")
    chains(device, table, ConvNet(), IMAGES, 4 if rehearse else 128, steps, "Images", 4, rounds, 2)
    training(device, table, Mlp(confinement=4.0), PLANE, 256, min(steps, 20), "Plane", 3, rounds, 3)
    training(device, table, ConvNet(), IMAGES, 4 if rehearse else 128, steps, "Images", 3, rounds, 4)
    for precision in tensor_cores[:1]:
        for n in (64,) if rehearse else (1024, 16384):
            chains(precision, table, Mlp(confinement=4.0), PLANE, n, steps, "TF32: plane", None, rounds, 1)
        chains(precision, table, ConvNet(), IMAGES, 4 if rehearse else 128, steps, "TF32: images", None, rounds, 2)
    if device.residual:
        residual([device, *tensor_cores], table, Residual() if not rehearse else Residual(filters=4), 4 if rehearse else 128,
                 min(steps, 20), "Residual 3×32×32", 1.5, min(rounds, 3), 5)
        residual([device, *tensor_cores], table, Residual(1, 28, 28, 10, 16, (1, 2, 4), (1, 1, 1), "silu"),
                 4 if rehearse else 128, min(steps, 60), "Residual 1×28×28", None, min(rounds, 5), 6)
    table.show()
