"""The pages: what is generated is not stale, links lead somewhere, and file names in the text exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gradtape import _moved
from tools import layout, page_outputs, rooms, write_pages

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
FOLDERS = ("benchmarks", "docs", "src", "tests", "tools")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return write_pages.pages()


@pytest.mark.parametrize("name", ["docs/rooms.svg", "docs/rules.md", "docs/replay.md", *READMES])
def test_a_generated_page_is_what_the_source_gives(generated: dict[Path, str], name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == generated[ROOT / name], f"{name} is stale: run python -m tools.write_pages"


def test_the_readme_shows_the_lines_of_the_article(generated: dict[Path, str]) -> None:
    lines = (ROOT / "src/gradtape/article/naive.py").read_text(encoding="utf-8").splitlines()
    for name in ("README.md", "README.zh-CN.md"):
        found = dict(re.findall(r"^\d +(\w+) .*naive\.py:(\d+)$", generated[ROOT / name], flags=re.M))
        assert "matmul(inputs, self.W)" in lines[int(found["matmul"]) - 1]
        assert "average_loss = mean(" in lines[int(found["mean"]) - 1]


def test_a_readme_whose_table_has_moved_on_is_stale() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    stale = text.replace("naive.py:36", "naive.py:35")
    assert stale != text
    assert write_pages.with_tables(stale, "README.md") == text


# The printed outputs of docs/replay.md.


def test_every_program_of_the_page_that_prints_has_its_output_below_it() -> None:
    printed = {"A": "loss 0.25", "The loop as a program": "$ run"}
    page = (
        "top\n\n## A\n\n```python\nf()\n```\n\n```\nold\n```\n\n"
        "## The loop as a program\n\n```python\nold\n```\n\n```\nold\n```\n"
    )
    found = page_outputs.with_outputs(page, printed, "new = 1\n")
    assert "f()\n```\n\n```\nloss 0.25\n```\n" in found
    assert found.endswith("```python\nnew = 1\n```\n\n```\n$ run\n```\n") and "old" not in found
    with pytest.raises(ValueError, match="there is no block to put this in:\nloss 0.25"):
        page_outputs.with_outputs("\n## A\n\ntext\n", printed, "")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("kernel 0.6961 28 us", "kernel 0.6963 1.2 ms", True),
        ("kernel 0.6961", "kernel 0.7961", False),
        ("of 8 steps", "of 9 steps", False),
        ("epoch 0, batch 7", "epoch 1, batch 7", False),
        ("the loss", "a loss", False),
        ("adam.py:101", "adam.py:102", False),
        ("residual +1.1e-10", "residual -2.3e-10", True),
        ("change 17%", "change 25%", False),
        ("time 1 ms: longest #6\nx", "time 2 ms: longest #11\nx", True),
    ],
)
def test_an_output_is_stale_unless_only_times_and_last_digits_differ(
    one: str, other: str, same: bool
) -> None:
    assert page_outputs.same_form(one, other) == same


def headings(page: Path) -> set[str]:
    """Return the anchors of a page, as GitHub makes them of its headings."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), f"{link} leads nowhere"
            assert not anchor or anchor in headings(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_the_text_names_exist(page: Path) -> None:
    if page.name == "CHANGELOG.md":  # it names what has moved
        return
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for name in re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|json|db|svg))`", text):
        places = (ROOT, ROOT / "src", ROOT / "src/gradtape", ROOT / "benchmarks", page.parent)
        assert any((place / name).exists() for place in places), f"{name} does not exist"


def test_files_that_a_docstring_of_a_module_names_exist() -> None:
    missing = []
    for path in sorted((ROOT / "src/gradtape").rglob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for name in re.findall(r"`((?:\w+/)*\w+\.py)`", text):
            places = (path.parent, *path.parents[1:3], ROOT)
            if not any((place / name).exists() for place in places) and not list(path.parent.rglob(name)):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_page_names_a_module_that_has_moved(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return
    for name in re.findall(r"gradtape\.([a-z_]+(?:\.[a-z_]+)*)", page.read_text(encoding="utf-8")):
        assert name not in _moved._MOVED, f"gradtape.{name} is now {_moved.new_name(f'gradtape.{name}')}"


def test_check_names_a_stale_page_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("old")
    monkeypatch.setattr(write_pages, "ROOT", tmp_path)
    monkeypatch.setattr(write_pages, "pages", lambda: {page: "new"})
    assert write_pages.main(["--check"]) == 1
    assert page.read_text() == "old" and capsys.readouterr().out == "stale: page.md\n"
    assert write_pages.main([]) == 0
    assert page.read_text() == "new" and capsys.readouterr().out == "written: page.md\n"
    assert write_pages.main(["--check"]) == 0


def test_the_glossary_defines_each_word_once_in_both_languages() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] != "word"]
    assert {len(row) for row in rows} == {3}
    words = [word for row in rows for word in row[0].split(", ")]
    assert len(words) > 50 and len(words) == len(set(words))
    for word, english, chinese in rows:
        assert english and re.match(r"\*\*.+\*\*：.*[\u4e00-\u9fff]", chinese), word


# The picture of the rooms.


def test_the_architecture_page_has_a_row_for_every_room() -> None:
    table = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## Where would it go?")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, flags=re.M)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(rooms.rooms())


def test_the_picture_has_every_room_and_a_caption_for_it(generated: dict[Path, str]) -> None:
    svg = generated[ROOT / "docs/rooms.svg"]
    assert set(rooms.CAPTIONS) == set(rooms.rooms())
    for name in rooms.rooms():
        assert f">{name}</text>" in svg


def test_arrows_that_follow_from_others_are_left_out() -> None:
    def room(name: str, *imports: str) -> rooms.Room:
        return rooms.Room(name, set(imports))

    three = {"a": room("a", "b", "c"), "b": room("b", "c"), "c": room("c")}
    assert rooms.direct(three) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_a_layout_points_every_arrow_downwards_and_bends_long_ones() -> None:
    found = layout.layout({"a": {"b", "c"}, "b": {"c"}, "c": set()}, lambda node: 10)
    assert found.layers[0] == ["c"] and found.layers[2] == ["a"] and set(found.layers[1]) == {"b", "a>c@1"}
    assert found.paths["a", "c"] == ["a", "a>c@1", "c"]
    assert abs(found.centers["b"] - found.centers["a>c@1"]) >= 10
    assert layout.crossings([["c", "d"], ["a", "b"]], [("a", "d"), ("b", "c")]) == 1
