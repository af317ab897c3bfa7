"""The script that kills runs: in portions, and it would notice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gradtape import engine
from gradtape.replay.run import open_run
from tools import kill_runs

HERE = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(engine.get_engine() == "jax", reason="the script is given its engine")


def kill(*words: Any) -> Any:
    command = [sys.executable, "tools/kill_runs.py", *map(str, words)]
    return subprocess.run(command, cwd=HERE, env={**os.environ}, capture_output=True, text=True, timeout=120)


def test_kills_are_had_in_portions_and_put_into_a_page(tmp_path: Path) -> None:
    results, page = tmp_path / "kills.jsonl", tmp_path / "page.md"
    page.write_text("before\n<!-- numpy -->\nold\n<!-- end of numpy -->\nafter\n")
    assert kill("--kills", 1, "--results", results).returncode == 0
    done = kill("--kills", 4, "--results", results, "--write", page)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    kills = [kind for line in lines for kind in line["kills"]]
    assert len(kills) >= 4 and not any(line["wrong"] for line in lines)
    assert [line["point"] for line in lines] == [f"mkdir:{n + 1}" for n in range(len(lines))]
    said = page.read_text()
    assert said.startswith("before\n<!-- numpy -->\n### numpy\n") and said.endswith("after\n")
    assert f"| after mkdir | {len(lines)} | {len(lines)} |" in said
    assert f"| **together** | **{len(kills)}** | **{len(kills)}** |" in said
    lines[0]["result"] = "another"
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "those of another training" in kill("--kills", 9, "--results", results).stderr
    lines[0]["wrong"] = ["step 3 is torn"]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = kill("--kills", 1, "--results", results)
    assert done.returncode == 1 and "- after mkdir, mkdir:1: step 3 is torn" in done.stdout


def test_it_notices_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    kill_runs.train(folder)
    digests, expected = open_run(folder).digests, kill_runs.result(folder)
    assert kill_runs.faults_of(folder, digests) == []
    assert kill_runs.faults_of(folder, {**digests, 4: "another"}) == ["step 4 differs"]
    with closing(sqlite3.connect(folder / "run.db")) as db, db:
        db.execute("UPDATE steps SET loss = loss + 1e-15 WHERE step = 3")
    assert kill_runs.result(folder) != expected
    newest = folder / "checkpoints" / f"step-{open_run(folder).checkpoints[-1]:09d}" / "arrays.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    assert kill_runs.faults_of(folder, digests) == ["step 18 is torn"]
