"""Change one thing somewhere in the package, at random, and see whether the nearest tests notice.

The gradient rules have a tool of their own (`tools/mutate_rules.py`); this one takes all else: a comparison
is turned round, a condition is always or never true, `and` becomes `or`, an arithmetic operator another, a
number grows by one, True becomes False, a statement that only calls something is left out.  Each change is
made in a copy of the tree, where the tests of the file's room run until one fails.  A change that no test
notices is printed; some have no effect, which only a reader can tell.

    python tools/mutate.py                      20 changes anywhere
    python tools/mutate.py -n 100 --seed 3      a hundred others
    python tools/mutate.py models training      only in these rooms
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.mutate_rules import alternatives, spoil

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "gradtape"
LIMIT_SECONDS = 300
TURNED: dict[type, type] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


@dataclass
class Mutant:
    """One change.

    Attributes:
        file: in which file, from the root.
        line: in which line.
        what: what was done, in words.
        source: the changed source of the whole file.
    """

    file: Path
    line: int
    what: str
    source: str


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Return what a node may be replaced by, each with a word on what it does."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        yield "turned round", ast.Compare(node.left, [TURNED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and, or", ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "no not", node.operand
    elif isinstance(node, ast.If):
        for value in (True, False):
            yield f"if {value}", ast.If(ast.Constant(value), node.body, node.orelse)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "left out", ast.Pass()
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "other truth", ast.Constant(not node.value)
    elif isinstance(node, ast.BinOp | ast.Constant):
        yield from alternatives(node)


def places(tree: ast.Module) -> list[tuple[int, ast.AST]]:
    """Return the nodes outside gradient rules and annotations, each with its number in `ast.walk`."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            is_rule = any("rule" in ast.unparse(decorator) for decorator in node.decorator_list)
            parts = [node] if is_rule else [*node.decorator_list, node.returns]
        elif isinstance(node, ast.AnnAssign | ast.arg):
            parts = [node.annotation]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            parts = [node]
        skipped |= {id(inner) for part in parts if part is not None for inner in ast.walk(part)}
    return [(number, node) for number, node in enumerate(ast.walk(tree)) if id(node) not in skipped]


def mutants(file: Path) -> Iterator[Mutant]:
    """Return every change of one file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for number, node in places(tree):
        for what, other in changes(node):
            changed = copy.deepcopy(tree)
            spoil(changed, number, copy.deepcopy(other))  # type: ignore[arg-type]  # it takes any tree
            source = ast.unparse(ast.fix_missing_locations(changed))
            text = ast.unparse(node).splitlines()[0][:60]
            yield Mutant(file.relative_to(ROOT), getattr(node, "lineno", 0), f"{what}: {text}", source)


def nearest_tests(file: Path) -> list[str]:
    """Return the tests nearest to a file of the package: its own, those of its room, its doctests."""
    inside = file.relative_to("src/gradtape")
    room = ROOT / "tests" / inside.parts[0] if len(inside.parts) > 1 else ROOT / "tests"
    own = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob(f"test_{inside.stem}.py"))
    if len(inside.parts) > 1 and room.is_dir():
        return [*own, str(room.relative_to(ROOT)), str(file)]
    return [*own, *sorted(str(p.relative_to(ROOT)) for p in room.glob("test_*.py")), str(file)]


def is_seen(mutant: Mutant, copied: Path) -> bool:
    """Tell whether a test fails, or runs for ever, with the change in the copied tree."""
    target = copied / mutant.file
    right = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    try:
        environment = os.environ | {"PYTHONPATH": str(copied / "src")}
        done = subprocess.run(
            [*command, *nearest_tests(mutant.file)],
            cwd=copied, env=environment, capture_output=True, timeout=LIMIT_SECONDS,
        )  # fmt: skip
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(right, encoding="utf-8")


def drawn(rooms: list[str], count: int, seed: int) -> list[Mutant]:
    """Return so many changes, each of a place drawn at random, a file as often as it is long."""
    chance = random.Random(seed)
    files = sorted(HOUSE.rglob("*.py"))
    inside = [f for f in files if not rooms or f.relative_to(HOUSE).parts[0].removesuffix(".py") in rooms]
    lengths = [len(file.read_text(encoding="utf-8").splitlines()) for file in inside]
    found: list[Mutant] = []
    while len(found) < count:
        (file,) = chance.choices(inside, lengths)
        all_of_it = list(mutants(file))
        if all_of_it:
            found.append(chance.choice(all_of_it))
    return found


def main() -> int:
    """Print the changes that were not seen; return how many."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rooms", nargs="*", help="folders of the package; none: all")
    parser.add_argument("-n", type=int, default=20, help="how many changes")
    parser.add_argument("--seed", type=int, default=0, help="decides which")
    given = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "tree"
        shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(".git*", "__pycache__", "*.db", "runs-*"))
        chosen = drawn(given.rooms, given.n, given.seed)
        for mutant in chosen:
            if not is_seen(mutant, copied):
                missed += 1
                print(f"not seen: {mutant.file}:{mutant.line} {mutant.what}", flush=True)
    print(f"{len(chosen)} changes, {len(chosen) - missed} seen, {missed} not")
    return missed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
