"""Idle life: the same at the same time, small, and with blinks at human intervals."""

from __future__ import annotations

import numpy as np
import pytest

from assets.arkit import INDEX
from render.measure.cloud import make_cloud
from render.motion.life import BREATH_S, idle
from render.motion.skeleton import rotation_matrices, skinning_matrices

SKELETON = make_cloud(10).skeleton
NAMES = (*SKELETON.names, "eye_l", "eye_r", "clavicle_l", "clavicle_r", "spine_02")


def _blinks(seed: int, seconds: float) -> np.ndarray:
    """Times at which the lids begin to shut, watched at 100 Hz."""
    times = np.arange(0, seconds, 0.01)
    shut = np.array([idle(t, NAMES, seed).expression[INDEX["eyeBlinkLeft"]] for t in times]) > 0.05
    return times[1:][shut[1:] & ~shut[:-1]]


def test_a_pure_function_of_time_and_seed() -> None:
    a, b = idle(12.34, NAMES, 3), idle(12.34, NAMES, 3)
    assert np.array_equal(a.rotations, b.rotations) and np.array_equal(a.expression, b.expression)
    assert not np.array_equal(a.rotations, idle(12.34, NAMES, 4).rotations)


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_blinks_are_two_to_six_seconds_apart(seed: int) -> None:
    gaps = np.diff(_blinks(seed, 120))
    assert len(gaps) >= 20
    assert gaps.min() >= 1.95 and gaps.max() <= 6.05
    assert gaps.std() > 0.3


def test_every_blink_shuts_both_eyes_at_a_twentieth_of_a_second() -> None:
    """However the 20 Hz grid falls, one of its keys meets the lids shut."""
    for blink in _blinks(5, 60):
        for offset in (0.0, 0.013, 0.029, 0.041):
            keys = [idle(blink - 0.1 + offset + 0.05 * k, NAMES, 5).expression for k in range(10)]
            for eye in ("eyeBlinkLeft", "eyeBlinkRight"):
                assert max(float(key[INDEX[eye]]) for key in keys) == 1.0


def test_only_the_lids_move_in_the_face_and_weights_stay_in_range() -> None:
    faces = np.array([idle(t, NAMES, 0).expression for t in np.arange(0, 30, 0.05)])
    others = np.delete(faces, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]], axis=1)
    assert (others == others[0]).all()
    assert faces[0, INDEX["mouthSmileLeft"]] > 0.1  # a kind face
    assert faces[0, INDEX["jawOpen"]] == 0  # that is silent
    assert faces.min() >= 0 and faces.max() <= 1


def test_rotations_are_unit_and_finite_for_any_rig() -> None:
    for names in (NAMES, ("something", "else"), ("Root", "HEAD")):
        rotations = idle(7.7, names, 1).rotations
        assert rotations.shape == (len(names), 4)
        assert np.linalg.norm(rotations, axis=1) == pytest.approx(1, abs=1e-6)


def _head_and_hand(time_s: float) -> tuple[np.ndarray, np.ndarray]:
    state = idle(time_s, SKELETON.names, 0)
    posed = skinning_matrices(SKELETON, state.rotations, state.root) @ SKELETON.rest
    return posed[SKELETON.names.index("head"), :3, 3], posed[SKELETON.names.index("hand_l"), :3, 3]


def test_breath_and_sway_are_small_but_there() -> None:
    heads = np.array([_head_and_hand(t)[0] for t in np.arange(0, 60, 0.1)])
    spread = np.ptp(heads, axis=0)
    assert 0.002 < spread.max() < 0.03


def test_neighbouring_keys_are_close() -> None:
    turns = np.array([rotation_matrices(idle(t, NAMES, 2).rotations.astype(float)) for t in np.arange(0, 20, 0.05)])
    body = [i for i, name in enumerate(NAMES) if not name.startswith("eye")]
    steps = np.abs(np.diff(turns[:, body], axis=0)).max()
    assert steps < np.radians(0.5)


def test_breathing_repeats_every_breath() -> None:
    chest = NAMES.index("spine_02")
    at = [idle(t, NAMES, 0).rotations[chest] for t in (1.0, 1.0 + BREATH_S, 1.0 + BREATH_S / 2)]
    assert at[0] == pytest.approx(at[1], abs=1e-6)
    assert np.abs(at[0] - at[2]).max() > 1e-3


def test_the_arms_hang_lower_than_at_rest_and_alike() -> None:
    state = idle(0.0, SKELETON.names, 0)
    posed = skinning_matrices(SKELETON, state.rotations, state.root) @ SKELETON.rest
    left, right = (posed[SKELETON.names.index(f"hand_{side}"), :3, 3] for side in "lr")
    assert left[1] < SKELETON.rest[SKELETON.names.index("hand_l"), 1, 3] - 0.2
    assert left * (-1, 1, 1) == pytest.approx(right, abs=0.02)
