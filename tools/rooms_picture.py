"""Draws the rooms of the package and what they import as an SVG, for a light and a dark page.

Rooms that import the same rooms and are imported by the same share a box.
"""

from __future__ import annotations

from tools import rooms
from tools.layout import Layout, layout

BOX, BEND, LINE, HEAD, GAP, MARGIN, LEGEND = 184, 28, 34, 10, 32, 20, 64

STYLE = """
text { font: 13px system-ui, "Segoe UI", "Noto Sans", sans-serif; fill: #1d2329 }
.caption { font-size: 11.5px; fill: #55606a }
.page { fill: #ffffff }
.box { fill: #f1f3f5; stroke: #8a949e }
.keras { fill: #1f5fa8; font-weight: 600 }
.ours { font-weight: 600 }
.arrow { fill: none; stroke: #7a858f; stroke-width: 1.2 }
.tip { fill: #7a858f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ec }
  .caption { fill: #a9b3bd }
  .page { fill: #14161a }
  .box { fill: #22262c; stroke: #6c7680 }
  .keras { fill: #7db4ff }
  .arrow { stroke: #8b96a1 }
  .tip { fill: #8b96a1 }
}
"""


def picture() -> str:
    """Return the picture as the text of an SVG file."""
    found = rooms.rooms()
    boxes, below = _boxes(rooms.direct(found))
    plan = layout(below, lambda node: BEND if node not in boxes else BOX + 14)
    tops = _tops(plan, boxes)
    left = min(x - (BOX if node in boxes else BEND) / 2 for node, x in plan.centers.items()) - MARGIN
    right = max(x + (BOX if node in boxes else BEND) / 2 for node, x in plan.centers.items()) + MARGIN
    width, height = right - left, max(tops) + _height(plan, boxes, 0) + MARGIN
    parts = [_arrow(path, plan, tops, boxes, left) for path in plan.paths.values()]
    for i, layer in enumerate(plan.layers):
        parts += [_box(boxes[n], plan.centers[n] - left, tops[i]) for n in layer if n in boxes]
    return _page(round(width), round(height), [*_legend(), *parts])


def _boxes(direct: dict[str, set[str]]) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """Return the rooms of each box by its first room, and which boxes each box points at."""
    above = {name: {other for other in direct if name in direct[other]} for name in direct}
    alike: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for name in direct:
        alike.setdefault((frozenset(direct[name]), frozenset(above[name])), []).append(name)
    boxes = {names[0]: names for names in alike.values()}
    first = {name: names[0] for names in boxes.values() for name in names}
    return boxes, {box: {first[other] for other in direct[box]} for box in boxes}


def _height(plan: Layout, boxes: dict[str, list[str]], layer: int) -> float:
    return HEAD + LINE * max(len(boxes[node]) for node in plan.layers[layer] if node in boxes)


def _tops(plan: Layout, boxes: dict[str, list[str]]) -> list[float]:
    """Return the upper edge of each layer; the last layer stands at the top."""
    tops, y = [0.0] * len(plan.layers), float(LEGEND)
    for i in reversed(range(len(plan.layers))):
        tops[i] = y
        y += _height(plan, boxes, i) + GAP
    return tops


def _box(names: list[str], x: float, y: float) -> str:
    height = HEAD + LINE * len(names)
    lines = [f'<rect class="box" x="{x - BOX / 2:.0f}" y="{y:.0f}" width="{BOX}" height="{height}" rx="4"/>']
    for i, name in enumerate(names):
        left, base = x - BOX / 2 + 10, y + 19 + LINE * i
        kind = "keras" if name in rooms.OF_KERAS else "ours"
        lines.append(f'<text class="{kind}" x="{left:.0f}" y="{base:.0f}">{name}</text>')
        caption = rooms.CAPTIONS[name]
        lines.append(f'<text class="caption" x="{left:.0f}" y="{base + 15:.0f}">{caption}</text>')
    return "\n".join(lines)


def _arrow(path: list[str], plan: Layout, tops: list[float], boxes: dict[str, list[str]], left: float) -> str:
    """Return a curve from the lower edge of the first box through the bends to the last box."""
    layer = {node: i for i, nodes in enumerate(plan.layers) for node in nodes}
    start, end = path[0], path[-1]
    x, y = plan.centers[start] - left, tops[layer[start]] + HEAD + LINE * len(boxes[start])
    bottom = tops[layer[start]] + _height(plan, boxes, layer[start])
    drawn = [f"M{x:.0f} {y:.0f}", f"V{bottom:.0f}"]
    y = bottom
    for node in path[1:]:
        to, top = plan.centers[node] - left, tops[layer[node]] - (6 if node == end else 0)
        middle = (y + top) / 2
        drawn.append(f"C{x:.0f} {middle:.0f} {to:.0f} {middle:.0f} {to:.0f} {top:.0f}")
        x, y = to, top
        if node != end:
            y = tops[layer[node]] + _height(plan, boxes, layer[node])
            drawn.append(f"V{y:.0f}")
    tip = f'<path class="tip" d="M{x - 4:.0f} {y - 1:.0f}h8l-4 7z"/>'
    return f'<path class="arrow" d="{" ".join(drawn)}"/>{tip}'


def _legend() -> list[str]:
    said = [
        "The rooms of src/gradtape. An arrow points at a room that is imported;",
        "imports that follow from other arrows are left out. In blue: Keras' names.",
    ]
    return [f'<text x="{MARGIN}" y="{24 + 18 * i}">{line}</text>' for i, line in enumerate(said)]


def _page(width: int, height: int, parts: list[str]) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="the rooms of gradtape and their imports">'
    )
    background = f'<rect class="page" width="{width}" height="{height}"/>'
    return "\n".join([opening, f"<style>{STYLE}</style>", background, *parts, "</svg>", ""])
