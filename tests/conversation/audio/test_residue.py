"""Whose voice is it: the judgement of what is left."""

from conversation.audio.residue import Residue


def fed(left: float, clean: float, doubt: float) -> Residue:
    residue = Residue()
    for _ in range(40):
        residue.push(left, clean, doubt)
    return residue


def test_where_nothing_plays_every_voice_is_the_users() -> None:
    assert fed(1e-3, 1e-3, 0.0).judge(0.8) == 0.8


def test_what_both_filters_leave_is_the_users() -> None:
    residue = fed(1e-3, 5e-4, 1e-5)
    assert residue.judge(0.8) == 0.8 and not residue.moved


def test_what_aec3_takes_away_was_echo_and_the_filter_should_follow() -> None:
    residue = fed(1e-3, 1e-5, 1e-5)
    assert residue.judge(0.9) == 0.0 and residue.moved


def test_a_filter_that_doubts_itself_proves_nothing() -> None:
    assert fed(1e-3, 1e-3, 1e-3).judge(0.9) == 0.0


def test_a_voice_stays_the_users_through_a_soft_syllable() -> None:
    residue = fed(1e-3, 5e-4, 1e-5)
    assert residue.judge(0.9) == 0.9
    for _ in range(40):
        residue.push(1e-3, 1e-6, 1e-5)
    assert residue.judge(0.9) == 0.9
    assert [residue.judge(0.9) for _ in range(3)][-1] == 0.0
