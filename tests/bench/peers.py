"""One table: a Langevin step and a training iteration of other programs and of this one, on the same energies, sizes
and threads, in turns within one run.

    peers.py PROGRAM [--threads N] [--rounds N] [--only TEXT]

PROGRAM is build/release/tests/bench_peers. `./dev bench --peers` builds it, installs the peers and calls this.
"""

import argparse
import itertools
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time

DENSITIES = {"flow": "Glow", "pixelcnn": "PixelCNN++", "vae": "VAE"}
PEERS = ["PyTorch eager", "eager NHWC", "torch.compile", "JAX jit+scan", "torchebm"]
SHORTEST_RUN = 0.2  # seconds: below, a core that has just woken up decides


class Ours:
    """bench_peers as a child process that computes only while it is asked."""

    def __init__(self, program, folder, threads):
        self.process = subprocess.Popen([program, folder, str(threads)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.kernel = self.answer().removeprefix("ready ")

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench_peers ended before it answered.")
        return line.strip()

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answer()

    def timer(self, command, pieces):
        """A function that returns the mean seconds of a piece over a number of calls."""
        return lambda calls: float(self.ask(f"{command} {calls}")) / pieces


def timer(work, pieces):
    def measure(calls):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return (time.perf_counter() - start) / calls / pieces

    return measure


class Line:
    def __init__(self, name, title, side, operations, goal, against=None, chains=0, steps=1):
        self.name, self.title, self.side, self.operations = name, title, side, operations
        self.goal, self.against, self.chains, self.steps = goal, against, chains, steps
        self.training = chains == 0  # operations: None where they are not counted


def lines(ours):
    operations = dict(pair.split("=") for pair in ours.ask("operations").split())
    plane_step, plane_training = map(float, operations["plane"].split(","))
    image_step, image_training = map(float, operations["images"].split(","))
    table = [Line(f"plane_{n}", f"MLP, one step of {n:,} chains", "plane", n * plane_step, 2, None, n, 20)
             for n in (64, 256, 1024, 4096, 16384)]
    table.append(Line("images_128", "ConvNet, one step of 128 images", "images", 128 * image_step, 4, "eager NHWC",
                      128, 10))
    for height, channels in itertools.product((28, 32), (16, 32, 64, 128)):
        side = f"residual_{height}_{channels}"
        shape = f"{1 if height == 28 else 3}x{height}x{height}"
        table.append(Line(side, f"residual, {shape}, {channels} channels, one step of 32 images", side,
                          32 * float(operations[side].split(",")[0]), 2 if channels <= 64 else 1, "eager NHWC", 32, 4))
    table.append(Line("plane_training", "MLP, training iteration", "plane", plane_training, 4))
    table.append(Line("images_training", "ConvNet, training iteration", "images", image_training, 3.5))
    for side, title in DENSITIES.items():
        table.append(Line(side + "_training", f"{title}, training iteration", side, None, 1))
    return table


def reason(error):
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"[:70]


def make_peers(side, weights):
    """By name, the peer or the reason why there is none."""
    import peers_models as models

    makers = {"PyTorch eager": lambda: models.Eager(side, weights),
              "eager NHWC": lambda: models.Eager(side, weights, nhwc=True),
              "torch.compile": lambda: models.Compiled(side, weights),
              "JAX jit+scan": lambda: models.Jax(side, weights),
              "torchebm": lambda: models.TorchEbm(side, weights)}
    if side.startswith("residual"):
        makers = {name: makers[name] for name in ("PyTorch eager", "eager NHWC")}
    elif side != "images":
        del makers["eager NHWC"]
    peers = {}
    for name in [name for name in PEERS if name in makers]:
        print(f"Preparing {name} ({side})", file=sys.stderr)
        try:
            peers[name] = makers[name]()
        except Exception as error:
            peers[name] = reason(error)
    return peers


def compare_losses(ours, side, weights, folder):
    """Ends the program if the model of peers_densities.py is another one than ours. Glow and the VAE draw noise, each
    its own, so that the losses of these 512 pictures differ by a thousandth or so."""
    import numpy
    from peers_densities import Training, pictures

    x = pictures(512)
    numpy.save(os.path.join(folder, "x.npy"), x)
    expected, got = float(ours.ask("loss " + side)), Training(side, weights).mean_loss(x)
    difference, allowed = abs(got / expected - 1), 1e-5 if side == "pixelcnn" else 2e-3
    if not difference <= allowed:
        sys.exit(f"PyTorch's loss of {DENSITIES[side]} is {got:.6g}, EBM Lab's {expected:.6g}: allowed are differences of "
                 f"{allowed:.0e}. Nothing was timed.")
    print(f"{side}: the losses agree within {difference:.1e}", file=sys.stderr)


def compare(ours, side, peers, folder):
    """Ends the program if a peer computes something else than we do."""
    import numpy
    from peers_models import starts

    x = starts(side, 128)
    numpy.save(os.path.join(folder, "x.npy"), x)
    ours.ask("evaluate " + side)
    truth = {what: numpy.load(os.path.join(folder, what + ".npy")) for what in ("energies", "gradients")}
    for name, peer in peers.items():
        if isinstance(peer, str):
            continue
        try:
            answers = peer.energies(x)
        except Exception as error:
            peers[name] = reason(error)
            continue
        for (what, expected), got in zip(truth.items(), answers):
            difference = numpy.abs(got.reshape(expected.shape) - expected).max() / numpy.abs(expected).max()
            if not difference <= 1e-4:
                sys.exit(f"{name} computes other {what} than EBM Lab on the {side} network: relative difference "
                         f"{difference:.1e}, allowed 1e-4. Nothing was timed.")
            print(f"{side}, {name}: {what} agree within {difference:.1e}", file=sys.stderr)


def contenders(line, peers, weights, ours):
    """Timers by name, ours last, and reasons by name."""
    timers, reasons = {}, {}
    if line.side in DENSITIES:
        from peers_densities import Training

        return {"PyTorch eager": timer(Training(line.side, weights).iterate, 1),
                "ours": ours.timer("train " + line.side, 1)}, reasons
    if line.training:
        import peers_models as models

        timers["PyTorch eager"] = timer(models.TrainingLoop(line.side, weights).iterate, 1)
        if line.side == "images":
            timers["eager NHWC"] = timer(models.TrainingLoop(line.side, weights, nhwc=True).iterate, 1)
        timers["ours"] = ours.timer("train " + line.side, 1)
        return timers, reasons
    for name, peer in peers.items():
        if isinstance(peer, str):
            reasons[name] = peer
            continue
        try:
            peer.place(line.chains)
            peer.run(line.steps)
            timers[name] = timer(lambda peer=peer: peer.run(line.steps), line.steps)
        except Exception as error:
            reasons[name] = reason(error)
    timers["ours"] = ours.timer(f"step {line.side} {line.chains} {line.steps}", line.steps)
    return timers, reasons


def measure(line, peers, weights, ours, rounds):
    """Medians in seconds by name, "product" among them, and reasons by name."""
    print(line.title, file=sys.stderr)
    timers, reasons = contenders(line, peers, weights, ours)
    timers["product"] = ours.timer("product", 1)
    calls = {}
    for name, run in timers.items():
        run(1)
        calls[name] = max(1, int(SHORTEST_RUN / (run(1) * (line.steps if name != "product" else 1))))
    seconds = {name: [] for name in timers}
    for _ in range(rounds):
        for name, run in timers.items():
            time.sleep(0.03)  # until the threads of what ran before have gone to sleep
            run(calls[name])  # and those of this one are awake, with their data in the caches
            seconds[name].append(run(calls[name]))
    return {name: statistics.median(values) for name, values in seconds.items()}, reasons


def row(line, medians, reasons):
    def cell(name):
        return f"{1e3 * medians[name]:.3g}" if name in medians else reasons.get(name, "")

    peers = {name: medians[name] for name in PEERS if name in medians}
    ratio = "no peer ran"
    if peers:
        rival = line.against if line.against in peers else min(peers, key=peers.get)
        ratio = f"{peers[rival] / medians['ours']:.2f} x {rival}"
    share = ""
    if line.operations:
        share = f"{100 * line.operations / medians['ours'] / (2 * 1024**3 / medians['product']):.0f} %"
    return [line.title, *map(cell, PEERS), cell("ours"), ratio, f">= {line.goal}", share]


def print_table(rows):
    header = ["ms", *PEERS, "EBM Lab", "faster by", "goal", "of the product"]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for cells in [header, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --peers")
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--rounds", type=int, default=7, help="of which the median counts")
    parser.add_argument("--only", default="", help="lines whose name contains this")
    options = parser.parse_args()

    # Before any of them is imported. JAX takes as many threads as there are cores to run on.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[: options.threads])
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["JAX_PLATFORMS"] = "cpu"
    import torch
    from safetensors.numpy import load_file

    torch.set_num_threads(options.threads)
    torch._logging.set_logs(all=logging.ERROR)
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(options.program, folder, options.threads)
        chosen = [line for line in lines(ours) if options.only in line.name]
        if not chosen:
            sys.exit(f"No line's name contains '{options.only}'.")
        rows, product = [], []
        weights, peers = {}, {}
        for side in dict.fromkeys(line.side for line in chosen):
            weights[side] = load_file(os.path.join(folder, side + ".safetensors"))
            if side in DENSITIES:
                peers[side] = {}
                compare_losses(ours, side, weights[side], folder)
                continue
            peers[side] = make_peers(side, weights[side])
            compare(ours, side, peers[side], folder)
        for line in chosen:
            medians, reasons = measure(line, peers[line.side], weights[line.side], ours, options.rounds)
            rows.append(row(line, medians, reasons))
            product.append(2 * 1024**3 / medians["product"] / 1e9)
    if load_before > 0.5:
        print("Other programs were running: times are upper bounds, and programs suffer differently. Measure again when "
              "the machine is quiet.", file=sys.stderr)
    print(f"Threads: {options.threads}. EBM Lab: {ours.kernel}. Medians of {options.rounds} rounds, milliseconds. "
          f"Matrix product 1024^3 in fp32: {statistics.median(product):.0f} GFLOP/s. "
          f"Load of the machine: {load_before:.1f} before, {os.getloadavg()[0]:.1f} after.\n")
    print_table(rows)


if __name__ == "__main__":
    main()
