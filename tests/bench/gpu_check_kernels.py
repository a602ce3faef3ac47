"""The kernels of gpu_check.cpp on numpy arrays, and the same networks in PyTorch."""
import ctypes
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

PRECISIONS = ["fp32", "tf32", "bf16"]
ACTIVATIONS = ["silu", "softplus", "tanh", "relu", "leaky_relu", "gelu"]
RULES = ["published", "langevin", "mala"]
REPORT = ["chain_steps", "elements", "gradient_norm", "gradient_norm_max", "distance", "clipped", "clamped", "proposals",
          "accepted", "jumps", "jumps_accepted", "non_finite_step"]


def activate(name, z):
    if name == "leaky_relu":
        return F.leaky_relu(z, 0.2)
    return torch.tanh(z) if name == "tanh" else getattr(F, name)(z)


@dataclass
class Mlp:
    inputs: int = 2
    hidden: tuple = (128, 128, 128)
    activation: str = "silu"
    input_scale: float = 1.0
    output_scale: float = 1.0
    confinement: float = 0.0

    @property
    def shape(self):
        return (self.inputs,)

    def parameter_shapes(self):
        sizes = [self.inputs, *self.hidden, 1]
        return [shape for a, b in zip(sizes, sizes[1:]) for shape in ((b, a), (b,))]

    classes = 0

    def energy(self, x, parameters, labels=None):
        h = x * self.input_scale
        for i in range(0, len(parameters), 2):
            h = F.linear(h, parameters[i], parameters[i + 1])
            if i + 2 < len(parameters):
                h = activate(self.activation, h)
        energy = h.squeeze(1) * self.output_scale
        if self.confinement > 0:
            energy = energy + x.square().sum(1) * (0.5 / self.confinement**2)
        return energy

    def create(self, library, device):
        hidden = (ctypes.c_int * len(self.hidden))(*self.hidden)
        return library.check_mlp(device, self.inputs, hidden, len(self.hidden), ACTIVATIONS.index(self.activation),
                                 self.input_scale, self.output_scale, self.confinement)


@dataclass
class ConvNet:
    """5×5 with stride 2 and padding 4, then 3×3 with stride 2 and padding 1, then linear → hidden → 1."""
    channels: int = 1
    height: int = 28
    width: int = 28
    filters: tuple = (16, 32, 64, 64)
    hidden: int = 64
    activation: str = "silu"

    @property
    def shape(self):
        return (self.channels, self.height, self.width)

    def parameter_shapes(self):
        shapes, channels, height, width = [], self.channels, self.height, self.width
        for i, filters in enumerate(self.filters):
            kernel, padding = (5, 4) if i == 0 else (3, 1)
            shapes += [(filters, channels, kernel, kernel), (filters,)]
            channels = filters
            height, width = ((size + 2 * padding - kernel) // 2 + 1 for size in (height, width))
        return shapes + [(self.hidden, channels * height * width), (self.hidden,), (1, self.hidden), (1,)]

    classes = 0

    def energy(self, x, parameters, labels=None):
        h = x
        for i in range(len(self.filters)):
            h = F.conv2d(h, parameters[2 * i], parameters[2 * i + 1], stride=2, padding=4 if i == 0 else 1)
            h = activate(self.activation, h)
        h = activate(self.activation, F.linear(h.flatten(1), parameters[-4], parameters[-3]))
        return F.linear(h, parameters[-2], parameters[-1]).squeeze(1)

    def create(self, library, device):
        filters = (ctypes.c_int * len(self.filters))(*self.filters)
        return library.check_conv(device, *self.shape, filters, len(self.filters), self.hidden,
                                  ACTIVATIONS.index(self.activation))


@dataclass
class Residual:
    """core/network/residual.cpp"""
    channels: int = 3
    height: int = 32
    width: int = 32
    classes: int = 10
    filters: int = 128
    widths: tuple = (1, 2, 2)
    blocks: tuple = (2, 2, 2)
    activation: str = "leaky_relu"

    @property
    def shape(self):
        return (self.channels, self.height, self.width)

    def plan(self):
        """(inputs, outputs, whether the picture is halved) of each block"""
        rows, inputs = [], self.filters
        for width, count in zip(self.widths, self.blocks):
            for i in range(count):
                rows.append((inputs, self.filters * width, i == 0))
                inputs = self.filters * width
        return rows

    def parameter_shapes(self):
        tables, shapes = max(1, self.classes), [(self.filters, self.channels, 3, 3)]
        for inputs, outputs, _ in self.plan():
            shapes += [(tables, inputs), (outputs, inputs, 3, 3), (tables, outputs), (outputs, outputs, 3, 3),
                       (tables, outputs)]
            shapes += [(outputs,)] if self.classes else []
            shapes += [(outputs, inputs, 3, 3)] if inputs != outputs else []
        return shapes + [(1, outputs), (1,)]

    def energy(self, x, parameters, labels=None):
        weights = iter(parameters)
        rows = (lambda table: table[labels][:, :, None, None]) if self.classes else (lambda table: table[:, :, None, None])
        act = lambda h: activate(self.activation, h)
        convolve = lambda h: F.conv2d(h, next(weights), padding=1)
        h = act(convolve(x))
        for inputs, outputs, halve in self.plan():
            inner = act(convolve(h + rows(next(weights))))
            inner = convolve(inner + rows(next(weights)))
            gain = rows(next(weights))
            if self.classes:
                gain = gain + next(weights)[None, :, None, None]
            h = inner * gain + (convolve(h) if inputs != outputs else h)
            h = act(F.avg_pool2d(h, 2) if halve else h)
        h = (F.relu(h) if self.activation == "leaky_relu" else act(h)).sum((2, 3))
        return F.linear(h, next(weights), next(weights)).squeeze(1)

    def create(self, library, device):
        stages = len(self.widths)
        numbers = lambda values: (ctypes.c_int * stages)(*values)
        return library.check_residual(device, *self.shape, self.classes, self.filters, numbers(self.widths),
                                      numbers(self.blocks), stages, ACTIVATIONS.index(self.activation))


@dataclass
class Steps:
    """kernels::StepSettings"""
    rule: str = "published"
    drift: float = 10.0
    noise: float = 0.005
    spread: float = 1.0
    gradient_clip: float = 0.0
    drift_limit: float = 0.0
    box: bool = True
    box_low: float = -1.0
    box_high: float = 1.0
    jump_share: float = 0.0

    def numbers(self):
        return np.array([self.drift, self.noise, self.spread, self.gradient_clip, self.drift_limit, self.box_low,
                         self.box_high, self.jump_share], np.float32)


@dataclass
class Place:
    seed: int = 0
    group: int = 0
    chain: int = 0
    step: int = 0


@dataclass
class Moved:
    x: np.ndarray
    energies: np.ndarray
    norms: np.ndarray
    accepted: np.ndarray
    report: dict = field(default_factory=dict)


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


class Device:
    def __init__(self, path, torch_device, precision, residual):
        self.precision, self.residual = precision, residual  # whether it has residual networks
        self.library = ctypes.CDLL(str(path))
        self.torch_device = torch_device
        for name, result in {"problem": ctypes.c_char_p, "open": ctypes.c_void_p, "device_name": ctypes.c_char_p,
                             "mlp": ctypes.c_void_p, "conv": ctypes.c_void_p, "residual": ctypes.c_void_p}.items():
            getattr(self.library, "check_" + name).restype = result
        for name in ("pack", "evaluate", "run", "parameter_gradient"):
            getattr(self.library, "check_" + name).restype = ctypes.c_bool
        integer, real, address = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
        self.library.check_open.argtypes = [integer]
        self.library.check_device_name.argtypes = [address]
        self.library.check_delete.argtypes = [address]
        self.library.check_mlp.argtypes = [address, integer, address, integer, integer, real, real, real]
        self.library.check_conv.argtypes = [address, integer, integer, integer, address, integer, integer, integer]
        self.library.check_residual.argtypes = [address, integer, integer, integer, integer, integer, address, address,
                                                integer, integer]
        self.library.check_pack.argtypes = [address, address, integer]
        self.library.check_evaluate.argtypes = [address, address, ctypes.c_int64, address, address, address]
        self.library.check_run.argtypes = [address, address, ctypes.c_int64, integer, address, ctypes.c_bool,
                                           ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, integer,
                                           address, address, address, address, address]
        self.library.check_parameter_gradient.argtypes = [address, address, ctypes.c_int64, address, real, address,
                                                          address, integer, address]
        self.handle = self.checked(self.library.check_open(PRECISIONS.index(precision)))
        self.name = self.library.check_device_name(self.handle).decode()

    def checked(self, result):
        if not result:
            raise RuntimeError(self.library.check_problem().decode())
        return result

    def kernel(self, network, seed):
        """The network with random weights drawn from seed."""
        generator = np.random.default_rng(seed)
        parameters = []
        for shape in network.parameter_shapes():
            table = len(shape) < 2 or isinstance(network, Residual) and len(shape) == 2
            scale = 0.3 if table else 1.2 / np.sqrt(np.prod(shape[1:]))
            parameters.append((generator.standard_normal(shape) * scale).astype(np.float32))
        return Kernel(self, network, parameters)


class Kernel:
    def __init__(self, device, network, parameters):
        self.device, self.network = device, network
        self.parameters = [np.ascontiguousarray(parameter) for parameter in parameters]
        started = __import__("time").perf_counter()
        self.handle = device.checked(network.create(device.library, device.handle))
        self.seconds_to_create = __import__("time").perf_counter() - started
        self.pack()

    def __del__(self):
        if getattr(self, "handle", None):
            self.device.library.check_delete(self.handle)

    def pack(self):
        addresses = (ctypes.c_void_p * len(self.parameters))(*[p.ctypes.data for p in self.parameters])
        self.device.checked(self.device.library.check_pack(self.handle, addresses, len(self.parameters)))

    def evaluate(self, x, gradient=True, labels=None):
        energies, gradients = np.empty(len(x), np.float32), np.empty_like(x)
        self.device.checked(self.device.library.check_evaluate(self.handle, pointer(x), len(x), pointer(energies),
                                                               pointer(gradients) if gradient else None,
                                                               pointer(labels) if labels is not None else None))
        return (energies, gradients) if gradient else energies

    def run(self, x, settings, place, steps, labels=None):
        moved = Moved(x.copy(), np.empty(len(x), np.float32), np.empty(len(x), np.float32), np.empty(len(x), np.uint8))
        report, numbers = np.empty(len(REPORT)), settings.numbers()
        self.device.checked(self.device.library.check_run(
            self.handle, pointer(moved.x), len(x), RULES.index(settings.rule), pointer(numbers), settings.box, place.seed,
            place.group, place.chain, place.step, steps, pointer(moved.energies), pointer(moved.norms),
            pointer(moved.accepted), pointer(report), pointer(labels) if labels is not None else None))
        moved.report = dict(zip(REPORT, report))
        return moved

    def parameter_gradient(self, x, coefficients, factor, labels=None):
        energies, gradients = np.empty(len(x), np.float32), [np.empty_like(p) for p in self.parameters]
        addresses = (ctypes.c_void_p * len(gradients))(*[g.ctypes.data for g in gradients])
        self.device.checked(self.device.library.check_parameter_gradient(
            self.handle, pointer(x), len(x), pointer(coefficients), factor, pointer(energies), addresses, len(gradients),
            pointer(labels) if labels is not None else None))
        return energies, gradients

    def torch_parameters(self, device, dtype):
        return [torch.tensor(parameter, device=device, dtype=dtype) for parameter in self.parameters]
