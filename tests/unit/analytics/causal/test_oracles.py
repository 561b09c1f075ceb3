"""Side by side with packages written by others, on panels of our own; dependency group `oracle`.

They are no dependencies of the product: each test is skipped where its package is not installed.
"""

import numpy as np
import pandas as pd
import pytest

from pipelines.analytics.causal import base_week
from pipelines.analytics.causal.adjusted import adjust, per_week
from pipelines.analytics.causal.cells import cells_of
from pipelines.analytics.causal.dose import dose_response, lead_placebo
from pipelines.analytics.causal.imputation import impute
from pipelines.analytics.causal.moments import moments_of
from pipelines.analytics.causal.panel import NEVER

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs: deprecated calls of pandas


def long_frame(panel):
    """Person-weeks as rows; their weeks begin at 1, never exposed is 0."""
    outcome = panel.dense()
    person, week = np.indices(outcome.shape)
    onset = np.where(panel.onset == NEVER, 0, panel.onset + 1)
    return pd.DataFrame(
        {
            "person": person.ravel(), "week": week.ravel() + 1, "outcome": outcome.ravel(),
            "onset": onset[person.ravel()],
        }
    )  # fmt: skip


def test_level_effect_when_csdid_gets_the_same_people_then_both_agree(small_question):
    att_gt = pytest.importorskip("csdid.att_gt", reason="csdid is not installed")
    panel = small_question.panel
    model = att_gt.ATTgt(
        yname="outcome", tname="week", idname="person", gname="onset",
        data=long_frame(panel), control_group=["nevertreated"], xformla=None, panel=True,
        allow_unbalanced_panel=False,
    ).fit(est_method="reg", base_period="varying", bstrap=False)  # fmt: skip
    simple = model.aggte(typec="simple", bstrap=False, cband=False)
    found = base_week.overall(moments_of(panel), "level").effect
    assert found.value == pytest.approx(simple.atte["overall_att"], abs=1e-9)
    error = float(np.ravel(simple.atte["overall_se"])[0])
    assert found.standard_error == pytest.approx(error, rel=1e-9)


def test_level_effect_when_differences_gets_the_same_people_then_both_agree(small_question):
    differences = pytest.importorskip("differences", reason="differences is not installed")
    panel = small_question.panel
    frame = long_frame(panel)
    frame["onset"] = frame["onset"].replace(0, np.nan)
    model = differences.ATTgt(data=frame.set_index(["person", "week"]), cohort_column="onset")
    model.fit(
        formula="outcome", est_method="reg", control_group="never_treated", progress_bar=False
    )
    simple = model.aggregate("simple")
    found = base_week.overall(moments_of(panel), "level").effect
    assert found.value == pytest.approx(float(simple.iloc[0, 0]), abs=1e-9)
    assert found.standard_error == pytest.approx(float(simple.iloc[0, 1]), rel=1e-9)


def test_slope_when_pyfixest_fits_untreated_person_weeks_then_both_agree(small_question):
    pyfixest = pytest.importorskip("pyfixest", reason="pyfixest is not installed")
    panel = small_question.panel
    found = moments_of(panel)
    frame = long_frame(panel)
    frame["x"] = (frame["onset"] > 0) * (frame["week"] - 1 - panel.weeks / 2)
    frame = frame[(frame["onset"] == 0) | (frame["week"] < frame["onset"])]
    fit = pyfixest.fepois(
        "outcome ~ x | onset + week",
        frame,
        vcov={"CRV1": "person"},
        fixef_tol=1e-12,
        iwls_tol=1e-12,
    )
    cells = cells_of(found)
    slope = per_week(adjust(found, tuple(impute(found, cells, k) for k in range(3))).slope)
    assert slope.value == pytest.approx(float(fit.coef()["x"]), abs=1e-9)
    assert slope.standard_error == pytest.approx(float(fit.se()["x"]), rel=2e-3)  # their factors


def test_dose_response_when_pyfixest_fits_the_same_then_both_agree(small_question):
    pyfixest = pytest.importorskip("pyfixest", reason="pyfixest is not installed")
    doses = small_question.doses
    frame = dose_frame(doses)
    fit = pyfixest.fepois(
        "counts ~ C(dose) | person + week",
        frame,
        vcov={"CRV1": "person"},
        fixef_tol=1e-12,
        iwls_tol=1e-12,
    )
    found = dose_response(doses)
    theirs = fit.coef().to_numpy()
    assert found.log_rate_ratio == pytest.approx(theirs, abs=1e-6)
    people = (doses.counts.sum(axis=1) > 0).sum()
    small_sample = people / (people - 1)
    error = np.sqrt(np.diag(found.covariance) * small_sample)
    assert error == pytest.approx(fit.se().to_numpy(), rel=2e-3)


def dose_frame(doses):
    person, week = np.indices(doses.dose.shape)
    return pd.DataFrame(
        {"person": person.ravel(), "week": week.ravel(), "dose": np.minimum(doses.dose, 10).ravel().astype(int),
         "counts": doses.counts.ravel().astype(float)}
    )  # fmt: skip


def test_lead_when_pyfixest_fits_the_same_then_both_agree(small_question):
    pyfixest = pytest.importorskip("pyfixest", reason="pyfixest is not installed")
    doses = small_question.doses
    frame = dose_frame(doses)
    onset = doses.onset[frame["person"]]
    since = np.where(onset == NEVER, -1, frame["week"] - onset)
    frame["event"] = np.digitize(since, [0, 1, 2, 3, 4, 8, 12, 16, 24])
    lead = np.minimum(doses.dose, 10).astype(float)
    lead[:, :-1] = lead[:, 1:]
    frame["lead"] = lead.ravel()
    frame = frame[frame["week"] < doses.dose.shape[1] - 1]
    fit = pyfixest.fepois(
        "counts ~ lead + C(dose) + C(event) | person + week",
        frame,
        vcov={"CRV1": "person"},
        fixef_tol=1e-12,
        iwls_tol=1e-12,
    )
    found = lead_placebo(doses)
    assert found.value == pytest.approx(float(fit.coef()["lead"]), abs=1e-6)
    assert found.standard_error == pytest.approx(float(fit.se()["lead"]), rel=2e-3)
