"""What was measured as Markdown tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.peers.measure import Results
from benchmarks.peers.ratios import Measured, Ratio, quartiles
from benchmarks.peers.roster import FREE, Peer

MEBIBYTE = 2**20


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [head, *rows]
    text = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(head), *text[1:]])


def digits(value: float) -> str:
    """Return a number with three digits that count.

    >>> digits(0.01234), digits(1.234), digits(123.4)
    ('0.0123', '1.23', '123')
    """
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{places}f}"


def steps_table(measured: Measured, peers: Sequence[Peer], not_run: dict[str, str]) -> str:
    """Return milliseconds per step of all peers, the fastest first, and why others did not run."""
    there = sorted(
        (p for p in peers if measured.get(p.key)), key=lambda p: statistics.median(measured[p.key])
    )
    ours = statistics.median(measured["gradtape-jax"]) if measured.get("gradtape-jax") else None
    rows = []
    for peer in there:
        low, middle, high = quartiles(measured[peer.key])
        relative = digits(middle / ours) if ours else ""
        rows.append([peer.title, digits(middle), f"{digits(low)} to {digits(high)}", relative])
    rows += [[p.title, f"not run: {not_run[p.key]}", "", ""] for p in peers if p.key in not_run]
    return table(["", "ms per step", "quartiles", "relative to gradtape on JAX"], rows)


def whole_table(results: Results, peers: Sequence[Peer], sizes: dict[str, int | None], epochs: int) -> str:
    """Return what concerns whole processes: first epoch, whole training, memory, import, installed size."""
    head = ["", "first epoch, s", "quartiles", f"{epochs} epochs and test, s", "test accuracy"]
    head += ["peak memory, MiB", "import, s", "installed, MiB"]
    rows = []
    for peer in (p for p in peers if not p.is_floor):
        size = sizes.get(peer.key.removesuffix(FREE))
        installed = "" if size is None else f"{size / MEBIBYTE:.0f}"
        told = results.whole.get(peer.key)
        if not told:
            why = results.not_run.get(peer.key, "not asked for")
            rows.append([peer.title, f"not run: {why}", *[""] * 5, installed])
            continue
        low, first, high = quartiles([t["first_epoch"] for t in told])
        peak = statistics.median(t["peak_bytes"] for t in told) / MEBIBYTE
        imported = statistics.median(t["import_seconds"] for t in told)
        total, accuracy = ([t[key] for t in told if key in t][0] for key in ("total_seconds", "accuracy"))
        cells = [f"{first:.2f}", f"{low:.2f} to {high:.2f}", f"{total:.2f}", f"{accuracy:.4f}"]
        rows.append([peer.title, *cells, f"{peak:.0f}", f"{imported:.2f}", installed])
    return table(head, rows)


def ratios_table(ratios: Sequence[Ratio], titles: dict[str, str]) -> str:
    """Return the required ratios, each with what it is and whether that is enough."""
    rows = []
    for ratio in ratios:
        sign = "at most" if ratio.is_limit else "at least"
        value = ""
        if ratio.quartiles:
            low, middle, high = map(digits, ratio.quartiles)
            value = f"{middle} ({low} to {high})"
        other = titles.get(ratio.other, "")
        rows.append([ratio.text, other, f"{sign} {ratio.bound:g}", value, ratio.verdict])
    return table(["", "compared with", "required", "measured (quartiles)", ""], rows)
