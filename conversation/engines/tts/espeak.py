"""Text → phonemes by espeak-ng, the program that Piper's voices were taught with.

espeak-ng is under the GPL: it is no part of visavis and is only ever run as a program of its own, where the user has
installed it. It leaves punctuation out, so text goes to it in pieces between stops, which are put back.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from typing import Final

from conversation.errors import EngineError

_STOPS: Final = str.maketrans("，。！？；：、…", ",.!?;:,.")
_STOP: Final = re.compile(r"\s*([,.!?;:]+)\s+|\s*([,.!?;:]+)$")
_LANGUAGE_SWITCH: Final = re.compile(r"\([a-z-]+\)")
_TIMEOUT_S: Final = 10.0
_PROGRAMS: Final = ("espeak-ng", "espeak")


class Espeak:
    """`voice`: a voice of espeak-ng, such as "en-us" or "cmn"."""

    def __init__(self, voice: str) -> None:
        program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
        if program is None:
            raise EngineError(
                "This voice needs the program espeak-ng: install it (`apt install espeak-ng`), or choose another."
            )
        self._command = [program, "-q", "-b1", "--ipa=3", "-v", voice]

    def __call__(self, text: str) -> str:
        """Phonemes (decomposed Unicode) with the stops of `text`, a space between words."""
        said, start = "", 0
        text = text.translate(_STOPS) + " "
        for stop in _STOP.finditer(text):
            said += self._piece(text[start : stop.start()]) + (stop[1] or stop[2])[0] + " "
            start = stop.end()
        return (said + self._piece(text[start:])).strip()

    def _piece(self, text: str) -> str:
        if not any(map(str.isalnum, text)):
            return ""
        try:
            # The text comes by standard input: nothing in it can be taken for an option.
            done = subprocess.run(
                [*self._command, "--stdin"],
                input=text,
                encoding="utf-8",
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"espeak-ng could not read a text ({error}): check that it runs by itself.") from error
        line = " ".join(done.stdout.split()).replace("_", "").replace("\u200d", "")
        return unicodedata.normalize("NFD", _LANGUAGE_SWITCH.sub("", line))
