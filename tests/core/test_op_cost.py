"""What operations cost, by hand."""

import pytest

from gradtape.core.op_cost import flops


@pytest.mark.parametrize("name", ["reshape", "transpose", "cast", "concatenate", "take"])
def test_what_only_moves_elements_computes_nothing(name):
    assert flops(name, [(6, 4)], (4, 6), {}) == 0


def test_products_and_elements():
    assert flops("matmul", [(2, 3), (3, 5)], (2, 5), {}) == 2 * 2 * 3 * 5
    assert flops("matmul_transpose_a", [(3, 2), (3, 5)], (2, 5), {}) == 2 * 2 * 3 * 5
    assert flops("add", [(2, 3), (3,)], (2, 3), {}) == 6
