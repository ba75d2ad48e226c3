"""Make the pictures of panels and hands in the documentation again.

    python packaging/panel_pictures.py              into docs/pictures
    python packaging/panel_pictures.py FOLDER

Needs the avatar mira and the font that set-up brings. Everything is drawn by what a window draws with.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from conversation.link.events import AppEvent, Caption, CaptionWord, Transcript, TurnDone
from conversation.timings import TurnTimings
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.strokes import Strokes
from render.view import View, look_at_pose
from xr_app.avatar_files import find_avatar
from xr_app.input.gestures import grip_pose
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.input.joints import Joints
from xr_app.panels import captions, menu, status
from xr_app.panels.aims import Person
from xr_app.panels.captions import Captions, paint_captions
from xr_app.panels.choices import Choices, Does
from xr_app.panels.fonts import find_typeface
from xr_app.panels.hud import Figures
from xr_app.panels.menu import Menu, MenuPicture, paint_menu
from xr_app.panels.paint import PanelPainter
from xr_app.panels.panel import Panel
from xr_app.panels.panels import Panels
from xr_app.panels.status import Status, paint_status
from xr_app.panels.text import Writer
from xr_app.placement.placing import Placement
from xr_app.placement.standing import hint_text
from xr_app.portrait import at_ease
from xr_app.rays.hand_figure import hand_figure
from xr_app.rays.rays import Rays
from xr_app.texts import tr

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WALL = (112, 120, 112)
SIZE = (600, 450)
FRAME_NS = 20_000_000
EYES = (0.0, 1.62, 0.0)
AHEAD = 1.45
"""Metres from the eyes to the avatar."""
FINGERS = (
    ((-0.030, -0.005, -0.030), (-0.052, -0.012, -0.055), (-0.066, -0.018, -0.085), (-0.074, -0.020, -0.105)),
    *(
        ((0.6 * x, 0, -0.03), (x, 0, z), (x, -0.008, z - 0.5 * far), (x, -0.018, z - 0.8 * far), (x, -0.026, z - far))
        for x, z, far in (
            (-0.028, -0.094, 0.075),
            (-0.004, -0.095, 0.083),
            (0.016, -0.09, 0.076),
            (0.034, -0.082, 0.058),
        )
    ),
)
"""Joints of a right hand, palm down, from the wrist: -z is where the fingers point."""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    before = os.environ.get("VISAVIS_LANG")
    os.environ["VISAVIS_LANG"] = language
    try:
        yield
    finally:
        os.environ.pop("VISAVIS_LANG")
        if before is not None:
            os.environ["VISAVIS_LANG"] = before


def choices(**others: object) -> Choices:
    avatars, voices = (("mira", "Mira"), ("anton", "Anton")), (("a", tr("Hibari", "晓晓")), ("b", "B"))
    given = {"passthrough": True, "avatar": "mira", "avatars": avatars, "voice": "a", "voices": voices, **others}
    return Choices(**given)  # type: ignore[arg-type]


def said() -> tuple[str, str]:
    """A question and its answer."""
    return (
        tr("What is the weather like today?", "今天天气怎么样，适合出去走走吗？"),
        tr("It's sunny and warm, about twenty-two degrees,", "今天阳光很好，气温大概二十二度，傍晚有小雨。"),
    )


def flat(writer: Writer) -> Image.Image:
    """Every panel in the language of now, one under the other."""
    heard, says = said()
    first, settings = Menu(), Menu()
    first.choices = settings.choices = choices()
    settings.press(settings.field_of(Does.SETTINGS) or 0)
    contents: list[tuple[tuple[int, int], Callable[..., object], object, object]] = [
        (captions.SIZE, paint_captions, Captions(heard, says=says, said=27 if says.isascii() else 14), Captions()),
        (captions.SIZE, paint_captions, Captions(tr("I would like to", "我想知道"), final=False,
            note=tr("The microphone is off", "麦克风已关闭")), Captions()),
        (menu.SIZE, paint_menu, first.picture(first.field_of(Does.PASSTHROUGH)), MenuPicture()),
        (menu.SIZE, paint_menu, settings.picture(), MenuPicture()),
        (status.SIZE, paint_status,
            Status(tr("Fetching Whisper, which hears", "正在下载 Whisper（语音识别）"), 0.64), Status()),
    ]  # fmt: skip
    column = Image.new("RGB", (880, 1500), WALL)
    y = 16
    for size, paint, content, nothing in contents:
        panel = Panel("panel", size, partial(paint, writer), nothing)  # type: ignore[arg-type]
        panel.show(content, 60.0)
        picture = Image.fromarray(panel.image())
        picture = picture.crop(picture.getbbox())
        column.paste(picture, ((column.width - picture.width) // 2, y), picture)
        y += picture.height + 24
    return column.crop((0, 0, column.width, y))


class Room:
    """Mira on the stage, panels and hands."""

    def __init__(self, offscreen: Offscreen) -> None:
        avatar = find_avatar(Path("mira"))
        self._offscreen, ctx = offscreen, offscreen.ctx
        self._renderer, self._ground = AvatarRenderer(ctx, avatar), Ground(ctx, avatar)
        self._strokes = Strokes(ctx)
        self._target = offscreen.target(*SIZE)
        self._key = at_ease(avatar)
        self._renderer.set_keys(self._key, self._key)
        self.height = float(avatar.mesh.vertices[:, 1].max())

    def picture(self, evening: Evening, head: np.ndarray, wide: float) -> Image.Image:
        """What a middle eye sees, so many degrees wide."""
        across = math.radians(wide) / 2
        up = math.atan(math.tan(across) * SIZE[1] / SIZE[0])
        view, target, standing = View(head, (-across, across, up, -up), *SIZE), self._target, evening.standing
        model, veil = standing.model, standing.veil
        self._renderer.draw([view], [target], head=head, model=model, alpha=0.0, background=None, veil=veil)
        on_ground = Standing(model, self._key, self._key, 0.0, veil.opacity)
        for strokes in (evening.rays.strokes(head), hand_figure(evening.rays.hands)):
            self._strokes.draw([view], [target], strokes, on_ground.middle)
        self._ground.draw([view], [target], on_ground, stage=True)
        painter = PanelPainter(self._offscreen.ctx)
        painter.draw(view, target, evening.panels.shown())
        painter.release()
        return Image.fromarray(self._offscreen.read(target)[..., :3])


class Evening:
    """Somebody before Mira."""

    def __init__(self, height: float, given: Choices, *, ghost: bool = False) -> None:
        self.panels, self.placement, self.rays = Panels(given), Placement(height=height), Rays()
        if not ghost:
            self.placement.stand()
        self._now, self._height = 0, height
        self.look(look_at_pose(EYES, (0.0, 1.5, -1.0)), Inputs(), 5)

    def look(self, head: np.ndarray, inputs: Inputs | Callable[[], Inputs], frames: int, sample: float = -1.0) -> None:
        for _ in range(frames):
            self._now += FRAME_NS
            now = inputs() if callable(inputs) else inputs
            person = Person.of(self.standing.model, self._height) if hasattr(self, "standing") else None
            self.panels.update(head, now, self._now, person=person, sample=sample)
            self.panels.paint()
            self.standing = self.placement.update(self._now / 1e9, head, now)
            self.rays.update(self._now, now, self.panels, self.placement, head)

    def take(self, *events: AppEvent) -> None:
        for event in events:
            self.panels.take(event, self._now)


def talk() -> tuple[AppEvent, ...]:
    heard, says = said()
    words = says.split() if says.isascii() else list(says)
    times = tuple(CaptionWord(word, 4000 * n, 4000 * (n + 1)) for n, word in enumerate(words))
    return Transcript(1, heard), Caption(1, 0, 0, 4000 * len(words), times, "neutral", 0.0)


def in_view(room: Room) -> Image.Image:
    """Captions in both languages, the menu, the figures."""
    pictures = []
    ahead, aside, left = (look_at_pose(EYES, (x, 1.42, -AHEAD)) for x in (0.0, 0.62, -0.42))
    for language in ("en", "zh"):
        with speaking(language):
            evening = Evening(room.height, choices())
            evening.take(*talk())
            evening.look(ahead, Inputs(), 40, sample=17_000 if language == "en" else 50_000)
            pictures.append(room.picture(evening, ahead, 46))
    with speaking("zh"):
        evening = Evening(room.height, choices())
        evening.panels.open_menu()
        evening.look(ahead, Inputs(), 60)
        pictures.append(room.picture(evening, aside, 46))
    with speaking("en"):
        evening = Evening(room.height, choices(figures=True))
        edges = (at * 1_000_000 for at in (0, 210, 330, 420, 520, 600, 620, 640, 650))
        evening.take(*talk(), TurnDone(TurnTimings(1, "", "", False, None, *edges)))
        gpu = (("lerp", 0.3), ("project", 0.82), ("sort", 0.9), ("draw", 2.4))
        evening.panels.measure(Figures((11.1, 12.9), (1.8, 3.4), gpu, (150_000, 220_000), 0.9))
        evening.look(ahead, Inputs(), 60, sample=17_000)
        pictures.append(room.picture(evening, left, 52))
    return grid(pictures)


def hand(origin: tuple[float, float, float], target: tuple[float, float, float], **more: bool) -> Hand:
    """A bare right hand whose ray goes from its knuckle to a place."""
    aim = look_at_pose(origin, target)
    places = np.zeros((26, 3))
    places[0] = 0.0, -0.005, -0.06
    places[2:] = np.concatenate([np.array(finger) for finger in FINGERS])
    knuckle = np.array(FINGERS[1][1])
    poses = np.zeros((26, 7), np.float32)
    poses[:, 3] = 1.0
    poses[:, 4:] = origin + (places - knuckle) @ aim[:3, :3].T
    joints = Joints(poses)
    return Hand(Source.HAND, aim=aim, grip=grip_pose(joints, "right"), joints=joints, **more)


def hands_in_view(room: Room) -> Image.Image:
    """Pointing at the menu, pressing; at the avatar; where a ghost is to stand."""
    pictures = []
    origin = (0.2, 1.27, -0.46)
    ahead, aside, low = (
        look_at_pose(EYES, at) for at in ((0.1, 1.3, -AHEAD), (0.4, 1.36, -AHEAD), (0.12, 1.15, -AHEAD))
    )
    evening = Evening(room.height, choices())
    evening.panels.open_menu()
    evening.look(ahead, Inputs(), 60)
    for pressed in (False, True):

        def pointing(pressed: bool = pressed) -> Inputs:
            place = evening.panels.place_of(Does.CAPTIONS)
            assert place is not None
            x, y, z = place.tolist()
            return Inputs(right=hand(origin, (x, y, z), select=pressed))

        evening.look(aside, pointing, 6 if pressed else 30)
        pictures.append(room.picture(evening, aside, 62))
    evening = Evening(room.height, choices())
    evening.look(ahead, Inputs(right=hand(origin, (0.03, 1.3, -AHEAD))), 30)
    pictures.append(room.picture(evening, ahead, 62))
    evening = Evening(room.height, choices(), ghost=True)
    evening.look(low, Inputs(right=hand((0.3, 1.12, -0.42), (0.2, 0.0, -1.9))), 90)
    evening.panels.say(Status(hint_text(evening.standing.hint)))
    evening.look(low, Inputs(right=hand((0.3, 1.12, -0.42), (0.2, 0.0, -1.9))), 40)
    pictures.append(room.picture(evening, low, 84))
    return grid(pictures)


def grid(pictures: list[Image.Image]) -> Image.Image:
    """Two in a row."""
    whole = Image.new("RGB", (2 * SIZE[0], -(-len(pictures) // 2) * SIZE[1]))
    for n, picture in enumerate(pictures):
        whole.paste(picture, (n % 2 * SIZE[0], n // 2 * SIZE[1]))
    return whole


def main(folder: Path) -> None:
    columns = []
    writer = Writer(find_typeface())
    for language in ("en", "zh"):
        with speaking(language):
            columns.append(flat(writer))
    both = Image.new("RGB", (sum(each.width for each in columns), max(each.height for each in columns)), WALL)
    for n, column in enumerate(columns):
        both.paste(column, (n * columns[0].width, 0))
    folder.mkdir(parents=True, exist_ok=True)
    both = both.resize((both.width * 7 // 10, both.height * 7 // 10), Image.Resampling.LANCZOS)
    both.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(folder / "panels.png", optimize=True)
    with Offscreen() as offscreen, speaking("en"):
        room = Room(offscreen)
        in_view(room).save(folder / "panels-in-view.jpg", quality=88)
        hands_in_view(room).save(folder / "hands-in-view.jpg", quality=88)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
