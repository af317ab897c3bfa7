"""Who takes part, and what they train; this file imports no library, so that imports can be timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Workload:
    """A network and its batch.

    Attributes:
        key: how files and options call it.
        sizes: units of input, hidden and output layer.
        batch: samples per step.
    """

    key: str
    sizes: tuple[int, int, int]
    batch: int

    @property
    def name(self) -> str:
        """How the tables call it."""
        return f"MLP {'-'.join(map(str, self.sizes))}, batch {self.batch}"


WORKLOADS = {
    "mlp": Workload("mlp", (784, 512, 10), 128),
    "small": Workload("small", (64, 32, 10), 32),
}


@dataclass(frozen=True, eq=False)
class Peer:
    """A library, in one of its ways to train.

    Attributes:
        key: how options and results call it.
        title: how the tables call it.
        system: the file in `systems/` that trains with it.
        packages: the distributions that a user of it installs; what they need in turn is found.
        variant: which way, where a file knows several.
        environment: variables of its process.
        fits: whether it trains through one call such as `fit`.
        is_floor: whether it does matrix products only.
        uses_numpy: whether NumPy's OpenBLAS computes for it.
        without: variables that its process does not inherit.
    """

    key: str
    title: str
    system: str
    packages: tuple[str, ...]
    variant: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    fits: bool = False
    is_floor: bool = False
    uses_numpy: bool = False
    without: tuple[str, ...] = ()


def _keras(backend: str, title: str, package: str) -> Peer:
    environment = {"KERAS_BACKEND": backend}
    return Peer(
        f"keras-{backend}",
        f"Keras 3 `fit` on {title}",
        "with_keras",
        ("keras", package),
        variant=backend,
        environment=environment,
        fits=True,
    )


PEERS = (
    Peer(
        "gradtape-jax",
        "gradtape on JAX",
        "with_gradtape",
        ("gradtape", "jax"),
        environment={"GRADTAPE_ENGINE": "jax"},
        fits=True,
    ),
    Peer(
        "gradtape-numpy",
        "gradtape on NumPy",
        "with_gradtape",
        ("gradtape",),
        environment={"GRADTAPE_ENGINE": "numpy"},
        fits=True,
        uses_numpy=True,
    ),
    Peer("article", "the article's loop, TensorFlow", "article", ("tensorflow-cpu",), "eager"),
    Peer("article-function", "the same with `tf.function`", "article", ("tensorflow-cpu",), "function"),
    _keras("tensorflow", "TensorFlow", "tensorflow-cpu"),
    _keras("jax", "JAX", "jax"),
    _keras("torch", "PyTorch", "torch"),
    Peer("torch", "PyTorch, eager", "with_torch", ("torch",), "eager"),
    Peer("torch-compile", "PyTorch, `torch.compile`", "with_torch", ("torch",), "compile"),
    Peer("jax", "plain JAX, `jit` step", "with_jax", ("jax",), "step"),
    Peer("jax-scan", "plain JAX, `lax.scan`", "with_jax", ("jax",), "scan"),
    Peer(
        "scikit-learn",
        "scikit-learn `MLPClassifier` (Adam)",
        "with_sklearn",
        ("scikit-learn",),
        fits=True,
        uses_numpy=True,
    ),
    Peer("numpy", "NumPy by hand", "by_hand", ("numpy",), uses_numpy=True),
    Peer("tinygrad", "tinygrad, `TinyJit`", "with_tinygrad", ("tinygrad",), environment={"DEV": "CPU"}),
    Peer(
        "floor-numpy",
        "products only, NumPy",
        "products",
        ("numpy",),
        "numpy",
        is_floor=True,
        uses_numpy=True,
    ),
    Peer("floor-jax", "products only, JAX", "products", ("jax",), "jax", is_floor=True),
    Peer("floor-torch", "products only, PyTorch", "products", ("torch",), "torch", is_floor=True),
)
BY_KEY = {peer.key: peer for peer in PEERS}

KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
FREE = "@free"


def with_free_kernels(peer: Peer) -> Peer:
    """Return a second entry of a peer on NumPy: OpenBLAS chooses its kernels by the processor."""
    title = f"{peer.title} ({KERNELS[0]} unset)"
    return replace(peer, key=peer.key + FREE, title=title, without=KERNELS)


def find(key: str) -> Peer:
    """Return the peer of this key, with free kernels if the key says so."""
    peer = BY_KEY[key.removesuffix(FREE)]
    return with_free_kernels(peer) if key.endswith(FREE) else peer


def entries(only: tuple[str, ...] = (), kernels_are_held: bool = False) -> list[Peer]:
    """Return the peers of these keys (none: all), those on NumPy twice where their kernels are held.

    >>> [peer.key for peer in entries(("numpy",), kernels_are_held=True)]
    ['numpy', 'numpy@free']
    """
    chosen = [peer for peer in PEERS if not only or peer.key in only]
    free = [with_free_kernels(peer) for peer in chosen if peer.uses_numpy and kernels_are_held]
    return chosen + free
