"""What `make bench` makes of measured times, and when it calls a figure a fault."""

import pytest
from bench import report_confirm
from measure.figures import estimate, ratio


def test_the_interval_lies_between_the_values_that_the_sign_test_names():
    # Of ten values, the true median lies between the second and the ninth in 97.9 % of cases.
    assert estimate(range(1, 11)) == (5.5, 2, 9)
    assert estimate(range(1, 7)) == (3.5, 1, 6)


def test_one_wild_value_changes_nothing():
    assert estimate([*range(1, 10), 1000]) == (5.5, 2, 9)


def test_too_few_values_have_no_interval():
    with pytest.raises(ValueError, match="too few"):
        estimate(range(5))


def test_a_ratio_compares_rounds_that_were_measured_together():
    # The machine slows down tenfold in between: for both.
    base = [[1], [2], [10], [20], [1], [2]]
    other = [[1.1], [2.2], [11], [22], [1.1], [2.2]]
    assert [round(value, 6) for value in ratio(base, other)] == [1.1, 1.1, 1.1]


def _samples(gate_off):
    rounds = 8
    return {"plain Odoo": [[[1.0, 100]]] * rounds, "gate off": [[gate_off]] * rounds}


@pytest.mark.parametrize(
    ("gate_off", "fault"),
    [([1.0, 100], None), ([1.04, 100], None), ([1.2, 100], "times as long"), ([1.0, 101], "more")],
)
def test_what_is_slower_or_asks_more_is_a_fault(gate_off, fault, capsys):
    faults = report_confirm(_samples(gate_off))
    assert "plain Odoo" in capsys.readouterr().out
    assert [fault in sentence for sentence in faults] == ([True] if fault else [])
