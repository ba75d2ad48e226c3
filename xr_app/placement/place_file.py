"""Where the avatar stands, in a small file: it is written whole or not at all, and read with doubt."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from xr_app.errors import PlaceError
from xr_app.placement.grasp import LARGEST, SMALLEST
from xr_app.placement.spot import FARTHEST, Spot
from xr_app.texts import tr

VERSION: Final = 1
_MOST_BYTES: Final = 4096
_Metres = Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)]
_Size = Annotated[float, Meta(gt=0, le=1000)]


class AnchorName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of an anchor that a headset has stored."""

    kind: Annotated[str, Meta(max_length=16)]
    uuid: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A spot, what it is measured from, and the anchor there."""

    version: Annotated[int, Meta(ge=VERSION, le=VERSION)]
    space: Annotated[str, Meta(max_length=40)]
    """Of whose origin it is told, as `XrSession.floor` names it."""
    x: _Metres
    z: _Metres
    yaw: Annotated[float, Meta(ge=-7, le=7)]
    scale: Annotated[float, Meta(ge=SMALLEST - 1e-6, le=LARGEST + 1e-6)]
    bounds: tuple[_Size, _Size] | None = None
    """Width and depth of the free floor around that origin, metres, where the headset tells."""
    anchor: AnchorName | None = None

    @property
    def spot(self) -> Spot:
        """Where it is, in that space."""
        return Spot(self.x, self.z, self.yaw, min(max(self.scale, SMALLEST), LARGEST))


def read_place(path: Path) -> Place | None:
    """What the file says; None where there is none. Raises PlaceError where it is damaged."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged(path) from error
    if len(data) > _MOST_BYTES:
        raise _damaged(path)
    try:
        return msgspec.json.decode(data, type=Place)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path) from error


def write_place(path: Path, place: Place) -> None:
    """Replace the file. Raises PlaceError where that cannot be done."""
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(place)) + b"\n")
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise PlaceError(
            tr(
                f"Where the avatar stands could not be written to {path}; it will be placed anew next time.",
                f"无法将人物的位置写入 {path};下次需要重新放置。",
            )
        ) from error


def _damaged(path: Path) -> PlaceError:
    return PlaceError(
        tr(
            f"{path} does not say where the avatar stood, and is left alone until it is put somewhere; place it again.",
            f"{path} 已损坏,无法得知人物之前的位置;请重新放置。",
        )
    )
