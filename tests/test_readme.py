"""The READMEs: their examples run, and the Chinese one keeps pace with the English one."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
READMES = [HERE / "README.md", HERE / "README.zh-CN.md"]


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_examples_run(path: Path) -> None:
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert tried >= 4 and failed == 0


def test_both_have_the_same_sections_code_and_tables() -> None:
    def shape(path: Path) -> list[object]:
        text = path.read_text(encoding="utf-8")
        blocks = [block for block in re.findall(r"```.*?```|^    .*?$", text, flags=re.S | re.M)]
        return [len(re.findall(r"^## ", text, flags=re.M)), blocks, len(re.findall(r"^\|", text, flags=re.M))]

    english, chinese = map(shape, READMES)
    assert english == chinese


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_files_it_links_to_exist(path: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    assert len(links) >= 6
    assert [link for link in links if not (HERE / link.partition("#")[0]).exists()] == []


def test_both_link_to_the_same_pages() -> None:
    def links(path: Path) -> set[str]:
        return set(re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))) - {p.name for p in READMES}

    assert links(READMES[0]) == links(READMES[1])
