"""Places the boxes of a graph in layers, with few crossings, so that every arrow points downwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
ROUNDS = 24


@dataclass
class Layout:
    """Where everything stands.

    Attributes:
        layers: the nodes of each layer from left to right, the lowest layer first; long edges have a
            bend, named ``upper>lower@layer``, in each layer that they pass.
        centers: the horizontal position of each node and bend.
        paths: the nodes and bends that each edge goes through, from above.
    """

    layers: list[list[str]]
    centers: dict[str, float]
    paths: dict[Edge, list[str]]


def levels(below: dict[str, set[str]]) -> dict[str, int]:
    """Return the layer of each node: 0 if nothing is below it, else one more than the highest below it."""
    found: dict[str, int] = {}
    while len(found) < len(below):
        for node, others in below.items():
            if node not in found and all(other in found for other in others):
                found[node] = 1 + max((found[other] for other in others), default=-1)
    return found


def layout(below: dict[str, set[str]], width: Callable[[str], float]) -> Layout:
    """Return a layout of the graph.

    Args:
        below: for each node, those that its arrows point at.
        width: of a node; it is asked of bends too.
    """
    level = levels(below)
    paths = {(a, b): _path(a, b, level) for a in below for b in sorted(below[a])}
    layers: list[list[str]] = [[] for _ in range(max(level.values()) + 1)]
    for node in below:
        layers[level[node]].append(node)
    for (a, _), path in paths.items():
        for distance, bend in enumerate(path[1:-1], 1):
            layers[level[a] - distance].append(bend)
    links = [link for path in paths.values() for link in pairwise(path)]
    ordered = _fewest_crossings(layers, links)
    return Layout(ordered, _centers(ordered, links, width), paths)


def _path(a: str, b: str, level: dict[str, int]) -> list[str]:
    return [a, *(f"{a}>{b}@{i}" for i in range(level[a] - 1, level[b], -1)), b]


def crossings(layers: list[list[str]], links: list[Edge]) -> int:
    """Return how many pairs of links cross."""
    place = {node: i for layer in layers for i, node in enumerate(layer)}
    row = {node: i for i, layer in enumerate(layers) for node in layer}
    count = 0
    for i, (a, b) in enumerate(links):
        for c, d in links[:i]:
            count += row[a] == row[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
    return count


def _fewest_crossings(layers: list[list[str]], links: list[Edge]) -> list[list[str]]:
    """Sort each layer by the mean place of its neighbours, up and down in turns; keep the best order."""
    best, fewest = layers, crossings(layers, links)
    for turn in range(ROUNDS):
        layers = [list(layer) for layer in layers]
        sweep = range(1, len(layers)) if turn % 2 else range(len(layers) - 2, -1, -1)
        for i in sweep:
            other = layers[i - 1 if turn % 2 else i + 1]
            place = {node: (k + 0.5) / len(other) for k, node in enumerate(other)}
            own = {node: (k + 0.5) / len(layers[i]) for k, node in enumerate(layers[i])}
            layers[i].sort(key=lambda node: _mean(_neighbours(node, links, place), own[node]))
        if (count := crossings(layers, links)) < fewest:
            best, fewest = layers, count
    return best


def _neighbours(node: str, links: list[Edge], place: dict[str, float]) -> list[float]:
    ends = [b if a == node else a for a, b in links if node in (a, b)]
    return [place[end] for end in ends if end in place]


def _mean(numbers: list[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _centers(layers: list[list[str]], links: list[Edge], width: Callable[[str], float]) -> dict[str, float]:
    """Draw each node towards its neighbours, without changing the order in its layer."""
    centers = {}
    for layer in layers:
        x = -sum(map(width, layer)) / 2
        for node in layer:
            centers[node] = x + width(node) / 2
            x += width(node)
    for _ in range(ROUNDS):
        for layer in (*layers, *reversed(layers)):
            wanted = [_mean(_neighbours(node, links, centers), centers[node]) for node in layer]
            gaps = [(width(a) + width(b)) / 2 for a, b in pairwise(layer)]
            centers.update(zip(layer, spread(wanted, gaps), strict=True))
    return centers


def spread(wanted: list[float], gaps: list[float]) -> list[float]:
    """Return the places nearest to those wanted (least squares) that keep order and gaps.

    >>> spread([0, 0, 10], [2, 2])
    [-1.0, 1.0, 10.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    groups: list[list[float]] = []  # neighbours that touch move together: their wishes, gaps taken off
    for wish, offset in zip(wanted, offsets, strict=True):
        groups.append([wish - offset])
        while len(groups) > 1 and _mean(groups[-2], 0) > _mean(groups[-1], 0):
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [_mean(group, 0) for group in groups for _ in group]
    return [place + offset for place, offset in zip(placed, offsets, strict=True)]
