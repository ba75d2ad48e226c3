"""`NAME.avatar`: a zip of manifest.json, safetensors parts, networks and a preview (docs/container.md).

Nothing is allocated for a part before the manifest, the zip and the part's own header agree on what it is, and the
part was read once, in pieces, to its right hash.
"""

from assets.container.facts import facts
from assets.container.folder import read_folder, write_folder
from assets.container.manifest import FORMAT, MANIFEST, PREVIEW, Manifest
from assets.container.quantise import Precision
from assets.container.read import load, read_manifest, read_preview
from assets.container.validate import problems
from assets.container.write import save

__all__ = [
    "FORMAT",
    "MANIFEST",
    "PREVIEW",
    "Manifest",
    "Precision",
    "facts",
    "load",
    "problems",
    "read_folder",
    "read_manifest",
    "read_preview",
    "save",
    "write_folder",
]
