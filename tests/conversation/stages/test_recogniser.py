"""The recogniser's stage: what becomes of a job, and who is told about a language."""

from __future__ import annotations

import queue

import numpy as np
import pytest

from conversation.engines.base import F32, Cancelled, Transcript, never
from conversation.stages.hearing import Job
from conversation.stages.speech import RecogniserStage
from conversation.turns.events import StageFailed


class Chinese:
    """Hears Chinese in everything, sure of it or not."""

    def __init__(self, spoken: str = "zh") -> None:
        self.spoken = spoken

    def transcribe(self, samples: F32, *, partial: bool = False, cancelled: Cancelled = never) -> Transcript:
        return Transcript("knee how", "en", 2, len(samples) / 16_000, spoken=self.spoken)


def said(ear: Chinese, jobs: int, pause: int | None) -> list[object]:
    """What comes out of the stage for so many jobs."""
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    stage = RecogniserStage(inbox.put, {"zh": "Get a Chinese voice."})
    stage.use(lambda: ear)
    out: list[object] = []
    for _ in range(jobs):
        stage.start(Job(1, np.ones(1600, np.float32), pause))
    while sum(isinstance(one, Job) for one in out) < jobs:
        out.append(inbox.get(timeout=10))
    stage.close()
    return out


def test_an_unknown_language_is_told_once_and_the_text_comes_all_the_same() -> None:
    out = said(Chinese(), 3, pause=1)
    assert [type(one) for one in out] == [StageFailed, Job, Job, Job]
    assert out[0] == StageFailed("language", "LanguageError", "Get a Chinese voice.")
    assert all(job.text == "knee how" for job in out[1:])


@pytest.mark.parametrize(("spoken", "pause"), [("", 1), ("en", 1), ("fr", 1), ("zh", None)])
def test_nothing_is_told_of_known_languages_doubt_and_half_a_sentence(spoken: str, pause: int | None) -> None:
    assert [type(one) for one in said(Chinese(spoken), 2, pause)] == [Job, Job]
