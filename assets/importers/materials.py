"""What a glTF file's surfaces look like: base colour, light of their own, alpha, sides, and whether they are lit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers import gltf
from assets.importers.cloud import RefusedError
from assets.importers.gltf import Gltf, TextureInfo, from_uri, pick
from assets.importers.texture import Texture, linear, read_texture

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """A picture and how it lies on a surface."""

    texture: int
    coordinates: int
    """Which set of texture coordinates."""
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]] = ((1, 0, 0), (0, 1, 0))
    """From those to the picture's own (KHR_texture_transform)."""

    def placed(self, uv: F64) -> F64:
        """(N, 2) of (N, 2)."""
        matrix = np.array(self.matrix, np.float64)
        return np.asarray(uv @ matrix[:, :2].T + matrix[:, 2])


@dataclass(frozen=True)
class Material:
    """One kind of surface."""

    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """Linear, times the picture's."""
    picture: Placed | None = None
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)
    glow_picture: Placed | None = None
    alpha: str = "OPAQUE"
    """OPAQUE, MASK or BLEND."""
    cutoff: float = 0.5
    double_sided: bool = False
    unlit: bool = False
    """Whether its colour is final: KHR_materials_unlit and toon shading."""


PLAIN: Final = Material()


def read_materials(file: Gltf) -> tuple[Material, ...]:
    """The materials of a file, and a plain one behind them; raises RefusedError."""
    properties = _dict(file.document.extensions.get("VRM")).get("materialProperties")
    toon = properties if isinstance(properties, list) else []
    found = []
    for index, material in enumerate(file.document.materials):
        own = _dict(toon[index]) if index < len(toon) else {}
        found.append(_toon_0(_plain(material), own) if "MToon" in str(own.get("shader")) else _plain(material))
    return (*found, PLAIN)


def _plain(material: gltf.Material) -> Material:
    pbr = material.pbr_metallic_roughness
    strength = _dict(material.extensions.get("KHR_materials_emissive_strength")).get("emissiveStrength", 1.0)
    factor = float(strength) if isinstance(strength, int | float) else 1.0
    red, green, blue = (factor * float(part) for part in material.emissive_factor)
    return Material(
        colour=pbr.base_color_factor,
        picture=_placed(pbr.base_color_texture),
        glow=(red, green, blue),
        glow_picture=_placed(material.emissive_texture),
        alpha=material.alpha_mode if material.alpha_mode in ("MASK", "BLEND") else "OPAQUE",
        cutoff=material.alpha_cutoff,
        double_sided=material.double_sided,
        unlit=bool({"KHR_materials_unlit", "VRMC_materials_mtoon"} & material.extensions.keys()),
    )


def _toon_0(material: Material, own: dict[str, Any]) -> Material:
    """VRM 0.x keeps MToon's own values beside a plain material; its lit colour is an sRGB factor times a picture."""
    given = _dict(own.get("vectorProperties")).get("_Color")
    colour = material.colour
    if isinstance(given, list) and len(given) == 4 and all(isinstance(part, int | float) for part in given):
        red, green, blue = (float(part) for part in linear(np.array(given[:3], np.float64)))
        colour = (red, green, blue, float(given[3]))
    index = _dict(own.get("textureProperties")).get("_MainTex")
    picture = material.picture
    if isinstance(index, int) and index >= 0 and (picture is None or picture.texture != index):
        picture = Placed(index, 0)
    return Material(
        colour, picture, material.glow, material.glow_picture, material.alpha, material.cutoff,
        material.double_sided or _dict(own.get("floatProperties")).get("_CullMode") == 0, unlit=True,
    )  # fmt: skip


def _placed(info: TextureInfo | None) -> Placed | None:
    if info is None:
        return None
    moved = _dict(info.extensions.get("KHR_texture_transform"))
    if not moved:
        return Placed(info.index, info.tex_coord)
    (x, y), (wide, tall) = _pair(moved.get("offset"), 0.0), _pair(moved.get("scale"), 1.0)
    angle = moved.get("rotation", 0.0)
    angle = float(angle) if isinstance(angle, int | float) else 0.0
    c, s = float(np.cos(angle)), float(np.sin(angle))
    chosen = moved.get("texCoord", info.tex_coord)
    matrix = ((c * wide, s * tall, x), (-s * wide, c * tall, y))
    return Placed(info.index, chosen if isinstance(chosen, int) else info.tex_coord, matrix)


def load_texture(file: Gltf, placed: Placed, *, alpha: bool, cutoff: float | None) -> Texture:
    """The picture that a material names; raises RefusedError."""
    texture = pick(file.document.textures, placed.texture, "texture")
    webp = _dict(texture.extensions.get("EXT_texture_webp")).get("source")
    source = webp if isinstance(webp, int) else texture.source
    if source is None:
        raise RefusedError("it has a texture without a picture")
    image = pick(file.document.images, source, "picture")
    if image.buffer_view is None and image.uri is None:
        raise RefusedError("it has a picture without data")
    data = file.view(image.buffer_view) if image.buffer_view is not None else from_uri(image.uri or "")
    wrap = (10497, 10497)
    if texture.sampler is not None:
        sampler = pick(file.document.samplers, texture.sampler, "sampler")
        wrap = (sampler.wrap_s, sampler.wrap_t)
    return read_texture(data, alpha=alpha, cutoff=cutoff, wrap=wrap)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pair(value: Any, usual: float) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        return float(value[0]), float(value[1])
    return usual, usual
