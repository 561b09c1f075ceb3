"""The model card, written by the training command from what it did and measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipelines.sentiment.training.run import Outcome

NOTICE = "<!-- Written by `ror sentiment train --card`; train again instead of editing. -->\n\n"
LIMITS = """
## Limits

- Irony is not detected; `docs/sentiment.md` gives the measured rate.
- On balanced short posts about one message in three is wrong. A single label is a hint; sums with
  their intervals are the product. Rates above hold for posts like those of the development texts.
- Complaints stated as facts ("waiting since Monday") read as neutral more often than not.
- Texts are public posts up to about 2018, and sentences written for this project.
- No emotions, no intents, no traits of persons; not for decisions about individuals.
"""


def write_card(path: Path, outcome: Outcome, artefact: Path) -> None:
    """Write the card of an artefact."""
    header = outcome.header
    parts = [
        NOTICE,
        f"# Sentiment model card: profile {header['profile']}\n\n",
        f"`{artefact.name}`, {artefact.stat().st_size / 1024:,.0f} KiB, sha256 `{outcome.digest}`.",
        f" Embedding: {_embedding(header['embedding'])}.\n\n",
        "## What it learnt from\n\n| collection | rows | terms |\n|---|---|---|\n",
    ]
    parts += [f"| {o['name']} | {o['rows']} | {o['licence']} |\n" for o in header["training"]]
    parts.append(
        "| lexicon, phrases, emoji and other tables | | written for this project |\n"
        "\nWeights hold no text of a message. No collection for non-commercial use is in profile"
        " `open`; weights derived from tweets stay under the restrictions that their collections"
        " state.\n\n## Measured on development texts\n\n"
        "Trained on `train` only; temperatures fitted on the same development texts, so that"
        " calibration is given by cross-fitting too (fitted on one half, measured on the other)."
        " Intervals: bootstrap, 95 %. Russian under profile `open`: nothing was fitted to these"
        " texts (RuSentiment), they only measure.\n\n"
        "| engine | language | n | macro-F1 | interval | recall neg / neu / pos"
        " | calibration error | cross-fitted | abstained | macro-F1 of the rest |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    for (engine, code), found in outcome.quality.items():
        recalls = " / ".join(f"{recall:.2f}" for recall in found.recalls)
        cells = (
            engine, code, str(found.count), f"{found.macro_f1:.3f}",
            f"{found.macro_f1_low:.3f}–{found.macro_f1_high:.3f}", recalls,
            f"{found.calibration_error:.3f}", f"{outcome.cross_fitted[engine, code]:.3f}",
            f"{found.abstention_rate:.2f}", f"{found.macro_f1_kept:.3f}",
        )  # fmt: skip
        parts.append(f"| {' | '.join(cells)} |\n")
    for engine in dict.fromkeys(engine for engine, _ in outcome.quality):
        six = [
            found.macro_f1
            for (name, code), found in outcome.quality.items()
            if name == engine and code != "ru"
        ]
        parts.append(f"\nMean macro-F1 of `{engine}` without Russian: {np.mean(six):.3f}.\n")
    parts.append("\n## Files read\n\n")
    for one in header["training"]:
        parts += [f"- {one['name']}: {name} `{sha}`\n" for name, sha in one["files"].items()]
    parts.append(LIMITS)
    path.write_text("".join(parts), encoding="utf-8")


def _embedding(name: str) -> str:
    if not name:
        return "none, so no head for `embed` and no teacher"
    return (
        f"{name} (MIT), which holds multilingual-e5-small (MIT); it feeds the head of `embed`, and"
        " half of each target of `linear` is what a head says that has not seen the text"
    )
