"""step.html: one file, everything in it, nothing asked of the network; two languages with the same words."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

import gradtape
from gradtape import Sequential, engine, layers
from gradtape.callbacks.terminate_on_nan import NotFiniteError
from gradtape.replay import open_run
from gradtape.views.step import html
from gradtape.views.step.array_pool import Pool, in_blocks
from gradtape.views.step.html import step_page
from gradtape.views.step.step_view import step_view
from tests.replay.trainings import MODELS, plain, recorded

PAGE = Path(html.__file__).parent / "page"
WORDS = {
    language: json.loads((PAGE / f"{language}.json").read_text(encoding="utf-8"))
    for language in html.LANGUAGES
}
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PAGE.glob("*.js")))


@pytest.fixture(scope="module")
def step(tmp_path_factory):
    return recorded(tmp_path_factory.mktemp("page") / "run", plain).at(7)


def data_of(page):
    """Return what the page knows, read from it as the browser does."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


def array_of(page, shown, number):
    """Return an array of the page that went in whole."""
    assert shown["arrays"][number]["level"] == "exact"
    text = re.search(rf'id="array-{number}">([^<]*)<', page)
    values = np.frombuffer(base64.b64decode(text[1] if text else ""), "<f4")
    return values.reshape(shown["arrays"][number]["shape"])


def test_the_page_is_one_file_that_asks_nobody(step, tmp_path):
    written = step.html(tmp_path / "step.html")
    page = written.read_text(encoding="utf-8")
    assert written == tmp_path / "step.html"
    assert "default-src 'none'" in page
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert not re.findall(r"https?://|@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(", page)
    assert not re.findall(r"<!--[A-Z]+-->", page)
    assert str(tmp_path) not in page and str(Path(gradtape.__file__).parent) not in page


@pytest.mark.parametrize("name", MODELS)
def test_the_page_holds_the_step(tmp_path, name):
    step = recorded(tmp_path / "run", MODELS[name]).at(7)
    page = step_page(step)
    shown = data_of(page)
    assert shown["step"]["verdict"]["same"] is True
    assert [r["name"] for r in shown["records"]] == [r.name for r in step.records]
    for record, told in zip(step.records, shown["records"], strict=True):
        np.testing.assert_array_equal(
            array_of(page, shown, told["outputs"][0]), np.asarray(record.output_value, "float32")
        )
    for update in shown["updates"]:
        if update["arrays"]:
            for part, values in (
                ("before", step.variables_before),
                ("after", step.variables_after),
                ("gradient", step.gradients),
            ):
                found = array_of(page, shown, update["arrays"][part])
                np.testing.assert_array_equal(found, values[update["path"]])


def test_the_samples_are_those_of_the_batch(step):
    shown = data_of(step_page(step))["samples"]
    assert shown["ids"] == [int(i) for i in step.sample_ids]
    assert shown["losses"] == pytest.approx([float(v) for v in step.sample_losses])
    assert [target for target, _ in shown["targets"]] == [int(v) for v in step.y]
    assert [answer for answer, _ in shown["predictions"]] == [int(v) for v in step.predictions.argmax(axis=1)]
    assert shown["image"] is None


def test_source_lines_are_in_the_page_without_their_folders(step):
    first = data_of(step_page(step))["records"][0]
    assert re.fullmatch(r"dense\.py:\d+", first["line"]["at"])
    assert "matmul" in first["line"]["text"]


def test_text_from_outside_cannot_end_the_script():
    assert "<" not in html.in_script({"label": "</script><script>alert(1)</script><!--"})


def test_nan_and_inf_are_told_apart_and_json_stays_valid(tmp_path):
    def broken():
        made = Sequential([layers.Input((6,)), layers.Dense(3)])
        made.compile(gradtape.optimizers.SGD(1e30), "mean_squared_error")
        return made

    x = np.full((32, 6), 1e20, "float32")
    y = np.zeros((32, 3), "float32")
    with engine.active.quiet():
        with pytest.raises(NotFiniteError):
            recorded(tmp_path / "run", broken, x=x, y=y)
        step = open_run(tmp_path / "run", x, y).at(-1)
    shown = data_of(step_page(step))
    assert shown["step"]["loss"] in ("inf", "nan")
    assert any(array["nan"] or array["inf"] for array in shown["arrays"])


# What goes in.


def test_equal_arrays_go_in_once():
    pool = Pool(10_000)
    assert pool.add(np.ones(3), 5) == pool.add(np.ones(3), 1) != pool.add(np.ones(3, "float32"), 1)
    assert pool.entries[0].rank == 1


def test_large_arrays_go_in_as_blocks_and_what_does_not_fit_as_a_summary():
    rng = np.random.default_rng(1)
    needed, other = rng.normal(size=(300, 300)), rng.normal(size=(300, 301))
    pool = Pool(700_000)
    pool.add(other, 3), pool.add(needed, 1)
    pool.settle()
    assert [e.level for e in pool.entries] == ["blocks", "exact"]
    assert sum(map(len, pool.texts())) <= 700_000
    narrow = Pool(1000)
    narrow.add(needed, 1)
    narrow.settle()
    assert narrow.entries[0].level == "summary" and narrow.texts() == [""]
    assert narrow.described()[0].norm == pytest.approx(np.linalg.norm(needed))


def test_blocks_are_means_and_extremes():
    values = np.arange(12.0).reshape(3, 4)
    means, low, high = in_blocks(values, (2, 3))
    np.testing.assert_array_equal(means, [[3.0, 5.0], [9.0, 11.0]])
    np.testing.assert_array_equal(low, [[0.0, 3.0], [8.0, 11.0]])
    np.testing.assert_array_equal(high, [[6.0, 7.0], [10.0, 11.0]])


def test_a_page_stays_in_its_room(step):
    _, pool = step_view(step, 3_000)
    assert sum(map(len, pool.texts())) <= 3_000


# Words.


def test_both_languages_have_the_same_words_and_placeholders():
    english, chinese = WORDS["en"], WORDS["zh-Hans"]
    assert list(english) == list(chinese)
    for key, text in english.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", chinese[key])), key


def test_every_word_the_page_asks_for_is_there_and_none_is_idle():
    page = SCRIPTS + (PAGE / "page.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'\bt\("([\w.]+)"', page)) | set(re.findall(r'data-t="(\w+)"', page))
    asked |= set(re.findall(r'"(itsForward|itsBackward|sort\.\w+|lensAuto)"', page))
    families = tuple(re.findall(r"t\(`([\w.]+)\$\{", page))
    assert asked <= set(WORDS["en"])
    idle = {key for key in WORDS["en"] if key not in asked and not key.startswith(families)}
    assert idle == set()


def test_no_text_is_written_in_the_scripts():
    """Whatever a person reads comes from the words; a sentence in a script would stay English in Chinese."""
    texts = re.findall(r'make\("\w+", \{[^}]*\}, "([^"]+)"', SCRIPTS)
    assert [text for text in texts if re.search(r"[A-Za-z]{2}", text)] == []
