"""Formulas as MathML."""

import pytest

from gradtape.core.operation import rules_table
from gradtape.display.curves import curve
from gradtape.display.mathml import formula_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("-g", "<math><mo>&#8722;</mo><mi>g</mi></math>"),
        ("g * x2", "<math><mi>g</mi><mo>&#183;</mo><msub><mi>x</mi><mn>2</mn></msub></math>"),
        ("x**2", "<math><msup><mi>x</mi><mn>2</mn></msup></math>"),
        ("g where x > 0, else 0", "<code>g where x &gt; 0, else 0</code>"),
        ("a < script", "<math><mi>a</mi><mo>&lt;</mo><mi>script</mi></math>"),
        ("see <script>!", "<code>see &lt;script&gt;!</code>"),
        ("", "<code></code>"),
    ],
)
def test_a_formula(text, html):
    assert formula_html(text) == html


def test_every_rule_can_be_shown():
    for _, _, formula in rules_table():
        html = formula_html(formula)
        assert html.startswith("<math>") or html.startswith("<code>")


def test_a_curve_leaves_gaps_where_it_is_not_finite():
    svg = curve([3.0, float("nan"), 1.0, 2.0], "loss")
    assert svg.count("M") == 2 and "lowest 1, last 2" in svg
    assert curve([float("nan")], "loss") == ""
