"""What a visit has to show of the headset: taken off, behind another app, begun anew, with the room seen and not."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import soundfile

from xr_app.visit.check import Check, Checks, Evidence, missed
from xr_app.visit.headset import RoomShown

CLEAR: Final = 0.3
"""Share of a picture that lets the room through at least; the avatar, its shadow and the menu cover some."""
MOVED_M: Final = 0.02
"""By which somebody may be off who did not move."""
_SECOND: Final = 1_000_000_000


def saw_through(seen: Evidence) -> Checks:
    """The wearer's room, the stage in its place, and the room again."""
    first, off, on = (seen.notes.rooms[name] for name in ("placed", "stage", "room"))
    yield Check("room_seen", _open(first), _told(first))
    shut = not (off.cameras or off.clear) and off.share < 0.01
    yield Check("room_switched", shut and _open(on), f"{_told(off)}; {_told(on)}")


def behind(seen: Evidence) -> Checks:
    """Another app is in front for a while."""
    at = seen.notes.at
    begun, off, on = at["before the other app"], at["behind the other app"], at["in front again"]
    shut, opened = _gate(seen, begun, off, on)
    yield Check("microphone_shut_behind_another_app", shut, "shut" if shut else "open")
    yield Check("microphone_open_in_front_again", opened, "open" if opened else "shut")


def taken_off(seen: Evidence) -> Checks:
    """The headset is off for a while."""
    notes, heard, log = seen.notes, seen.heard, seen.log
    begun, off, on = (notes.at[name] for name in ("before the headset was off", "taken off", "put on again"))
    shut, opened = _gate(seen, begun, off, on)
    yield Check("microphone_shut_while_off", shut, "shut" if shut else "open")
    told = next((text for when, text in heard.told if begun <= when <= off + _SECOND), "")
    yield Check("said_that_it_is_shut", "microphone is muted" in told, told or "nothing")
    spoken = [each for each in seen.recording.questions if off <= each.first_voiced <= on] if seen.recording else []
    loudest = _loudest(seen, spoken[0].first_voiced, spoken[0].last_voiced) if spoken else 1.0
    words = [text for when, text in heard.words if off <= when <= on]
    deaf = loudest == 0.0 and not words and seen.recording is not None
    length = (spoken[0].last_voiced - spoken[0].first_voiced) / 1e9 if spoken else 0.0
    yield Check(
        "not_heard_while_off", deaf, f"{length:.1f} s of speech, of which the conversation had {len(words)} words"
    )
    # The last frame before may be seen a little later.
    unseen = sum(notes.at["laid down"] + 0.2 * _SECOND < frame.seen_ns < notes.at["taken up"] for frame in log.frames)
    again = sum(frame.seen_ns > on - _SECOND for frame in log.frames)
    rested = notes.rests == (1, 1)
    told = f"{unseen} pictures, {again} when it was back on"
    yield Check("rests_while_off", rested and unseen == 0 and again > 0, told)
    yield Check("microphone_open_again", opened, "open" if opened else "shut")
    a, b = notes.spots["before the headset was off"], notes.spots["put on again"]
    moved = math.dist((a.x, a.z), (b.x, b.z))
    yield Check("same_place_again", moved <= MOVED_M, f"{1000 * moved:.1f} mm")
    later = [text for when, text in heard.words if when >= on]
    told = later[-1] if later else ""
    yield Check("heard_again", missed(seen.questions[2], told) < 1.0, told or "nothing")


def began_anew(seen: Evidence) -> Checks:
    """The runtime was away, and tells places from elsewhere."""
    notes = seen.notes
    a, b = notes.spots["before the restart"].seen_from(notes.origin), notes.spots["found again"]
    off = math.dist((a.x, a.z), (b.x, b.z))
    shift = float(np.linalg.norm(notes.origin[:3, 3]))
    yield Check("place_kept_by_an_anchor", notes.anchored, "stored" if notes.anchored else "by the origin alone")
    told = f"{1000 * off:.0f} mm off, where the origin came to lie {1000 * shift:.0f} mm away"
    yield Check("found_by_its_anchor", off <= 0.03 < shift, told)


def _gate(seen: Evidence, begun: int, off: int, on: int) -> tuple[bool, bool]:
    """Whether the microphone was shut from the beginning, and open in the end."""
    since = [(when, shut) for when, shut in seen.heard.mutes if begun <= when <= on]
    shut = any(shut and when <= off for when, shut in since)
    return shut, bool(since) and not since[-1][1] and since[-1][0] > off


def _loudest(seen: Evidence, begin_ns: int, end_ns: int) -> float:
    """Of what the audio process let through of the microphone's sound."""
    recording = seen.recording
    assert recording is not None
    samples, rate = soundfile.read(recording.microphone_wav, dtype="float32")
    a, b = (round((when - recording.microphone_start_ns) / 1e9 * rate) for when in (begin_ns, end_ns))
    there = samples[max(a, 0) : max(b, 0)]
    return float(np.abs(there).max()) if len(there) else 1.0


def _open(shown: RoomShown) -> bool:
    return shown.cameras and shown.clear and shown.share > CLEAR


def _told(shown: RoomShown) -> str:
    through = shown.share if shown.clear else 0.0
    return f"cameras {'on' if shown.cameras else 'off'}, {through:.0%} of the picture lets them through"
