"""The film: sound on the right moment, pictures that show the avatar, both eyes with parallax."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import moderngl
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.arkit import INDEX
from assets.progress import SilentProgress
from conversation.link.mouth_place import Mouth
from render.load import Quality
from render.measure.cloud import make_cloud
from render.view import View, look_at_pose
from xr_app.emulated.camera_picture import CameraPicture
from xr_app.emulated.room import Room
from xr_app.errors import FilmError
from xr_app.film import SOUND_RATE, Look, Track, draw_film, mix
from xr_app.film_sound import placed
from xr_app.frame_log import FrameLog, ShownFrame, blend_pose

FULL = Quality(5000, 1.0)
SECOND = 1_000_000_000
FOV = (-0.45, 0.45, 0.5, -0.4)


def log(seconds: float, fps: float) -> FrameLog:
    frames = []
    for k in range(round(seconds * fps) + 1):
        t = k / fps
        head = look_at_pose((0.3 * t, 1.55, 1.6), (0, 1.4, 0))
        eyes = []
        for side in (-0.032, 0.032):
            pose = head.copy()
            pose[:3, 3] += side * head[:3, 0]
            eyes.append(View(pose, FOV, 64, 64))
        face = np.zeros(52, np.float32)
        face[INDEX["jawOpen"]] = 0.5
        frames.append(
            ShownFrame(
                round(t * SECOND), head, tuple(eyes), face, k % 4 == 0, False, 2.0, Quality(5000, 1.0), np.eye(4)
            )
        )
    return FrameLog(0, 1, frames)


def test_mix_puts_each_sound_on_its_moment() -> None:
    click = np.zeros(2400, np.float32)
    click[0] = 1.0
    out = mix([Track(click, 24_000, 5 * SECOND, 0.5), Track(click, 24_000, int(5.25 * SECOND))], 4 * SECOND, 7 * SECOND)
    assert out.shape == (3 * SOUND_RATE, 2) and np.array_equal(out[:, 0], out[:, 1])
    loud = np.abs(out[:, 0])
    assert abs(int(loud[: int(1.1 * SOUND_RATE)].argmax()) - SOUND_RATE) <= 2
    assert abs(int(loud[int(1.1 * SOUND_RATE) :].argmax()) + int(1.1 * SOUND_RATE) - round(1.25 * SOUND_RATE)) <= 2
    assert not mix([Track(click, 24_000, 0)], 4 * SECOND, 5 * SECOND).any()


def test_a_voice_beside_is_on_its_side_and_not_later() -> None:
    first, _, last = log(2.0, 1.0).frames
    left, right = (Mouth((side, 0.0, 0.0), (-side, 0.0, 0.0)) for side in (-1.0, 1.0))
    record = FrameLog(0, 1, [replace(first, mouth=left), replace(last, mouth=right)])
    voice = Track(np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32), 24_000, 0)
    heard = placed(voice, record)
    assert heard.samples.shape == (48_000, 2) and heard.start_ns == 0
    begin, end = (np.sqrt(np.mean(heard.samples[part] ** 2, axis=0)) for part in (slice(4800), slice(43_200, None)))
    assert begin[0] > 1.5 * begin[1] and end[1] > 1.5 * end[0]
    ahead = placed(voice, FrameLog(0, 1, log(2.0, 1.0).frames))
    np.testing.assert_allclose(ahead.samples, np.stack([voice.samples] * 2, axis=1), atol=1e-6)
    both = mix([voice, heard], 0, SECOND)
    assert both.shape == (SOUND_RATE, 2) and not np.allclose(both[:, 0], both[:, 1])


def test_views_between_frames() -> None:
    record = log(1.0, 4.0)
    _, (left, right) = record.views_at(SECOND // 8)
    halfway = (record.frames[0].views[0].pose[:3, 3] + record.frames[1].views[0].pose[:3, 3]) / 2
    np.testing.assert_allclose(left.pose[:3, 3], halfway, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(left.pose[:3, 3] - right.pose[:3, 3]), 0.064, atol=1e-4)
    np.testing.assert_allclose(record.views_at(-SECOND)[0], record.frames[0].head, atol=1e-12)
    np.testing.assert_allclose(record.views_at(9 * SECOND)[0], record.frames[-1].head, atol=1e-12)


def test_the_mouth_between_frames() -> None:
    first, _, last = log(2.0, 1.0).frames
    a = Mouth((0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (0.0, -3.0, -1.0))
    b = Mouth((1.0, 0.2, -1.0), (-1.0, 0.0, 0.0), (1.0, -3.2, -1.0))
    record = FrameLog(0, 1, [replace(first, mouth=a), replace(last, mouth=b)])
    assert record.mouth_at(SECOND) == Mouth((0.5, 0.1, -1.0), (-0.5, 0.0, 0.5), (0.5, -3.1, -1.0))
    assert record.mouth_at(-SECOND) == a and record.mouth_at(9 * SECOND) == b
    record.frames[1] = replace(last, mouth=replace(b, image=None))
    assert record.mouth_at(SECOND).image is None


def test_blend_of_poses_is_rigid() -> None:
    a, b = np.eye(4), np.eye(4)
    b[:3, :3] = Rotation.from_euler("y", 90, degrees=True).as_matrix()
    middle = blend_pose(a, b, 0.5)
    np.testing.assert_allclose(middle[:3, :3], Rotation.from_euler("y", 45, degrees=True).as_matrix(), atol=1e-12)


def test_film_shows_the_avatar_to_both_eyes(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    noise = (0.1 * np.random.default_rng(0).standard_normal(24_000)).astype(np.float32)
    facts = draw_film(
        log(1.0, 6.0),
        lambda ns: np.zeros(52, np.float32),
        make_cloud(3000),
        [Track(noise, 24_000, 0)],
        path,
        begin_ns=0,
        end_ns=SECOND,
        rows=96,
        fps=10.0,
        progress=SilentProgress(),
    )
    assert (facts.frames, facts.width, facts.height, facts.fps) == (10, 96, 96, 10.0)
    assert 1 <= facts.sorted < 10
    probe = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)],
            check=True, capture_output=True, text=True,
        ).stdout
    )  # fmt: skip
    video, sound = sorted(probe["streams"], key=lambda stream: stream["codec_type"], reverse=True)
    assert (video["width"], video["height"], int(video["nb_frames"])) == (192, 96, 10)
    assert abs(float(sound["duration"]) - 1.0) < 0.1
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    pictures = np.frombuffer(raw, np.uint8).reshape(10, 96, 192, 3).astype(int)
    left, right = pictures[:, :, :96], pictures[:, :, 96:]
    blue = pictures[..., 2] - pictures[..., 0]  # the probe wears blue, the room is grey
    assert (blue[5] > 25).sum() > 200
    assert np.abs(left[5] - right[5]).mean() > 1  # parallax
    assert np.abs(left[9] - left[0]).mean() > 1  # the head moved
    assert pictures[:, :10].mean() > pictures[:, -6:].mean()  # wall over floor: the right way up


class Seen:
    """A film.Backdrop."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._picture = CameraPicture(ctx, Room())

    def draw(self, view: View, target: moderngl.Framebuffer, time_ns: int) -> None:
        self._picture.draw(view, target, np.eye(4))


def test_film_shows_the_room_or_the_stage_or_nothing(tmp_path: Path) -> None:
    """As the wearer did: their room for a second, a stage for a second, and nothing for a while."""
    record = log(4.0, 6.0)
    record.frames[:] = [
        replace(frame, see_through=frame.seen_ns < SECOND)
        for frame in record.frames
        if not 2.1 * SECOND < frame.seen_ns < 3.4 * SECOND
    ]
    look = Look(zoom=1.0, eyes=1, room=Seen, dark=lambda ns: 2.2 * SECOND < ns < 3.2 * SECOND)
    path = tmp_path / "film.mp4"
    facts = draw_film(
        record, lambda ns: np.zeros(52, np.float32), make_cloud(300), [Track(np.zeros(240, np.float32), 24_000, 0)],
        path, begin_ns=0, end_ns=4 * SECOND, rows=64, fps=4.0, look=look, progress=SilentProgress(),
    )  # fmt: skip
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    pictures = np.frombuffer(raw, np.uint8).reshape(facts.frames, 64, 64, 3).astype(int)
    floors = pictures[:, -8:, -10:]
    red = (floors[..., 0] - floors[..., 2]).mean(axis=(1, 2))  # wood, which the stage is not
    assert (red[:4] > 25).all() and (np.abs(red[4:9]) < 15).all()
    assert (pictures[9:13].mean(axis=(1, 2, 3)) < 4).all() and (pictures[[0, 6, 15]].mean(axis=(1, 2, 3)) > 20).all()


def test_a_film_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="could not be written"):
        draw_film(
            log(0.5, 4.0), lambda ns: np.zeros(52, np.float32), make_cloud(500), [], tmp_path / "film.unknown",
            begin_ns=0, end_ns=SECOND // 2, rows=32, fps=4.0, progress=SilentProgress(),
        )  # fmt: skip


def test_film_of_one_view_is_wide(tmp_path: Path) -> None:
    record = log(0.5, 6.0)
    record.frames[:] = [replace(frame, views=frame.views[:1]) for frame in record.frames]
    path = tmp_path / "film.mp4"
    facts = draw_film(
        record, lambda ns: np.zeros(52, np.float32), make_cloud(300), [Track(np.zeros(240, np.float32), 24_000, 0)],
        path, begin_ns=0, end_ns=SECOND // 2, rows=90, fps=4.0, progress=SilentProgress(),
    )  # fmt: skip
    assert (facts.width, facts.height) == (160, 90)
    stream = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-of", "json", str(path)],
            check=True, capture_output=True, text=True,
        ).stdout
    )["streams"][0]  # fmt: skip
    assert (stream["width"], stream["height"]) == (160, 90)
