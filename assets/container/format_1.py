"""Files of format 1, which earlier releases wrote: plain arrays, of which the manifest tells nothing but the size."""

from __future__ import annotations

import math

import msgspec

from assets.container.archive import Archive
from assets.container.check import MAX_HEADER, HeaderEntry, array_files, check_arrays, check_expansion, other_files
from assets.container.manifest import Coding, Part


def check_archive(archive: Archive) -> None:
    """As in format 2, after the arrays were looked up in the parts' own headers, from where the manifest of the
    archive has them then. Raises AvatarError."""
    arrays, others = array_files(archive.manifest), other_files(archive.manifest)
    for file in (*arrays, *others):
        archive.check_entry(file)
    parts = {file: _with_tensors(archive, file) for file in arrays}
    archive.manifest = msgspec.structs.replace(archive.manifest, parts={**archive.manifest.parts, **parts})
    check_expansion(archive, [*arrays, *others])
    for file in arrays:
        check_arrays(archive, file)
    for file in others:
        archive.check_hash(file)


def _with_tensors(archive: Archive, file: str) -> Part:
    part = archive.manifest.parts[file]
    with archive.reading(file, whole=False) as read:
        length = int.from_bytes(read(8), "little")
        if not 2 <= length <= min(MAX_HEADER, part.bytes - 8):
            raise archive.damaged(f"{file} says that its header is {length} bytes long")
        try:
            header = msgspec.json.decode(read(length), type=dict[str, HeaderEntry])
            tensors = {
                name: msgspec.convert({"shape": entry.shape, "dtype": entry.dtype}, Coding)
                for name, entry in header.items()
                if math.prod(entry.shape) <= part.bytes
            }
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise archive.damaged(f"{file} has a header that cannot be read ({error})") from None
    return msgspec.structs.replace(part, tensors=tensors)
