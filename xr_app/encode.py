"""Pictures into an mp4: H.264 (and AAC, where there is sound) by ffmpeg, fed over a pipe."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xr_app.errors import FilmError

Take = Callable[[NDArray[np.uint8]], None]


def require_ffmpeg() -> str:
    """Path of ffmpeg; FilmError where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise FilmError("No film can be made because ffmpeg is missing: install it with `sudo apt-get install ffmpeg`.")
    return program


@contextmanager
def encoded(
    path: Path, width: int, height: int, fps: float, sound: Path | None = None, captions: Path | None = None
) -> Iterator[Take]:
    """Gives a function that takes one picture after the other, (height, width, 3) sRGB, top row first; at the end the
    film `path` is complete. captions: SubRip, a track that a player may show. Raises FilmError."""
    program = require_ffmpeg()
    path.parent.mkdir(parents=True, exist_ok=True)
    tracks = [str(file) for file in (sound, captions) if file is not None]
    inputs = [word for file in tracks for word in ("-i", file)]
    command = [
        program, "-y", "-loglevel", "error",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-",
        *inputs, "-c:a", "aac", "-b:a", "128k", "-c:s", "mov_text",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart",
        str(path),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as encoder:
        pipe, complaints = encoder.stdin, encoder.stderr
        assert pipe is not None and complaints is not None

        def take(picture: NDArray[np.uint8]) -> None:
            # An encoder that gave up says why at the end.
            with suppress(BrokenPipeError):
                pipe.write(np.ascontiguousarray(picture).tobytes())

        try:
            yield take
        finally:
            with suppress(BrokenPipeError):
                pipe.close()
        complaint = complaints.read().decode(errors="replace").strip()
    if encoder.returncode:
        last = complaint.splitlines()[-1] if complaint else "no reason given"
        raise FilmError(f"The film {path} could not be written ({last}); is there room on the disk?")
