from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import ExitCode, RorError
from pipelines.identity.decisions import Action, State, after, decide, decisions
from pipelines.identity.identifiers import identifier_of
from pipelines.settings import Settings

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAIR = ("profile|x", "contact|1")


def test_after_when_each_action_meets_each_state_then_what_the_page_draws() -> None:
    drawn = {
        (Action.APPROVE, State.OPEN): State.APPROVED,
        (Action.APPROVE, State.APPROVED): None,
        (Action.APPROVE, State.REJECTED): State.APPROVED,
        (Action.REJECT, State.OPEN): State.REJECTED,
        (Action.REJECT, State.APPROVED): State.REJECTED,
        (Action.REJECT, State.REJECTED): None,
        (Action.UNMERGE, State.OPEN): State.REJECTED,
        (Action.UNMERGE, State.APPROVED): State.OPEN,
        (Action.UNMERGE, State.REJECTED): None,
    }
    assert {pair: after(*pair, None) for pair in drawn} == drawn
    assert after(Action.APPROVE, State.REJECTED, Action.UNMERGE) is State.OPEN


@given(st.lists(st.sampled_from(list(Action)), max_size=6))
def test_after_when_unmerge_follows_an_approval_of_an_open_pair_then_it_is_open(
    actions: list[Action],
) -> None:
    state, last = State.OPEN, None
    for action in actions:
        state, last = after(action, state, last) or state, action
    if state is State.OPEN:
        for first, second in ((Action.APPROVE, Action.UNMERGE), (Action.UNMERGE, Action.APPROVE)):
            between = after(first, State.OPEN, last)
            assert between is not None
            assert after(second, between, first) is State.OPEN


def test_decide_when_called_then_the_last_state_of_each_pair_is_kept(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert decisions(settings) == []
    first = decide(settings, Action.APPROVE, *PAIR, AT, "saw both")
    decide(settings, Action.REJECT, "email|e", "contact|1", AT)
    last = decide(settings, Action.UNMERGE, *reversed(PAIR), AT + timedelta(hours=1))
    assert (first.a, first.b, first.state) == ("contact|1", "profile|x", State.APPROVED)
    assert [(d.a, d.b, d.state) for d in decisions(settings)] == [
        ("contact|1", "email|e", State.REJECTED),
        ("contact|1", "profile|x", State.OPEN),
    ]
    assert decisions(settings)[-1] == last
    assert settings.ledger_file.stat().st_mode & 0o077 == 0


def test_decide_when_nothing_would_change_then_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path)
    decide(settings, Action.APPROVE, *PAIR, AT)
    with pytest.raises(RorError, match="approved already") as refused:
        decide(settings, Action.APPROVE, *PAIR, AT)
    assert refused.value.code is ExitCode.USAGE
    with pytest.raises(RorError, match="one identifier"):
        decide(settings, Action.REJECT, "email|e", "email|e", AT)
    assert len(decisions(settings)) == 1


def test_decide_when_a_seed_approved_then_unmerge_opens_the_pair_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.seeds_folder.mkdir(parents=True)
    (settings.seeds_folder / "identity_decisions.csv").write_text(
        "decision,left_identifier,right_identifier,note\napproved,profile|x,contact|1,\n"
    )
    assert decide(settings, Action.UNMERGE, *PAIR, AT).state is State.OPEN


def test_identifier_when_typed_then_readable_values_become_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pseudonym_key="ab" * 32)  # type: ignore[arg-type]
    key = "k1_" + "0" * 32
    assert identifier_of("contact:K:1", settings) == "contact|K:1"
    assert identifier_of(f"email:{key}", settings) == f"email|{key}"
    assert identifier_of("email:Ann@Example.org", settings) == identifier_of(
        "email:ann@example.org", settings
    )
    assert identifier_of("profile:twitter:@Ann", settings) == identifier_of(
        "profile:x:ann", settings
    )
    for wrong in ("ann", "phone:1", "email:", "profile:ann", ""):
        with pytest.raises(RorError) as refused:
            identifier_of(wrong, settings)
        assert refused.value.code is ExitCode.USAGE
