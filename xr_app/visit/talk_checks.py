"""What a visit has to show of the talk."""

from __future__ import annotations

from typing import Final

import numpy as np
import soundfile

from xr_app.visit.check import WORDS_WRONG, Check, Checks, Evidence, missed

STOPS_S: Final = 0.2
"""From the moment at which an interruption was decided to silence."""
AUDIBLE: Final = 0.003
"""Of full scale."""
OFFSET_MS: Final = 100


def talked(seen: Evidence) -> Checks:
    """A question, its answer, and another question that interrupts that."""
    notes, log, heard, report, questions = seen.notes, seen.log, seen.heard, seen.report, seen.questions[:2]
    turns = heard.turns[:2]
    errors = [missed(text, turn.heard) for text, turn in zip(questions, turns, strict=False)]
    wrong = max(errors, default=1.0)
    told = "; ".join(turn.heard for turn in turns)
    yield Check(
        "questions_heard", len(errors) == len(questions) and wrong <= WORDS_WRONG, f"{told} ({wrong:.0%} missed)"
    )
    said = [turn.said for turn in turns]
    yield Check("answered", len(said) == len(questions) and all(said), " / ".join(said))
    waits = [turn.speech_end_to_audio_ms for turn in turns]
    told = ", ".join("–" if wait is None else f"{wait:.0f} ms" for wait in waits)
    yield Check("answers_in_time", all(wait is not None and wait < 5000 for wait in waits) and bool(waits), told)
    yield Check(
        "captions_with_the_voice", notes.captions > 0, f"{notes.captions:.0%} of them seen 1.6 s into an answer"
    )
    yield Check("interruption_obeyed", bool(turns) and turns[0].interrupted, f"after: {said[0] if said else ''}")
    recording = seen.recording
    if recording is None or heard.interrupted_ns is None or turns[1].first_audible_out is None:
        return
    samples, rate = soundfile.read(recording.speaker_wav, dtype="float32")
    decided, again = heard.interrupted_ns, turns[1].first_audible_out
    begin = recording.heard_at(decided - 2_000_000_000)
    end = recording.heard_at(again) - 0.1 * rate
    loud = np.flatnonzero(np.abs(samples[max(round(begin), 0) : max(round(end), 0)]) > AUDIBLE)
    last_ns = recording.time_of(max(begin, 0) + loud[-1]) if len(loud) else decided
    after_s = (last_ns - decided) / 1e9
    spoken_s = (decided - recording.questions[1].first_voiced) / 1e9
    told = f"last sound {1000 * after_s:+.0f} ms from the decision, which came {spoken_s:.1f} s after they spoke up"
    yield Check("falls_silent", after_s <= STOPS_S, told)
    lips, times = log.lip_opening(), np.array([frame.seen_ns for frame in log.frames])
    rest = lips[(times > last_ns + 400_000_000) & (times < again - 100_000_000)]
    spoke = lips[(times > last_ns - 1_500_000_000) & (times < last_ns)]
    still = bool(len(rest) and len(spoke) and rest.std() < 0.35 * spoke.std())
    told = f"lips move by {rest.std() / max(spoke.std(), 1e-9):.0%} of what they did" if len(rest) else "not seen"
    yield Check("face_rests", still, told)
    mean = report.av_offset_ms.mean
    ok = mean is not None and abs(mean) <= OFFSET_MS
    yield Check("lips_with_the_voice", ok, "–" if mean is None else f"{mean:+.0f} ms")
