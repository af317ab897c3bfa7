"""The tool that changes the package at random: what it changes, and where its changes are looked for."""

import ast
from pathlib import Path

from tools import mutate

SOURCE = """
def f(x: int = 3) -> bool:
    if x > 2 and not done(x):
        tell(x)
    return x + 1


@add.rule("a")
def slope(g):
    return g * 2
"""


def test_every_kind_of_change_is_made_and_gradient_rules_are_left_alone() -> None:
    tree = ast.parse(SOURCE)
    made = [(what, ast.unparse(node)) for _, node in mutate.places(tree) for what, _ in mutate.changes(node)]
    assert {what for what, _ in made} == {
        *("turned round", "and, or", "no not", "if True", "if False", "left out", "number + 1"),
        *("left only", "right only", "other sign"),
    }
    assert not any("g" in text.split() for _, text in made)


def test_each_change_of_a_file_is_another_source_that_can_be_read() -> None:
    file = mutate.HOUSE / "base" / "trees.py"
    found = list(mutate.mutants(file))
    right = ast.unparse(ast.parse(file.read_text(encoding="utf-8")))
    assert len(found) > 5 and all(mutant.source != right for mutant in found)
    for mutant in found:
        ast.parse(mutant.source)


def test_the_nearest_tests_are_those_of_the_file_and_of_its_room() -> None:
    found = mutate.nearest_tests(Path("src/gradtape/data/order.py"))
    assert found[0] == "tests/data/test_order.py" and "tests/data" in found


def test_the_same_seed_draws_the_same_changes() -> None:
    one, again, other = (mutate.drawn(["base"], 3, seed) for seed in (1, 1, 2))
    assert [m.what for m in one] == [m.what for m in again] != [m.what for m in other]
