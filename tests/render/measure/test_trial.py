"""Damaged files, a few hundred: all refused with a sentence or loaded, none in much memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assets.avatar import Avatar
from assets.container import load, save
from assets.progress import SilentProgress
from render.measure import trial
from render.measure.damage import ACCIDENTS, ATTACKS, Whole, packed
from render.measure.ordeal import Order, attempt
from render.measure.subject import make_subject


@pytest.fixture(scope="module")
def subject() -> Avatar:
    return make_subject(1500, shapes=3, network=True)


@pytest.fixture(scope="module")
def whole(subject: Avatar, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "whole.avatar"
    save(subject, path, b"\x89PNG\r\n\x1a\n" * 50)
    return path


def test_a_few_hundred_damaged_files_do_no_harm() -> None:
    figures = trial.try_damaged(300, SilentProgress(), seed=3, gaussians=1500)
    assert figures["wrong"] == 0, figures["told"]
    kinds = {row["damage"]: row for row in figures["kinds"]}
    assert figures["files"] == 300 and kinds.keys() == ACCIDENTS.keys() | ATTACKS.keys()
    assert 0 < figures["most_of_allowed"] <= 1
    for kind in ("cut off", "bits flipped", "a part missing"):
        assert kinds[kind]["refused"] == kinds[kind]["files"]


@pytest.mark.parametrize("kind", [*ACCIDENTS, *ATTACKS])
def test_damage_is_done_and_done_alike_again(whole: Path, kind: str) -> None:
    sound, damage = Whole.of(whole.read_bytes()), (ACCIDENTS | ATTACKS)[kind]
    blobs = [[damage(sound, np.random.default_rng(seed)) for seed in range(6)] for _ in range(2)]
    assert blobs[0] == blobs[1]
    assert len(set(blobs[0])) > 2 and sound.blob not in blobs[0]


def test_attacks_get_past_the_hashes(whole: Path, tmp_path: Path, subject: Avatar) -> None:
    """Packed anew and hashed, a file is sound: what attacks change is what is refused."""
    (tmp_path / "again.avatar").write_bytes(packed(Whole.of(whole.read_bytes()).parts, hashed=True))
    assert trial.same(load(tmp_path / "again.avatar"), load(whole))
    assert not trial.same(subject, load(whole)), "one is coded"


def test_another_avatar_and_one_refused_for_nothing_are_told(whole: Path, subject: Avatar, tmp_path: Path) -> None:
    series = trial.Avatars({"a": Whole.of(whole.read_bytes())})
    series.prepare(tmp_path)
    order = Order(8, "cut off", "a", whole, whole.stat().st_size)
    assert not attempt(series, order).wrong
    assert "another avatar" in series.complaint(order, subject)
    assert not series.complaint(Order(8, "bombs", "a", whole, 1), subject)
    assert "nothing is wrong" in series.complaint(order, None)
