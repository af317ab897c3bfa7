"""How JAX is configured, and what it computes on."""

from __future__ import annotations

import os
from typing import Any

import jax

from gradtape.engine.numpy.devices import processors

Array = Any

name = "jax"


def configure() -> None:
    """Set what gradtape needs of JAX, and where its programs are kept between two processes."""
    config: Any = jax.config
    # Without it JAX makes float32 of float64 and int32 of int64, and says so in a warning only.
    config.update("jax_enable_x64", True)
    if config.jax_default_matmul_precision is None:
        # By default a GPU or TPU rounds the factors of a float32 product to TF32 or bfloat16.
        config.update("jax_default_matmul_precision", "highest")
    if config.jax_compilation_cache_dir is None:
        from platformdirs import user_cache_path

        config.update("jax_compilation_cache_dir", str(user_cache_path("gradtape") / "jax"))
        # JAX keeps only programs that took a second; a small model is many programs that each take less.
        config.update("jax_persistent_cache_min_compile_time_secs", 0.02)
        config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def info() -> dict[str, Any]:
    """Return what this engine computes with."""
    device = jax.devices()[0]
    return {
        "engine": name,
        "version": jax.__version__,
        "device": f"{device.platform}: {device.device_kind} x {jax.device_count()}",
        "threads": processors(),
        "blas": "XLA",
    }


def fits(size_bytes: int) -> bool:
    """Tell whether data of this size can stay on the device: in at most half of what is free there."""
    statistics = jax.devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        free = statistics["bytes_limit"] - statistics.get("bytes_in_use", 0)
    elif hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    else:
        free = 2**31
    # Half, because the weights, their gradients and the values of a step need room as well.
    return bool(size_bytes <= free // 2)
