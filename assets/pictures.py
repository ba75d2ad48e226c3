"""Pictures that others made, read with care: few formats, and none is decoded before its size was looked at."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import IO, Final

from PIL import Image

FORMATS: Final = ("PNG", "JPEG", "WEBP")
MOST_PIXELS: Final = 1 << 26
"""8192 x 8192."""


def read_picture(
    source: Path | IO[bytes], mode: str, *, size: tuple[int, int] | None = None, formats: tuple[str, ...] = FORMATS
) -> Image.Image:
    """The picture of a file in one of Pillow's modes, such as RGBA. Raises ValueError with the reason where it is none,
    is too large, or is not `size` (width, height)."""
    try:
        if isinstance(source, Path):
            source = io.BytesIO(source.read_bytes())  # a file would give room to whatever its chunks say they hold
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(source, formats=formats)
        with picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"it is {picture.width} x {picture.height} pixels large; make it smaller")
            if size is not None and picture.size != size:
                raise ValueError(
                    f"it is {picture.width} x {picture.height} pixels large, and {size[0]} x {size[1]} were expected"
                )
            return picture.convert(mode)
    except (ValueError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise ValueError(f"it is more than {MOST_PIXELS} pixels large; make it smaller") from None
    except OSError as error:
        raise ValueError(error.strerror or f"it is no whole {', '.join(formats)}") from None
    except Exception as error:  # decoders raise a dozen types on damaged data
        raise ValueError(f"it is damaged, {type(error).__name__}") from None
