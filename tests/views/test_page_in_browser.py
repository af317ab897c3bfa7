"""The page in a real browser, where there is one: it starts without an error, and cells and keys do what they say."""

import re
import shutil
import subprocess

import pytest

from gradtape import layers
from gradtape.views.step.html import step_page
from tests.replay.trainings import MODELS, recorded
from tests.rerun.test_nested_records import Gated, Halves, step_of

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--enable-logging=stderr"]  # fmt: skip

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no browser here")

# What a person would do, and what is then on the page, put into an element of its own.
VISIT = """<script>
const said = []; const key = (k) => document.dispatchEvent(new KeyboardEvent("keydown", {key: k, bubbles: true}));
const note = (what) => said.push(`${what}: ${document.querySelector(".numbers")?.textContent ?? ""}`);
const chips = () => document.querySelectorAll("#lanes .chip.paired").length;
const click = () => { const c = document.querySelector("#detail canvas"); if (!c) return; const b = c.getBoundingClientRect();
  c.dispatchEvent(new MouseEvent("click", {clientX: b.left + 2, clientY: b.top + 2, bubbles: true})); };
const rest = () => new Promise((done) => { setTimeout(done, 200); });
addEventListener("load", async () => { try {
  const count = JSON.parse(document.getElementById("data").textContent).records.length;
  click(); note("first"); said.push(`paired ${chips()}`); await rest(); said.push(location.hash);
  key("b"); click(); note("backward");
  for (let i = 0; i < count; i += 1) { key("]"); click(); note("cell"); }
  for (let i = 0; i < count; i += 1) { key("["); }
  key("2"); key("3"); key("t"); key("?"); key("l"); key("1"); click(); note("chinese");
  said.push(document.documentElement.lang);
  said.push("visited");
} catch (error) { said.push(`error ${error}`); }
document.body.append(Object.assign(document.createElement("pre"), {id: "said", textContent: said.join("\\n")})); });
</script>"""


def visit(folder, page, hash=""):
    """Open the page, do what VISIT does, and return what was said and what the console had."""
    file = folder / "step.html"
    file.write_text(page.replace("</body>", VISIT + "</body>"), encoding="utf-8")
    found = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", f"file://{file}{hash}"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return re.search(r'<pre id="said">(.*?)</pre>', found.stdout, re.S)[1], re.findall(
        r"CONSOLE.*", found.stderr
    )


@pytest.mark.parametrize("name", MODELS)
def test_every_operation_opens_without_an_error(tmp_path, name):
    step = recorded(tmp_path / "run", MODELS[name]).at(7)
    said, console = visit(tmp_path, step_page(step), "#lang=en&theme=light")
    assert console == []
    assert said.splitlines()[-2:] == ["zh-Hans", "visited"], said
    assert "op=0&amp;cell=0,0" in said


def test_the_sum_on_the_page_is_that_of_the_step(tmp_path):
    step = recorded(tmp_path / "run", MODELS["adam"]).at(7)
    said, _ = visit(tmp_path, step_page(step), "#lang=en")
    found = float(re.search(r"in the step: (\S+)", said)[1].replace("−", "-").replace("backward", ""))
    assert found == pytest.approx(float(step.records[0].output_value[0, 0]), rel=1e-6)
    whole = float(re.search(r"adds the bias: .* = (\S+?)in the step", said)[1].replace("−", "-"))
    assert whole == pytest.approx(float(step.records[1].output_value[0, 0]), rel=1e-5)
    assert "paired 1" in said
    gradient = float(re.search(r"backward: .*in the step: (\S+)", said)[1].replace("−", "-"))
    assert gradient == pytest.approx(float(step.gradients["layers.0.kernel"][0, 0]), rel=1e-6)


def test_what_a_formula_gives_is_what_the_step_had(tmp_path):
    step = recorded(tmp_path / "run", MODELS["adam"]).at(7)
    said, _ = visit(tmp_path, step_page(step), "#lang=en")
    found = re.findall(r"^cell: y\[?[\d,]*\]? = .* = (\S+)in the step: (\S+)$", said.replace("−", "-"), re.M)
    assert len(found) > 20
    for computed, had in found:
        assert float(computed) == pytest.approx(float(had), rel=1e-4, abs=1e-6)


def test_a_page_that_is_all_summaries_still_opens(tmp_path):
    step = recorded(tmp_path / "run", MODELS["adam"]).at(7)
    said, console = visit(tmp_path, step_page(step, room=2_000), "#lang=en")
    assert console == [] and "visited" in said


def test_operations_with_bodies_and_several_outputs_open(tmp_path):
    step = step_of(tmp_path, Gated(), layers.Dense(4), Halves())
    said, console = visit(tmp_path, step_page(step), "#lang=en")
    assert console == [] and said.splitlines()[-1] == "visited", said
