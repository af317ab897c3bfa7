"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gradtape.base.files import write_file, write_whole


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    for data in (b"first", b"and second"):
        write_whole(tmp_path / "file", data)
        assert [p.name for p in tmp_path.iterdir()] == ["file"]
        assert (tmp_path / "file").read_bytes() == data


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_where_it_fails_the_file_before_is_still_there(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(tmp_path / "file", b"before")

    def fails(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "file", b"after")
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_new_file_does_not_take_the_place_of_another(tmp_path: Path) -> None:
    write_file(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"


def test_each_call_is_told_after_it_has_returned(tmp_path: Path) -> None:
    told: list[str] = []
    write_whole(tmp_path / "file", b"data", lambda point, *about: told.append(point))
    assert told == ["create", "write", "fsync", "rename"]
