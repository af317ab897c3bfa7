"""`gradtape rules`: the table of gradient rules."""

from __future__ import annotations

import re

from gradtape.core.operation import rules_table


def test_every_rule_is_listed(command) -> None:
    result = command("rules")
    assert result.exit_code == 0, result.output
    heading, *lines = result.output.splitlines()
    assert heading.split() == ["operation", "gradient", "of", "rule"]
    assert [re.split(r"  +", line)[:2] for line in lines] == [
        [name, argument] for name, argument, _ in rules_table()
    ]
    assert len(lines) > 150


def test_the_rules_of_one_operation(command) -> None:
    result = command("rules", "matmul")
    assert result.exit_code == 0, result.output
    assert [line.split(maxsplit=2) for line in result.output.splitlines()[1:]] == [
        ["matmul", "x1", "g @ transpose(x2)"],
        ["matmul", "x2", "transpose(x1) @ g"],
    ]


def test_an_unknown_operation_is_refused_with_the_nearest(command) -> None:
    result = command("rules", "mtmul")
    assert result.exit_code == 2
    assert "no operation 'mtmul' has gradient rules; did you mean matmul?" in result.output + result.stderr
