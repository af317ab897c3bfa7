"""Writes the pages and pictures that are generated from the source:

    python -m tools.write_pages             # writes those that are stale
    python -m tools.write_pages --check     # only names them, and fails if there are any

docs/rooms.svg, docs/rules.md, the printed outputs of docs/replay.md, and the tables of both READMEs.  A test
fails when one of them is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tools import page_outputs
from tools.readme_tables import HEADINGS, with_tables
from tools.rooms_picture import picture
from tools.rules_page import rules_page

ROOT = Path(__file__).parents[1]


def pages() -> dict[Path, str]:
    """Return each generated file and the text that it should have."""
    found = {ROOT / "docs" / "rooms.svg": picture(), ROOT / "docs" / "rules.md": rules_page()}
    found[page_outputs.PAGE] = page_outputs.page_with_outputs()
    for name in HEADINGS:
        found[ROOT / name] = with_tables((ROOT / name).read_text(encoding="utf-8"), name)
    return found


def main(arguments: Sequence[str]) -> int:
    """Write the files that are stale, or only check with --check; return the exit code."""
    check = "--check" in arguments
    stale = {
        path: text for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text
    }
    for path, text in stale.items():
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
