#!/usr/bin/env python3
"""Builds the GPU part, compares it with PyTorch in double precision and races it against eager PyTorch on the same card.

Needs an NVIDIA GPU, g++ and a Python with torch (its CUDA wheels bring NVRTC and the headers); no CMake and no window
libraries. --rehearse puts the CPU's kernels and PyTorch on the CPU in the card's place, to try the check itself."""
import argparse
import ctypes
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def stop(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(1)


def cards():
    """Number of GPUs that the NVIDIA driver sees."""
    try:
        driver, count = ctypes.CDLL("libcuda.so.1"), ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
        return count.value
    except OSError:
        return 0


def cuda_folders():
    """Folders that may hold include/cuda.h, include/nvrtc.h and lib/libnvrtc.so.13."""
    deps = pathlib.Path(os.environ.get("EBMLAB_DEPS", ROOT / ".deps"))
    folders = [pathlib.Path(path) / "nvidia" / "cu13" for path in sys.path]
    folders += [deps / "nvrtc" / "nvidia" / "cu13", deps / "torch" / "nvidia" / "cu13"]
    folders += [pathlib.Path(path) for path in ("/usr/local/cuda", "/usr/local", "/usr")]
    return folders


def find(kind, name):
    for folder in cuda_folders():
        for place in {"include": ["include"], "lib": ["lib", "lib64"]}[kind]:
            if (folder / place / name).is_file():
                return folder / place
    return None


def embedded_sources(build):
    """A C++ file that carries the kernels' sources, as CMake makes it from core/embed.cmake."""
    folder = ROOT / "core" / "cuda"
    files = sorted([*folder.glob("*.cu"), *folder.glob("*.cuh"), folder / "shape.h", folder / "arguments.h"])
    rows = "".join('    {"%s", R"KERNEL(%s)KERNEL"},\n' % (file.name, file.read_text()) for file in files)
    target = build / "embedded_kernels.cpp"
    target.write_text('#include "core/base/embedded.h"\n#include <span>\nnamespace ebm {\n'
                      "std::span<const EmbeddedFile> cuda_sources() {\n"
                      "    static const EmbeddedFile files[] = {\n" + rows + "    };\n    return files;\n}\n}\n")
    return target


def torch_folder():
    import torch
    return pathlib.Path(torch.__file__).parent


def build_library(rehearse):
    """The kernels as plain C functions, and whether residual networks are among them, by ebmlab_libtorch.so."""
    build = ROOT / "build" / "gpu-check"
    build.mkdir(parents=True, exist_ok=True)
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    flags = ["-std=c++20", "-O2", "-fPIC", "-I", str(ROOT)]
    network = sorted((ROOT / "core" / "network").glob("*.cpp"))
    sources = [ROOT / "tests" / "bench" / "gpu_check.cpp", *network]
    part = []  # of ebmlab_libtorch.so, without the CPU's place
    if rehearse:
        sources += sorted((ROOT / "core" / "kernels").glob("*.cpp"))
        flags += ["-DEBM_REHEARSAL", "-ffp-contract=off"]
        if os.uname().machine == "x86_64":
            flags += ["-mssse3"]
    else:
        for header in ("cuda.h", "nvrtc.h"):
            folder = find("include", header)
            if not folder:
                stop(f"{header} was not found. Run ./dev setup, or install torch 2.11.0 with its CUDA wheels.")
            flags += ["-isystem", str(folder)]
        if library := find("lib", "libnvrtc.so.13"):
            os.environ.setdefault("EBMLAB_NVRTC", str(library / "libnvrtc.so.13"))
        flags += ['-DEBM_BUILD_ID="gpu-check"']
        sources += sorted(file for file in (ROOT / "core" / "cuda").glob("*.cpp") if file.name != "cache.cpp")
        sources += [ROOT / "tests" / "bench" / "gpu_check_cache.cpp", embedded_sources(build)]
        sources += [ROOT / "core" / "kernels" / name for name in ("plan.cpp", "step_report.cpp")]
        # The wheel of the CUDA runtime lacks these headers, and PyTorch does not ask for the wheel that has them.
        if crt := find("include", "crt/host_config.h"):
            flags += ["-isystem", str(crt)]
            part = sorted(file for file in (ROOT / "core" / "libtorch").glob("*.cpp") if file.name != "place.cpp")
        else:
            print("Residual networks are left out: crt/host_config.h was not found (pip install nvidia-cuda-crt).")
    library = build / ("rehearsal.so" if rehearse else "gpu_check.so")
    objects = [build / f"{'rehearsal' if rehearse else 'gpu'}-{source.parent.name}-{source.stem}.o" for source in sources]
    of_part = [build / f"libtorch-{source.stem}.o" for source in part]
    include = torch_folder() / "include"
    with_torch = ["-isystem", str(include), "-isystem", str(include / "torch" / "csrc" / "api" / "include")]
    pending = [(source, output, []) for source, output in zip(sources, objects)]
    pending += [(source, output, with_torch) for source, output in zip(part, of_part)]
    running = []
    while pending or running:
        while pending and len(running) < (1 if rehearse else os.cpu_count() or 1):
            source, output, more = pending.pop()
            running.append(subprocess.Popen([*compiler, *flags, *more, "-c", str(source), "-o", str(output)]))
        if running.pop(0).wait() != 0:
            stop(f"{compiler[-1]} could not compile the GPU part.")
    link = [*compiler, "-shared", *map(str, objects), "-o", str(library), "-ldl", "-lpthread"]
    if subprocess.run(link + (["-lhwy"] if rehearse else [])).returncode != 0:
        stop(f"{compiler[-1]} could not link the GPU part.")
    if part:
        libraries = torch_folder() / "lib"
        shared = [*objects[1:], *of_part]  # the driver, the compiler and the kernels' sources again
        names = ["torch_cuda", "c10_cuda", "torch_cpu", "c10"]
        link = [*compiler, "-shared", *map(str, shared), "-o", str(build / "ebmlab_libtorch.so"), f"-L{libraries}",
                *(f"-l{name}" for name in names), f"-Wl,-rpath,{libraries}", "-Wl,--unresolved-symbols=ignore-all", "-ldl"]
        if subprocess.run(link).returncode != 0:
            stop(f"{compiler[-1]} could not link the LibTorch part.")
    return library, rehearse or bool(part)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rehearse", action="store_true", help="the CPU in the card's place")
    options = parser.parse_args()
    if not options.rehearse and cards() == 0:
        stop("There is no NVIDIA GPU on this machine that its driver can use, so there is nothing to check.")
    try:
        import torch
    except ImportError:
        stop("Python has no torch: install torch 2.11.0 with CUDA for " + sys.executable + ".")
    if not options.rehearse and not torch.cuda.is_available():
        stop("PyTorch cannot use this machine's GPU: install torch 2.11.0 with CUDA.")
    started = time.perf_counter()
    library, residual = build_library(options.rehearse)
    import gpu_check_parity
    import gpu_check_speed
    from gpu_check_kernels import Device
    place = "cpu" if options.rehearse else "cuda"
    device = Device(library, place, "fp32", residual)
    print(f"{device.name}; PyTorch {torch.__version__}; built in {time.perf_counter() - started:.0f} s")
    failed = gpu_check_parity.run(device)
    tensor_cores = []
    if options.rehearse or torch.cuda.get_device_capability() >= (8, 0):
        tensor_cores = [Device(library, place, precision, residual) for precision in ("tf32", "bf16")]
        failed += gpu_check_parity.rounded(device, tensor_cores)
    gpu_check_speed.run(device, tensor_cores, options.rehearse)
    print(f"{time.perf_counter() - started:.0f} s in all")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
