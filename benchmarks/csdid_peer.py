"""csdid on the panel of a folder; run by an interpreter that has it and knows nothing of us.

Arguments: folder, weeks, repeats. Prints median CPU seconds of a fit with its overall effect.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from csdid.att_gt import ATTgt


def frame_of(folder: str, weeks: int) -> pd.DataFrame:
    """Person-weeks as rows; weeks begin at 1, an onset of 0 is never."""
    people = pd.read_parquet(folder + "/people.parquet")
    rows = pd.read_parquet(folder + "/outcomes.parquet")
    index = pd.MultiIndex.from_product([people.person_id, range(weeks)], names=["person", "week"])
    frame = index.to_frame(index=False).merge(
        rows, "left", left_on=["person", "week"], right_on=["person_id", "week_index"]
    )
    onset = (people.onset_week_index.fillna(-1) + 1).astype(int)
    return pd.DataFrame(
        {
            "person": frame.person,
            "week": frame.week + 1,
            "outcome": frame.outcome.fillna(0.0),
            "onset": onset.reindex(frame.person).to_numpy(),
        }
    )


def overall(frame: pd.DataFrame) -> tuple[float, float]:
    """Effect and standard error over all cohorts and weeks since onset."""
    model = ATTgt(
        yname="outcome", tname="week", idname="person", gname="onset", data=frame,
        control_group=["nevertreated"], xformla=None, panel=True, allow_unbalanced_panel=False,
    ).fit(est_method="reg", base_period="varying", bstrap=False)  # fmt: skip
    simple = model.aggte(typec="simple", bstrap=False, cband=False).atte
    return float(simple["overall_att"]), float(np.ravel(simple["overall_se"])[0])


def main() -> None:
    """Time it."""
    folder, weeks, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    frame, taken = frame_of(folder, weeks), []
    effect = error = float("nan")
    for _ in range(repeats):
        started = time.process_time()
        effect, error = overall(frame.copy())
        taken.append(time.process_time() - started)
    print(json.dumps({"cpu": sorted(taken)[repeats // 2], "effect": effect, "error": error}))


if __name__ == "__main__":
    main()
