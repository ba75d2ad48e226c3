"""Where the app's child processes begin: each loads its own part in itself, so that the app, which only starts them,
need not."""

from __future__ import annotations

from typing import Any


def audio(*given: Any) -> None:
    """As `run_audio_process`."""
    from conversation.audio.process import run_audio_process

    run_audio_process(*given)


def conversation(*given: Any) -> None:
    """As `run_conversation_process`."""
    from conversation.processes.loop import run_conversation_process

    run_conversation_process(*given)
