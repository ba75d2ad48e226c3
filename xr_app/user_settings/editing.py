"""visavis.toml in the user's editor: what is not right never becomes the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conversation.errors import SettingsError
from conversation.user_settings import check
from conversation.user_settings.toml_file import bytes_of, text_of
from conversation.user_settings.writing import replace
from xr_app.user_settings.sections import SCHEMA
from xr_app.user_settings.template import template


def edit(path: Path, editor: Callable[[str], str | None], again: Callable[[str], bool]) -> bool:
    """Let the user edit the file, or a new one with every setting as a remark; whether it was written.

    editor: text → what it was saved as, None where it was not saved. again: told what is not right; whether to go on
    from there. SettingsError where the file cannot be read or written, or was written by others meanwhile.
    """
    raw = bytes_of(path)
    text = before = text_of(raw, path) if raw else template(SCHEMA)
    while True:
        saved = editor(text)
        if saved is None or saved == before:
            return False
        try:
            check(saved, path, SCHEMA)
        except SettingsError as error:
            if not again(str(error)):
                return False
            text = saved
            continue
        replace(path, saved, raw)
        return True
