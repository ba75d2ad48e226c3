"""Noto Sans SC out of its package: the font that panels are written with; nothing is converted."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from assets.errors import ConversionError
from assets.progress import Step

FONT: Final = "NotoSansSC-Regular.otf"


def convert(packages: Mapping[str, Path], out: Path, step: Step) -> None:
    """Write the font file as it is in the package. Raises ConversionError where it is not there."""
    with zipfile.ZipFile(packages["pylopdf-fonts-zh-cn"]) as wheel:
        try:
            (out / FONT).write_bytes(wheel.read(f"pylopdf_fonts_zh_cn/{FONT}"))
        except KeyError:
            raise ConversionError(f"The font's package has no {FONT}: please report this.") from None
