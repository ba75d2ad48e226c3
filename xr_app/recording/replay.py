"""Plays a tape: the same Live and the same Encounter, fed with what was noted.

    with Tape(path) as tape:
        replayed = replay(tape, avatar)
    replayed.log, replayed.captions, replayed.turns, replayed.pictures

On the GPU and by the version that recorded it, the pictures are the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from assets.avatar import Avatar
from conversation.link.events import AppEvent, TurnDone
from conversation.timings import TurnTimings
from render.load import LLVMPIPE, Quality
from render.plan import MakeModel
from render.steps import at_once
from xr_app.captions import CaptionLog
from xr_app.encounter import Encounter
from xr_app.errors import TapeError
from xr_app.frame_log import FrameLog
from xr_app.likeness import Likeness, Manner
from xr_app.live import Kept, Live
from xr_app.panels.boards import PaintedBoard
from xr_app.panels.panels import Panels
from xr_app.placement.placing import Placement
from xr_app.recording.deck import Deck
from xr_app.recording.notes import Arrived, Attended, Opened, Told
from xr_app.recording.played import (
    PlayedBoard,
    PlayedDisplay,
    PlayedHands,
    PlayedScenery,
    played_survey,
)
from xr_app.recording.played_cost import metered, paced
from xr_app.recording.recorder import avatar_hash, hashes_of
from xr_app.recording.tape import Tape
from xr_app.session.frame import Frame
from xr_app.texts import tr
from xr_app.wishes import Wishes


@dataclass
class Replayed:
    """What came of it."""

    log: FrameLog
    captions: CaptionLog = field(default_factory=CaptionLog)
    turns: list[TurnTimings] = field(default_factory=list)
    frames: int = 0
    alike: int = 0
    """Pictures whose hashes are those on the tape."""
    unlike: list[int] = field(default_factory=list)
    """Frames, from 1, whose pictures are others."""
    remarks: list[str] = field(default_factory=list)
    """What is not as it was, one sentence each."""


def replay(
    tape: Tape,
    avatar: Avatar,
    *,
    rows: int | None = None,
    quality: Quality | None = None,
    make_model: MakeModel | None = None,
    filmed: bool = False,
    look: Callable[[int, Frame], bool] = lambda number, frame: True,
) -> Replayed:
    """Play a tape to its end.

    rows: of each picture, quality: of all, where others are wanted than were seen; make_model: as the renderer's;
    filmed: as Live's. look: called with the number of a frame, from 1, and the frame with its finished pictures; False
    ends the play. Raises TapeError, and what drawing raises.
    """
    header, deck = tape.header, Deck(tape)
    sections = [note for note in tape.notes() if isinstance(note, Opened)]
    if not sections or not header.frames:
        raise TapeError(tr("The tape holds no picture: there is nothing to play.", "录像中没有画面：无可播放。"))
    placement = Placement()
    encounter = Encounter(
        placement,
        Panels(header.choices, clock=deck.clock),
        Wishes(lambda command: None, lambda text: None, voice=header.voice, push_to_talk=header.push_to_talk),
        heard_at=deck.heard_at,
        keep=lambda name, value: None,
    )
    replayed = Replayed(FrameLog(sections[0].start_ns, header.seed))
    frames = tape.rows("frames")
    same = rows is None and quality is None
    kept: Kept | None = None
    lives: list[Live] = []
    displays: list[PlayedDisplay] = []
    going = True

    def arrive(note: Arrived) -> None:
        if not lives:
            raise TapeError(tr("The tape holds somebody who is nowhere.", "录像中的形象不在任何显示器上。"))
        likeness = at_once(
            Likeness.in_steps(
                displays[-1],
                Manner(LLVMPIPE, paced(deck, quality), metered(deck), note.gaussians, note.rasteriser, note.sort_shape),
                avatar,
                make_model,
            )
        )
        lives[-1].meet(likeness, note.start_ns)
        replayed.log = lives[-1].log
        encounter.wait_for("")
        encounter.meet(header.height)

    def hear(event: AppEvent, now_ns: int) -> None:
        replayed.captions.take(event)
        encounter.take(event, now_ns)
        if lives:
            lives[-1].take(event, now_ns)
        if isinstance(event, TurnDone):
            replayed.turns.append(event.timings)

    def on_frame() -> bool:
        deck.advance()
        while deck.told and deck.told[0][0] <= len(lives):
            match deck.told.popleft()[1]:
                case Arrived() as note:
                    arrive(note)
                case Attended(attention=attention):
                    encounter.attend(attention)
                case Told(event=event, now_ns=now_ns):
                    hear(event, now_ns)
        return going

    def finished(frame: Frame) -> None:
        nonlocal going
        while same and deck.pictured and deck.pictured[0].frame <= deck.begun:
            note = deck.pictured.popleft()
            if note.frame == deck.begun and note.hashes == hashes_of(frame.targets):
                replayed.alike += 1
            else:
                replayed.unlike.append(note.frame)
        going = look(deck.begun, frame) and going

    on_frame()
    for opened, after in zip(sections, [*(s.frame for s in sections[1:]), header.frames], strict=True):
        with PlayedDisplay(deck, frames, opened, after - opened.frame, rows) as display:
            renderer = str(display.ctx.info["GL_RENDERER"])
            if renderer != opened.renderer:
                replayed.remarks.append(
                    tr(
                        f"It was drawn by {opened.renderer}, and here by {renderer}.",
                        f"录制时由 {opened.renderer} 绘制，此处由 {renderer} 绘制。",
                    )
                )
            survey = played_survey(deck, placement)
            encounter.seen_on(foveates=opened.foveates, mirror_at=opened.mirror_at)
            if kept is None:
                (placement.load if header.attended else placement.stand)()
            displays.append(display)
            live = Live(
                display,
                deck.face_at,
                encounter=encounter,
                hands=PlayedHands(deck),
                board=PlayedBoard(PaintedBoard(display.ctx, None) if opened.painted else None, finished),
                survey=survey,
                surroundings=PlayedScenery(deck, display.ctx),
                on_placed=lambda: None,
                on_mouth=lambda mouth: None,
                on_frame=on_frame,
                kept=kept,
                filmed=filmed,
            )
            lives.append(live)
            encounter.wait_for(opened.awaited)
            on_frame()
            live.run()
            kept = live.kept
        if not going:
            break
    replayed.frames = deck.begun
    replayed.remarks += _remarks(tape, avatar, deck)
    return replayed


def _remarks(tape: Tape, avatar: Avatar, deck: Deck) -> list[str]:
    header, found = tape.header, []
    if avatar_hash(avatar) != header.avatar_sha256:
        found.append(
            tr(
                f"It was recorded with another avatar, {header.avatar}, or another version of it.",
                f"录制时使用的是另一个形象 {header.avatar} 或它的另一版本。",
            )
        )
    if deck.strayed:
        found.append(
            tr(
                f"It was recorded by visavis {header.visavis}, which went another way {deck.strayed} times.",
                f"它由 visavis {header.visavis} 录制，与当前版本有 {deck.strayed} 处走向不同。",
            )
        )
    if not header.complete:
        found.append(tr("It ends before its session did.", "录像在会话结束之前就中断了。"))
    return found
