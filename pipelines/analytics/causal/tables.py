"""A question from the columns of `roi_cohorts` and `people_weekly`, whatever the order of rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.analytics.causal.analysis import Question
from pipelines.analytics.causal.dose import MAX_DOSE, Doses
from pipelines.analytics.causal.panel import Panel, panel_from_tables


def question_from_tables(
    people: pa.Table, weekly: pa.Table, weeks: int, before: pa.Table | None = None,
    is_screened: bool = True,
) -> Question:  # fmt: skip
    """A question of eligible people; rows of others in `weekly` must have been left out.

    `people`: person_id, onset_week_index (NULL = never). `weekly`: person_id, week_index,
    margin_minor, order_count, dose; what has no row is zero. `before`: person_id, week_index,
    margin_minor of as many weeks before the window: the placebo outcome.
    """
    ids = pc.sort_indices(people["person_id"])
    order = people["person_id"].take(ids).combine_chunks()
    panel = panel_from_tables(people, _outcome(weekly), weeks)
    person = pc.index_in(weekly["person_id"].combine_chunks(), value_set=order).to_numpy()
    week = weekly["week_index"].to_numpy().astype(np.int64)
    dose = np.zeros((panel.people, weeks), dtype=np.uint8)
    dose[person, week] = np.minimum(weekly["dose"].to_numpy(), MAX_DOSE)
    orders = np.zeros((panel.people, weeks), dtype=np.int32)
    np.add.at(orders, (person, week), weekly["order_count"].to_numpy())
    placebo = _placebo(people, before, weeks)
    return Question(panel, Doses(panel.onset, dose, orders), placebo, is_screened)


def _outcome(table: pa.Table) -> pa.Table:
    columns = ["person_id", "week_index", "margin_minor"]
    return table.select(columns).rename_columns(["person_id", "week_index", "outcome"])


def _placebo(people: pa.Table, before: pa.Table | None, weeks: int) -> Panel | None:
    return None if before is None else panel_from_tables(people, _outcome(before), weeks)
