"""Keeping what a C library prints off our standard output, where a user or a program reads our own words."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def c_stdout_silenced() -> Iterator[None]:
    """What C code prints on file descriptor 1 meanwhile goes nowhere; Python's own buffer is written out before.

    The descriptor belongs to the whole process: what other threads print in the meantime is lost as well.
    """
    sys.stdout.flush()
    _flush_c()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        try:
            yield
        finally:
            # Into a file or pipe C prints only once its buffer is full or flushed: flush it here, not at the end.
            _flush_c()
            os.dup2(kept, 1)
    finally:
        os.close(kept)
        os.close(nowhere)


def _flush_c() -> None:
    if sys.platform == "win32":
        ctypes.cdll.ucrtbase.fflush(None)
    else:
        ctypes.pythonapi.fflush(None)
