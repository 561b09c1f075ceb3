"""Who they are: affinity, segment, exposure, order values; drawn before anything happens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from pipelines.world.planted.draws import Floats, Integers, Stream
from pipelines.world.planted.parameters import PlantedParameters

NEVER = -1
AFFINITY_ON_RATE = 0.5  # log rate per unit of affinity times confounding
EXPOSURE_NOISE = 2.0  # sd of what else decides who is exposed; affinity has sd 1
TIMING_NOISE = 2.0  # sd of what else decides when
CONTACT_LEAD_WEEKS = 26  # people are known for up to half a year before the window
MIN_CONTACT_LEAD_WEEKS = 4
STRANGER_LOG_RATE = 2.5  # log factor on the rate of strangers
# Gamma-Gamma of order values in EUR: CDNOW-like, mean p·v/(q − 1) = 35
VALUE_P, VALUE_Q, VALUE_V = 6.25, 3.74, 15.44
# BG/NBD of CDNOW, weeks (Fader, Hardie and Lee 2005, https://doi.org/10.1287/mksc.1040.0098)
BUYING_R, BUYING_ALPHA, LEAVING_A, LEAVING_B = 0.243, 4.414, 0.793, 2.426

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """All arrays (people,). `rate`: purchases per week before season, trend and effect.

    `onset`: first exposed week or NEVER. `value_rate`: ν of the person's order values.
    `leaving`: chance to leave after a purchase. `first_contact_week`: negative before the window.
    """

    affinity: Floats
    segment: Integers
    onset: Integers
    rate: Floats
    value_rate: Floats
    leaving: Floats
    first_contact_week: Integers
    is_bot: Booleans

    @property
    def joins(self) -> Booleans:
        """Exposed at some time."""
        found: Booleans = self.onset != NEVER
        return found


def draw_people(parameters: PlantedParameters) -> People:
    """Everybody, confounded: who has more affinity buys more, is exposed more often and earlier."""
    count, traps = parameters.people, parameters.traps
    stream = Stream(parameters.seed, "people")
    affinity = stream.normals(count)
    segment = (stream.uniforms(count) < 0.5).astype(np.int64)
    value_rate = stream.gammas(np.full(count, VALUE_Q)) / VALUE_V
    is_bot = Stream(parameters.seed, "bots").uniforms(count) < traps.bot_share
    onset = _onsets(parameters, affinity, is_bot)
    log_rate = AFFINITY_ON_RATE * parameters.confounding * affinity
    log_rate += parameters.segment_log_rate * segment
    entry = Stream(parameters.seed, "entry")
    first_contact = _first_contacts(parameters, onset, entry)
    strange = (entry.uniforms(count) < traps.stranger_share) & (onset != NEVER)
    log_rate += STRANGER_LOG_RATE * strange
    exits = Stream(parameters.seed, "exits")
    if traps.is_mortal:
        rate = np.exp(log_rate) * exits.gammas(np.full(count, BUYING_R)) / BUYING_ALPHA
        leaving = exits.betas(LEAVING_A, LEAVING_B, count)
    else:
        rate, leaving = np.exp(parameters.purchase_log_rate + log_rate), np.zeros(count)
    return People(affinity, segment, onset, rate, value_rate, leaving, first_contact, is_bot)


def _onsets(parameters: PlantedParameters, affinity: Floats, is_bot: Booleans) -> Integers:
    """Week of the first exposure; a known share is never exposed, bots always are."""
    stream = Stream(parameters.seed, "exposure")
    pull = parameters.confounding * affinity
    wish = pull + EXPOSURE_NOISE * stream.normals(len(affinity))
    spread = math.hypot(parameters.confounding, EXPOSURE_NOISE)
    joins = is_bot | (wish > spread * NormalDist().inv_cdf(parameters.never_share))
    haste = pull + TIMING_NOISE * stream.normals(len(affinity))
    place = np.argsort(np.argsort(-haste, kind="stable"), kind="stable") / len(affinity)
    onsets = np.array(parameters.onsets)
    return np.where(joins, onsets[(place * len(onsets)).astype(np.int64)], NEVER)


def _first_contacts(parameters: PlantedParameters, onset: Integers, stream: Stream) -> Integers:
    """Known 4 to 26 weeks before the window; those who enter late, just before their onset."""
    count = parameters.people
    early = MIN_CONTACT_LEAD_WEEKS + stream.uniforms(count) * (
        CONTACT_LEAD_WEEKS - MIN_CONTACT_LEAD_WEEKS
    )
    anchor = np.where(
        onset == NEVER, (stream.uniforms(count) * parameters.weeks).astype(np.int64), onset
    )
    late = anchor - 1 - (stream.uniforms(count) * MIN_CONTACT_LEAD_WEEKS).astype(np.int64)
    is_late = stream.uniforms(count) < parameters.traps.late_entry_share
    return np.where(is_late, np.maximum(late, 0), -early.astype(np.int64))
