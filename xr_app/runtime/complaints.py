"""What a runtime's library prints on our standard error goes to a log, all else to where it was meant to go.

Monado's client library runs in our process and prints a line for every call that fails when its service is gone; the
user was told in a sentence. What is printed by C goes through a process of its own, which divides it: so it comes out
even if ours ends in the midst of it. What Python prints goes straight to the terminal.

This file is that process's program, too, and so imports nothing of ours.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_COMPLAINT: Final = re.compile(rb" *(?:TRACE|DEBUG|INFO|WARN|ERROR) \[\w+\]")
_BEGINS: Final = re.compile(rb" *[A-Z]{0,5}(?: (?:\[\w*)?)?$")
"""Of a line that is not whole: it may become one."""
MOST: Final = 1 << 20
"""Bytes of the log."""


@contextmanager
def complaints_logged(log: Path) -> Iterator[None]:
    """Inside, a runtime's complaints go to the file `log`, which is begun anew with the first of them."""
    if sys.platform != "linux":  # where no runtime is known to do that
        yield
        return
    sys.stderr.flush()
    before, (reader, writer) = os.dup(2), os.pipe()
    program = [sys.executable, "-I", "-S", __file__, str(log)]
    actions = [(os.POSIX_SPAWN_DUP2, reader, 0), (os.POSIX_SPAWN_DUP2, before, 1)]
    # In a session of its own, Ctrl-C does not reach it.
    pid = os.posix_spawn(sys.executable, program, os.environ, file_actions=actions, setsid=True)
    os.close(reader)
    os.dup2(writer, 2)
    os.close(writer)
    stderr = sys.stderr
    own = _is_second(stderr)
    if own:
        sys.stderr = open(before, "w", buffering=1, encoding=stderr.encoding, errors=stderr.errors, closefd=False)  # noqa: SIM115
    try:
        yield
    finally:
        if own:
            sys.stderr.flush()
            sys.stderr = stderr
        os.dup2(before, 2)
        os.close(before)
        with suppress(ChildProcessError):  # it ends with the last of our processes that prints
            os.waitpid(pid, os.WNOHANG)


def _is_second(stream: object) -> bool:
    try:
        return bool(stream.fileno() == 2)  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return False


def divided(chunks: Iterator[bytes], note: Callable[[bytes], object], tell: Callable[[bytes], object]) -> None:
    """Give complaints, whole lines, to `note`, and all else to `tell`, at once where it cannot become one."""
    waiting, telling = b"", False
    for chunk in chunks:
        lines, waiting = (waiting + chunk).splitlines(keepends=True), b""
        for line in lines:
            whole = line.endswith((b"\n", b"\r"))
            if telling or not (_COMPLAINT.match(line) or (not whole and _BEGINS.match(line))):
                tell(line)
                telling = not whole
            elif whole:
                note(line)
            else:
                waiting = line
    if waiting:
        tell(waiting)


class _Log:
    def __init__(self, path: Path) -> None:
        self._path, self._size = path, 0

    def write(self, line: bytes) -> None:
        with suppress(OSError):
            if not self._size:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._size < MOST:
                with open(self._path, "ab" if self._size else "wb") as file:
                    file.write(line)
                self._size += len(line)


def main() -> None:
    """Divide standard input: complaints to the file that is named, all else to standard output."""
    with suppress(BrokenPipeError):
        divided(iter(lambda: os.read(0, 1 << 16), b""), _Log(Path(sys.argv[1])).write, lambda line: os.write(1, line))


if __name__ == "__main__":
    main()
