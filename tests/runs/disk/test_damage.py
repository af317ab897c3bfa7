"""Damage of every kind to every file of a run is refused by name; nothing but our own errors comes out."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradtape.errors import CheckpointError, GradtapeError, RunError
from gradtape.replay.run import open_run
from gradtape.runs.disk.checkpoints import ARRAYS, MANIFEST, Checkpoints
from gradtape.runs.disk.manifest import read_manifest, signed
from tests.runs.training import train

STATE = {
    "a": np.arange(400.0),
    "b": np.float32(3),
    "empty": np.zeros((0, 3), "int8"),
    "c": np.ones((3, 3, 3), "float16"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    made = Checkpoints(tmp_path_factory.mktemp("damage"))
    made.save(1, STATE, {"epoch": 0})
    made.save(2, {name: a + 1 for name, a in STATE.items()}, {"epoch": 0})
    return made


def damages(whole: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each kind of damage to a file, with its name."""
    for place in range(0, len(whole), 1 if len(whole) < 1500 else 7):
        yield f"bit {place}", whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :]
    for size in range(0, len(whole), 512):
        yield f"cut at {size}", whole[:size]
        yield f"zeros from {size}", whole[:size] + bytes(len(whole) - size)
    yield "one byte less", whole[:-1]
    yield "appended", whole + b"\n"
    yield "zero-filled", bytes(len(whole))
    yield "another step's", other


@pytest.mark.parametrize("file", [ARRAYS, MANIFEST])
def test_every_damage_to_a_file_of_a_checkpoint_is_refused_naming_it(store: Checkpoints, file: str) -> None:
    path = store.path(1) / file
    whole = path.read_bytes()
    try:
        for what, data in damages(whole, (store.path(2) / file).read_bytes()):
            path.write_bytes(data)
            with pytest.raises(CheckpointError, match=f"^checkpoint: .*step-000000001/{file}") as refused:
                store.load(1)
            assert refused.value.args, what
            newest, faults = Checkpoints(store.folder).latest(before=1)
            assert newest is None and len(faults) == 1
        path.unlink()
        with pytest.raises(CheckpointError, match=f"step-000000001/{file} cannot be read: No such file"):
            store.load(1)
        os.symlink(store.path(2) / file, path)
        with pytest.raises(CheckpointError, match=f"step-000000001/{file} cannot be read"):
            store.load(1)
        path.unlink()
        os.mkfifo(path)  # whoever opens it without care waits for ever
        with pytest.raises(
            CheckpointError, match=f"step-000000001/{file} cannot be read: it is not a regular file"
        ):
            store.load(1)
    finally:
        path.unlink()
        path.write_bytes(whole)
    assert {n: a.tobytes() for n, a in store.load(1).arrays.items()} == {
        n: a.tobytes() for n, a in STATE.items()
    }


def test_a_whole_checkpoint_under_the_name_of_another_step_is_refused(store: Checkpoints) -> None:
    shutil.copytree(store.path(2), store.path(7))
    with pytest.raises(CheckpointError, match=r"step-000000007/manifest.json is that of step 2"):
        store.load(7)
    shutil.rmtree(store.path(7))


def test_a_checkpoint_of_a_newer_format_says_so(store: Checkpoints, tmp_path: Path) -> None:
    place = Checkpoints(tmp_path)
    shutil.copytree(store.path(1), place.path(1))
    rewritten(place, format=2)
    with pytest.raises(CheckpointError, match="has the format 2; this version of gradtape reads format 1"):
        place.load(1)


def rewritten(place: Checkpoints, **changes: Any) -> None:
    """Write a manifest anew, with a digest that fits."""
    file = place.path(1) / MANIFEST
    manifest = read_manifest(file)
    del manifest["self"]
    file.write_bytes(
        signed({name: value for name, value in {**manifest, **changes}.items() if value != "gone"})
    )


def test_a_damaged_one_is_put_aside_when_its_step_is_saved_again(store: Checkpoints, tmp_path: Path) -> None:
    place = Checkpoints(tmp_path)
    shutil.copytree(store.path(1), place.path(1))
    (place.path(1) / ARRAYS).write_bytes(b"torn")
    place.save(1, STATE, {})
    assert place.is_whole(1)
    kept = [p for p in tmp_path.iterdir() if p.name.startswith("damaged-step-000000001-")]
    assert len(kept) == 1 and (kept[0] / ARRAYS).read_bytes() == b"torn" and place.steps() == [1]


# Fuzzing: what is read is a file that anybody may have written, digests and all.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
FEW = settings(max_examples=150, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def fuzzed(store: Checkpoints, tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    place = Checkpoints(tmp_path_factory.mktemp("fuzzed"))
    shutil.copytree(store.path(1), place.path(1))
    return place


def read(place: Checkpoints) -> None:
    """Load; only CheckpointError may come out, and little more memory than the files have bytes be used."""
    sizes = [p.stat().st_size for p in place.path(1).iterdir()]
    tracemalloc.start()
    try:
        place.load(1)
    except CheckpointError:
        pass
    finally:
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak_bytes < sum(sizes) + (1 << 20)


def restored(place: Checkpoints, store: Checkpoints) -> None:
    for file in (ARRAYS, MANIFEST):
        shutil.copyfile(store.path(1) / file, place.path(1) / file)


@FEW
@given(data=st.binary(max_size=2000), file=st.sampled_from([ARRAYS, MANIFEST]))
def test_any_bytes_in_place_of_a_file(
    fuzzed: Checkpoints, store: Checkpoints, data: bytes, file: str
) -> None:
    restored(fuzzed, store)
    (fuzzed.path(1) / file).write_bytes(data)
    with pytest.raises(CheckpointError):
        fuzzed.load(1)
    read(fuzzed)


@FEW
@given(
    entry=st.sampled_from(["format", "step", "size_bytes", "sha256", "arrays", "about"]),
    value=JSON | st.just("gone"),
)
def test_any_json_in_a_manifest_whose_digest_fits(
    fuzzed: Checkpoints, store: Checkpoints, entry: str, value: Any
) -> None:
    restored(fuzzed, store)
    rewritten(fuzzed, **{entry: value})
    read(fuzzed)


def fitting(place: Checkpoints, data: bytes) -> None:
    """Put these bytes in place of the arrays, with a manifest that expects them."""
    (place.path(1) / ARRAYS).write_bytes(data)
    rewritten(place, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


@FEW
@given(places=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_changed_header_whose_digests_fit(fuzzed: Checkpoints, store: Checkpoints, places: Any) -> None:
    restored(fuzzed, store)
    data = bytearray((store.path(1) / ARRAYS).read_bytes())
    for place, value in places:
        data[place] = value
    fitting(fuzzed, bytes(data))
    read(fuzzed)


@FEW
@given(header=JSON, size=st.integers(0, 2**64 - 1) | st.none())
def test_any_header_whose_digests_fit(
    fuzzed: Checkpoints, store: Checkpoints, header: Any, size: int | None
) -> None:
    restored(fuzzed, store)
    text = json.dumps(header).encode()
    fitting(fuzzed, (len(text) if size is None else size).to_bytes(8, "little") + text + bytes(64))
    read(fuzzed)


HUGE = [
    {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]},
    {"dtype": "F32", "shape": [1 << 62, 4], "data_offsets": [0, 64]},
    {"dtype": "F32", "shape": [0, 1 << 60], "data_offsets": [0, 0]},
    {"dtype": "BOOL", "shape": [64], "data_offsets": [0, 64]},
    {"dtype": "F99", "shape": [16], "data_offsets": [0, 64]},
    {"dtype": "F32", "shape": [16], "data_offsets": [64, 0]},
    {"dtype": "F8_E4M3", "shape": [64], "data_offsets": [0, 64]},
]


@pytest.mark.parametrize("entry", HUGE)
def test_arrays_that_claim_to_be_huge_or_strange(fuzzed: Checkpoints, store: Checkpoints, entry: Any) -> None:
    restored(fuzzed, store)
    text = json.dumps({"a": entry}).encode()
    fitting(fuzzed, len(text).to_bytes(8, "little") + text + bytes(64))
    read(fuzzed)


def test_deep_and_endless_json(fuzzed: Checkpoints, store: Checkpoints) -> None:
    restored(fuzzed, store)
    file = fuzzed.path(1) / MANIFEST
    for text in (b"[" * 200_000, b'{"a":' * 200_000, b"1" * 1_000_000, b'{"a":' + b"9" * 5000 + b"}"):
        body = b'{"format": 1, "about": ' + text
        seal = f',\n "self": "{hashlib.sha256(body).hexdigest()}"\n}}'.encode()
        file.write_bytes(body + seal)
        with pytest.raises(CheckpointError):
            fuzzed.load(1)


def test_a_manifest_larger_than_any_is_not_read_to_its_end(fuzzed: Checkpoints, store: Checkpoints) -> None:
    restored(fuzzed, store)
    with open(fuzzed.path(1) / MANIFEST, "r+b") as file:
        file.truncate(1 << 36)  # 64 GiB of nothing
    with pytest.raises(CheckpointError, match="is no manifest: it has more than"):
        fuzzed.load(1)


# The other files of a run.


def test_a_damaged_database_is_refused_or_read_and_nothing_else_comes_out(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=2)
    file = tmp_path / "run" / "run.db"
    whole, dice, refused = file.read_bytes(), random.Random(0), 0
    for _ in range(250):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 1, 4, 60])):
            data[dice.randrange(len(data))] = dice.randrange(256)
        file.write_bytes(data)
        try:
            run = open_run(tmp_path / "run")
            _ = run.steps, run.epochs, run.events, run.state, run.superseded, run.digests
        except RunError:
            refused += 1
    assert refused > 20
    for size in (0, 1, 100, 4096, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(
            RunError, match=r"run.db (is damaged|cannot be opened|is not the database of a run)"
        ):
            open_run(tmp_path / "run")
        with pytest.raises(
            RunError, match=r"run.db (is damaged|cannot be opened|is not the database of a run)"
        ):
            train(tmp_path / "run", resume=True, epochs=2)
        assert file.read_bytes() == whole[:size]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "3",
        '{"format": "1"}',
        '{"format": true}',
        '{"format": 1}',
        '{"format": 1, "id": 3}',
        "[" * 100_000,
        "\x00",
        "",
    ],
)
def test_a_damaged_configuration_is_refused(tmp_path: Path, text: str) -> None:
    train(tmp_path / "run", epochs=1)
    (tmp_path / "run" / "run.json").write_text(text)
    for again in (lambda: open_run(tmp_path / "run"), lambda: train(tmp_path / "run", resume=True, epochs=1)):
        with pytest.raises(RunError, match=r"^run: .*run.json (cannot be read|has the format|is damaged)"):
            again()
    assert (tmp_path / "run" / "run.json").read_text() == text


def test_a_bit_in_the_configuration_costs_no_more_than_a_refusal(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    file = tmp_path / "run" / "run.json"
    whole, refused = file.read_bytes(), 0
    for place in range(0, len(whole), 5):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << place % 7)]) + whole[place + 1 :])
        try:
            run = open_run(tmp_path / "run")
            _ = run.model(), run.state, repr(run)
        except GradtapeError as error:
            refused += 1
            assert str(error)
    assert refused > len(whole) / 10
    for size in range(0, len(whole), 100):
        file.write_bytes(whole[:size])
        with pytest.raises(RunError, match="run.json cannot be read"):
            open_run(tmp_path / "run")


def test_an_entry_that_no_run_has_is_an_error(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    file = tmp_path / "run" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "module": "os"}))
    for again in (lambda: open_run(tmp_path / "run"), lambda: train(tmp_path / "run", resume=True, epochs=1)):
        with pytest.raises(RunError, match="run.json is damaged: it has the unknown entry 'module'"):
            again()


@pytest.mark.parametrize(
    "wrong", [{"about": [1]}, {"data": "x"}, {"parent": {}}, {"parent": {"step": "1"}}, {"global_seed": "x"}]
)
def test_an_entry_of_another_kind_is_an_error(tmp_path: Path, wrong: dict[str, Any]) -> None:
    train(tmp_path / "run", epochs=1)
    file = tmp_path / "run" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **wrong}))
    with pytest.raises(RunError, match=f"run.json is damaged: {[*wrong][0]} "):
        open_run(tmp_path / "run")


@pytest.mark.parametrize(
    "model",
    [
        {"class_name": "os.system", "config": {}},
        {"class_name": "Sequential", "config": {"layers": [], "module": "os"}},
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "eval", "config": {}}]}},
        {"class_name": "Sequential"},
        {"class_name": "NaiveSequential", "config": {"layers": [{"input_size": 5, "units": 8, "activation": "eval"}]}},
        {"class_name": "NaiveSequential", "config": {"layers": [{"input_size": 5, "units": 8, "activation": "relu", "x": 1}]}},
        {"class_name": "NaiveSequential", "config": {"layers": [{"input_size": 5, "units": 8, "activation": "relu"}]}},
    ],
)  # fmt: skip
def test_names_in_a_configuration_mean_what_is_registered(tmp_path: Path, model: Any) -> None:
    train(tmp_path / "run", epochs=1)
    file = tmp_path / "run" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "model": model}))
    with pytest.raises(GradtapeError):
        open_run(tmp_path / "run").model()
