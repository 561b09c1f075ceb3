"""Against the table of Armstrong and Kolesár (2018, table 1: critical values at 95 %)."""

import pytest

from pipelines.analytics.causal.normal import critical_under_bias, interval, p_value, ratio


@pytest.mark.parametrize(
    ("bias", "critical"),
    [(0.0, 1.960), (0.1, 1.970), (0.2, 1.999), (0.5, 2.181), (1.0, 2.646), (2.0, 3.645)],
)
def test_critical_value_when_the_bias_is_bounded_then_it_is_the_published_one(bias, critical):
    assert critical_under_bias(bias) == pytest.approx(critical, abs=6e-4)
    assert critical_under_bias(-bias) == critical_under_bias(bias)


def test_p_value_when_at_the_usual_marks_then_it_is_the_usual_level():
    assert p_value(1.959963985) == pytest.approx(0.05)
    assert p_value(-2.575829304) == pytest.approx(0.01)


def test_interval_when_symmetric_then_it_reaches_196_errors():
    assert interval(1.0, 0.5) == pytest.approx((0.0200180077, 1.9799819923))


def test_ratio_when_there_is_no_error_then_it_is_no_number():
    assert ratio(1.0, 0.0) != ratio(1.0, 0.0)
