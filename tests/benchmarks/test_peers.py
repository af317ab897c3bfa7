"""The peers' benchmark in what it does without peers: ratios, verdicts, tables, the page, the roster."""

import doctest
import os
import subprocess
import sys

import pytest

from benchmarks import page
from benchmarks.page import put, written
from benchmarks.peers import processes, ratios, roster, tables
from benchmarks.peers.data import shrunk, starting_weights
from benchmarks.peers.measure import Results, Settings, measure, turned
from benchmarks.peers.processes import PeerError, Process, Request, environment, last_words
from benchmarks.peers.ratios import Ratio, compared, fastest, quartiles, required
from benchmarks.peers.roster import BY_KEY, FREE, PEERS, WORKLOADS, entries, find
from benchmarks.peers.tables import digits, ratios_table, steps_table, whole_table


def told(first):
    return {"import_seconds": 0.5, "first_epoch": first, "peak_bytes": 2.0**28}


@pytest.fixture
def results():
    """Three rounds in which gradtape meets every ratio but the one to PyTorch."""
    mlp = {
        "gradtape-jax": [1.1, 1.0, 1.2],
        "keras-jax": [2.0, 2.0, 2.0],
        "scikit-learn": [3.0, 3.0, 3.0],
        "torch": [0.5, 0.5, 0.5],
        "floor-numpy": [1.0, 1.0, 1.0],
        "floor-jax": [1.5, 1.5, 1.5],
    }
    small = {"gradtape-jax": [0.1, 0.1, 0.1], "keras-jax": [0.6, 0.7, 0.8], "torch": [0.9, 0.8, 0.9]}
    whole = {"gradtape-jax": [told(1.0), told(1.2)], "keras-jax": [told(2.6), told(2.5)]}
    for rounds, accuracy in zip(whole.values(), (0.98, 0.97), strict=True):
        rounds[0] |= {"total_seconds": 5.0, "accuracy": accuracy}
    return Results({"mlp": mlp, "small": small}, whole, {"tinygrad": "no clang"})


def test_required_ratios_and_their_verdicts(results):
    ratios = required(results)
    assert [r.verdict for r in ratios] == ["met", "met", "met", "missed", "met"]
    assert [r.other for r in ratios] == ["floor-numpy", "keras-jax", "keras-jax", "torch", "keras-jax"]
    assert ratios[0].quartiles == pytest.approx((1.05, 1.1, 1.15))
    assert ratios[3].quartiles[1] == pytest.approx(9.0)


def test_what_others_reach_by_hand_does_not_count_as_a_fit(results):
    results.steps["mlp"]["keras-jax"] = [9.0, 9.0, 9.0]
    assert required(results)[1].other == "scikit-learn"


def test_a_floor_of_free_kernels_counts(results):
    results.steps["mlp"]["floor-numpy" + FREE] = [0.5, 0.5, 0.5]
    assert required(results)[0].other == "floor-numpy@free"
    assert required(results)[0].verdict == "missed"


def test_a_floor_slower_than_the_step_is_not_believed(results):
    for key in ("floor-numpy", "floor-jax"):
        results.steps["mlp"][key] = [9.0, 9.0, 9.0]
    assert required(results)[0].verdict == "not credible: the machine was busy"


def test_what_was_not_measured_is_not_met():
    ratios = required(Results())
    assert {r.verdict for r in ratios} == {"not measured"}
    assert len(ratios) == 5


@pytest.mark.parametrize(("value", "is_limit", "verdict"), [(2.0, True, "met"), (2.0, False, "met")])
def test_the_bound_itself_is_enough(value, is_limit, verdict):
    assert Ratio("", 2.0, is_limit, (value, value, value)).verdict == verdict


def test_ratios_are_taken_round_by_round():
    measured = {"a": [2.0, 20.0, 200.0], "b": [1.0, 10.0, 100.0]}
    assert compared(measured, "a", "b") == (2.0, 2.0, 2.0)
    assert compared(measured, "a", "c") is None
    assert fastest(measured, ["a", "b", "c"]) == "b"
    assert fastest(measured, ["c"]) == ""
    assert quartiles([1.0, 2.0]) == (1.25, 1.5, 1.75)


def test_steps_table_is_sorted_and_names_who_did_not_run(results):
    lines = steps_table(results.steps["mlp"], PEERS, results.not_run).splitlines()
    assert lines[2] == "| PyTorch, eager | 0.500 | 0.500 to 0.500 | 0.455 |"
    assert lines[4].startswith("| gradtape on JAX | 1.10 |")
    assert lines[-1] == "| tinygrad, `TinyJit` | not run: no clang |  |  |"
    assert len(lines) == 2 + 6 + 1


def test_whole_table_has_a_line_for_every_peer(results):
    text = whole_table(results, PEERS, {"gradtape-jax": 3 * 2**20}, epochs=5)
    lines = text.splitlines()
    assert len(lines) == 2 + len([p for p in PEERS if not p.is_floor])
    assert lines[2] == "| gradtape on JAX | 1.10 | 1.05 to 1.15 | 5.00 | 0.9800 | 256 | 0.50 | 3 |"
    assert "| tinygrad, `TinyJit` | not run: no clang |" in text
    assert "| NumPy by hand | not run: not asked for |" in text
    assert len({line.count("|") for line in lines}) == 1


def test_ratios_table(results):
    lines = ratios_table(required(results), {"torch": "PyTorch, eager"}).splitlines()
    assert "| PyTorch, eager | at least 10 | 9.00 (8.50 to 9.00) | missed |" in lines[5]


@pytest.mark.parametrize(
    ("value", "text"), [(0.05, "0.0500"), (9.999, "10.00"), (12.34, "12.3"), (1e3, "1000")]
)
def test_digits(value, text):
    assert digits(value) == text


def test_put_leaves_the_other_sections_alone():
    page = put(put("# Title\n\nfirst\n", "a", "1"), "b", "2")
    again = put(page, "a", "one\ntwo")
    assert again == page.replace("\n1\n", "\none\ntwo\n")
    with pytest.raises(ValueError, match="without"):
        put("<!-- a: written by a program -->", "a", "1")


def test_every_section_has_its_place_whichever_comes_first():
    page = written(written("# Title\n", "peers", "3 ms"), "step", "1 ms")
    assert page.index("1 ms") < page.index("3 ms") < page.index("<!-- notes:")


def test_entries_double_what_numpy_computes_where_kernels_are_held():
    assert [p.key for p in entries()] == list(BY_KEY)
    held = [p.key for p in entries(kernels_are_held=True)]
    assert held[: len(PEERS)] == list(BY_KEY)
    assert {k.removesuffix(FREE) for k in held[len(PEERS) :]} == {p.key for p in PEERS if p.uses_numpy}
    assert "OPENBLAS_CORETYPE" in find("numpy" + FREE).without


def test_all_processes_are_told_the_same_threads(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    held, free = (environment(find(key), 2, tmp_path) for key in ("numpy", "numpy" + FREE))
    assert held["OMP_NUM_THREADS"] == free["OPENBLAS_NUM_THREADS"] == "2"
    assert "OPENBLAS_CORETYPE" in held
    assert "OPENBLAS_CORETYPE" not in free
    assert environment(BY_KEY["keras-jax"], 2, tmp_path)["KERAS_BACKEND"] == "jax"


def test_a_peer_finds_the_gpu_only_where_it_is_asked_for(tmp_path):
    on_cpu, on_gpu = (environment(BY_KEY["jax"], 2, tmp_path, gpu) for gpu in (False, True))
    assert on_cpu["JAX_PLATFORMS"] == "cpu" and on_cpu["CUDA_VISIBLE_DEVICES"] == ""
    assert not {"JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES"} & (on_gpu.keys() - os.environ.keys())


def test_no_peer_always_follows_the_same_one():
    orders = [turned(list(PEERS), number) for number in range(3)]
    assert all(set(order) == set(PEERS) for order in orders)
    assert len({order[0] for order in orders}) == 3
    assert turned([], 3) == []


def test_data_and_weights_have_the_networks_shapes():
    import numpy as np

    images = np.zeros((2, 28, 28), "uint8")
    images[1, 2:5, 2:5] = 9
    assert shrunk(images).shape == (2, 64)
    assert shrunk(images)[1].tolist() == [9] + [0] * 63
    for work in WORKLOADS.values():
        shapes = [w.shape for w in starting_weights(work)]
        i, h, c = work.sizes
        assert shapes == [(i, h), (h,), (h, c), (c,)]


def test_last_words_prefer_the_exception():
    assert last_words(["x: y", "ModuleNotFoundError: No module named 'q'", "[rank0]: bye"]).startswith(
        "Module"
    )
    assert last_words(["only this"]) == "only this"
    assert last_words([]) == ""


def test_a_peer_that_cannot_start_is_reported_not_skipped(tmp_path):
    settings = Settings(tmp_path / "there-is-no-data.npz", processors=[0], patience=60.0)
    results = measure([BY_KEY["numpy"]], settings)
    assert list(results.not_run) == ["numpy"]
    assert "No such file" in results.not_run["numpy"]
    assert results.steps == {"mlp": {}, "small": {}}
    assert results.whole == {}


def test_a_peer_that_hangs_is_ended(tmp_path):
    request = Request("numpy", "mlp", str(tmp_path / "data.npz"), None, [0])
    with pytest.raises(PeerError, match=r"no answer within 0 s"):
        Process(request, environment(BY_KEY["numpy"], 1, tmp_path), patience=0.01)


def test_no_group_is_killed_after_its_leader_was_reaped(tmp_path, monkeypatch):
    killed, kill = [], os.killpg

    def killpg(group, number):
        killed.append(os.waitid(os.P_PID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT))  # fails if reaped
        kill(group, number)

    monkeypatch.setattr(processes.os, "killpg", killpg)
    request = Request("no-such-peer", "mlp", str(tmp_path / "data.npz"), None, [0])
    with pytest.raises(PeerError):
        Process(request, dict(os.environ), 30.0)
    assert killed and killed[0].si_status == 1  # it had ended by itself


def test_the_roster_imports_no_library():
    lines = "import sys, benchmarks.peers.worker; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("module", [page, processes, ratios, roster, tables], ids=lambda m: m.__name__)
def test_examples(module):
    failed, tried = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failed
