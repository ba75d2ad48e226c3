"""When each stage of a turn was reached: the record behind every latency figure."""

from __future__ import annotations

import msgspec


class TurnTimings(msgspec.Struct, frozen=True):
    """One question and its answer; all times are monotonic nanoseconds, None where the turn never got there."""

    turn: int
    heard: str = ""
    said: str = ""
    """What was really spoken aloud: cut where the listener interrupted."""
    interrupted: bool = False
    question_end: int | None = None
    """Last voiced sample of a labelled question (a file that was played), not anybody's opinion; None where the
    question was taken to be over before."""
    speech_end: int | None = None
    """Last voiced sample in the VAD's opinion."""
    endpoint: int | None = None
    """The VAD was sure that the speaker is done."""
    asr_final: int | None = None
    first_token: int | None = None
    first_clause: int | None = None
    first_audio_made: int | None = None
    first_face: int | None = None
    first_sample_out: int | None = None
    """The loudspeaker took the first sample of the answer."""
    first_audible_out: int | None = None
    """The loudspeaker took the first sample of the answer that can be heard."""

    @property
    def speech_end_to_audio_ms(self) -> float | None:
        """From the last voiced sample of the question (the labelled one if there is one) to the first audible."""
        end = self.question_end if self.question_end is not None else self.speech_end
        return _ms(end, self.first_audible_out)

    @property
    def spans(self) -> dict[str, tuple[int, int]]:
        """From each edge to the next, for the stages that were reached."""
        question_end = self.question_end if self.question_end is not None else self.speech_end
        edges = {
            "endpoint": (question_end, self.endpoint),
            "asr": (self.endpoint, self.asr_final),
            "llm_first_token": (self.asr_final, self.first_token),
            "llm_first_clause": (self.first_token, self.first_clause),
            "tts": (self.first_clause, self.first_audio_made),
            "a2bs": (self.first_audio_made, self.first_face),
            "playback": (self.first_face, self.first_audible_out),
        }
        return {name: (start, end) for name, (start, end) in edges.items() if start is not None and end is not None}

    @property
    def stages_ms(self) -> dict[str, float]:
        """Milliseconds of each span."""
        return {name: (end - start) / 1e6 for name, (start, end) in self.spans.items()}


def _ms(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / 1e6
