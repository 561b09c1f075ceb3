"""Who is in a panel, and why somebody is not: the `exclusion_reason` of `roi_cohorts`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipelines.analytics.causal.panel import Booleans, Integers

# Weeks that a person must be known before the window starts. Somebody who enters within it brings
# nothing before, and who enters because of the exposure would look as if it had made him buy.
MIN_KNOWN_WEEKS = 4


def exclusion_reasons(
    first_contact_week: Integers, is_bot: Booleans, is_observable: Booleans
) -> npt.NDArray[np.str_]:
    """Per person: "" when eligible, else not_observable, bot or entered_late, the first that holds.

    `first_contact_week`: relative to the first week of the window, negative before it.
    `is_observable`: identified as customer or lead, so that a week without an order is a zero.
    """
    return np.select(
        [~is_observable, is_bot, first_contact_week > -MIN_KNOWN_WEEKS],
        ["not_observable", "bot", "entered_late"],
        "",
    )
