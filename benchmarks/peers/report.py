"""The section of the page: machine, ratios, tables, and how to repeat them."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.peers.measure import Results, Settings
from benchmarks.peers.ratios import required
from benchmarks.peers.roster import KERNELS, PEERS, WORKLOADS, Peer
from benchmarks.peers.sizes import installed_bytes
from benchmarks.peers.tables import ratios_table, steps_table, whole_table

COMMAND = "python -m benchmarks.peers --write docs/performance.md"
GPU_PEERS = "gradtape-jax,keras-jax,torch,jax-scan"


def report(results: Results, peers: Sequence[Peer], settings: Settings, minutes: float) -> str:
    """Return the section as Markdown; `minutes` is how long the measuring took."""
    titles = {peer.key: peer.title for peer in peers}
    sizes = {peer.key: installed_bytes(peer.packages) for peer in peers}
    rounds = {key: max(map(len, found.values()), default=0) for key, found in results.steps.items()}
    starts = max(map(len, results.whole.values()), default=0)
    where = " on a GPU" if settings.on_gpu else ""
    parts = [f"## The same network in other libraries{where}", machine(settings), how(settings, minutes)]
    if not settings.on_gpu:
        parts += ["### What gradtape must reach", ratios_table(required(results), titles)]
    for key, found in results.steps.items():
        parts += [
            f"### {WORKLOADS[key].name}: one step",
            "One epoch each." if rounds[key] == 1 else f"Medians of {rounds[key]} epochs.",
        ]
        parts += [steps_table(found, peers, results.not_run)]
    parts += ["### From the start of a process", whole_text(starts, settings)]
    parts += [whole_table(results, peers, sizes, settings.epochs)]
    parts += [] if settings.on_gpu else [FLOOR]
    return "\n\n".join(parts)


def machine(settings: Settings) -> str:
    """Return what was measured on, and with what."""
    packages = sorted({package for peer in PEERS for package in (*peer.packages, "numpy")})
    versions = ", ".join(f"{p} {v}" for p in packages if (v := version(p)))
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    kernels = ", ".join(f"{name} {os.environ.get(name) or 'not set'}" for name in KERNELS)
    system = f"{processor()}, {os.cpu_count()} processors, {platform.system()}"
    python = f"Python {platform.python_version()}"
    count = len(settings.processors)
    gpu = f"{graphics_card()}; " if settings.on_gpu else ""
    return (
        f"{datetime.date.today().isoformat()}; {gpu}{system}; {python}, {versions}. "
        f"NumPy's products by {blas['name']} {blas['version']}; {kernels}. "
        f"Every process is pinned to the same {count} processors and told to use as many threads."
    )


def processor() -> str:
    """Return the processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def graphics_card() -> str:
    """Return name and driver of the first GPU, as NVIDIA's tool tells them."""
    command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    name, driver = told.splitlines()[0].split(", ")
    return f"{name}, driver {driver}"


def version(package: str) -> str:
    """Return the version that is installed, or ""."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def how(settings: Settings, minutes: float) -> str:
    """Return how it was measured and how to repeat it."""
    samples = "60,000" if settings.samples is None else f"{settings.samples:,}"
    command = COMMAND + f" --gpu --only {GPU_PEERS}" * settings.on_gpu
    return f"""To repeat ({minutes:.0f} minutes): `pip install -r benchmarks/requirements.txt`, then
`{command}`.

Each peer trains in a process of its own. All are started first and train one epoch untimed; then they take
turns, one epoch each, in another order each round. A step's time is the time of an epoch of {samples}
samples by the number of its steps. Batches are drawn anew each epoch (the article's loop takes slices in
order), gathered and fed as the library does it. All train relu, softmax and cross-entropy in float32 with
RMSprop (learning rate 1e-3, rho 0.9), scikit-learn with Adam; Keras and gradtape count accuracy on the way.
Each `fit` runs with its defaults; what it sets up before its first step does not count. Ratios are taken
round by round."""


def whole_text(starts: int, settings: Settings) -> str:
    """Return what the columns of the last table mean."""
    return f"""The large network in fresh processes, from the start of Python, reading the data included:
{starts} processes for the first epoch, of which one goes on to {settings.epochs} epochs and the test.
Caches of compiled programs are warm; every peer on JAX is given a persistent one. Peak memory is that of the
process at the end of its first epoch, the data included. Installed: the packages and what they need, in
site-packages."""


FLOOR = """### The floor

A layer needs three matrix products a step: forward, inputs by weights; backward, inputs by cotangents for the
gradient of the weights, and cotangents by weights for that of the inputs. The first layer does without the
last one: nobody asks for the gradient of the images. So a step of two layers needs five: X W1 and H W2
forward; H' G, G W2' and X' D backward, where G and D are the cotangents before softmax and before relu. For
784-512-10 at batch 128, X W1 and X' D are 102.8 million floating-point operations each and the other three
1.3 million each, 209.4 together. The floor is the time of these five and of nothing else: no bias, no relu,
no loss, no update, no batch to fetch. NumPy and PyTorch multiply the same arrays each time and write to the
same memory, so all lies in the cache; JAX does all steps in one program."""
