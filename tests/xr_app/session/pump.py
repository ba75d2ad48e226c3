"""A session's loop for so many frames."""

from collections.abc import Callable

from xr_app.session.frame import Frame
from xr_app.session.session import XrSession


def run(session: XrSession, count: int, draw: Callable[[Frame], None] = lambda frame: None) -> list[Frame]:
    """`count` frames and those of the exit; `draw` is called where there is something to draw."""
    frames = []
    for frame in session.frames():
        with frame:
            if frame.should_render:
                draw(frame)
        frames.append(frame)
        if len(frames) == count:
            session.request_exit()
        assert len(frames) < count + 500, "the session does not exit"
    return frames
