"""The hairstyles: what a hairdresser would say about each, in metres, and the people it suits."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Suits = Literal["women", "men", "all"]


@dataclass(frozen=True)
class Tail:
    """Hair drawn together at the back of the head; what follows is a tail that hangs, or a coil."""

    height: float
    """Degrees above the level of the ears' tops."""
    length: float
    """Metres of the tail, or of the coiled part."""
    radius: float
    """Metres from the tail's middle to its outside where it is thickest."""
    coil: float = 0.0
    """Radius of the coil of a bun, metres; 0 lets it hang."""


@dataclass(frozen=True)
class Style:
    """One way to wear hair; lengths in metres."""

    top: float
    side: float
    nape: float
    """Lengths of the hair that grows on top, above the ears and in the nape; between them they change smoothly."""
    suits: Suits = "all"
    fade: tuple[float, float] = (0.1, -0.55)
    """Levels (`Scalp.level`) at the sides and at the back above which hair is longer than there."""
    below_chin: float | None = None
    """All hair ends there at the sides, beneath the chin; None leaves its length alone."""
    nape_rise: float = 0.0
    """How much higher than at the sides it ends at the back."""
    layering: float = 0.03
    """How much shorter than the longest the shortest strands are."""
    parting: float | None = None
    """How far left of the middle it is parted; None lets it grow out of a whorl."""
    back: float = 0.12
    """Share of the combing that goes backwards; negative combs forwards."""
    across: float = 0.0
    """Share of the combing that goes to the person's right, for hair without a parting."""
    fringe: float = 0.0
    """Depth of the strip at the front that is combed over the forehead and cut above the brows."""
    volume: float = 0.016
    """Height of the outermost hair above the skull."""
    lift: float = 0.3
    """How steeply hair leaves the skin: 0 along it, 1 and more almost upright."""
    gravity: float = 17.0
    """How fast it bends down, per metre; little for short stiff hair."""
    hold: float = 1.0
    """How well it lies down on the layer beneath: 0 stands as it grew."""
    tuck: float = 0.0
    """How much tips turn inwards."""
    clump: float = 0.5
    """How far strands of a lock draw together at their tips, 0 to 1."""
    lock: int = 30
    """Strands of a lock."""
    curl: float = 0.0
    """Radius of its waves or curls."""
    turns: float = 0.0
    """Waves or turns of a curl for every metre."""
    frizz: float = 0.0015
    """How far strands wander from their neighbours."""
    flyaways: float = 0.03
    """Share of strands that keep to no lock."""
    density: float = 1.0
    """Less than 1 lets skin shine through."""
    recede: float = 0.0
    """How far the hairline has gone back: 0 not, 1 to the crown."""
    thick: float = 1.0
    """Width of the strands drawn, relative."""
    round: bool = False
    """Grows away from the head's middle instead of being combed."""
    tail: Tail | None = None

    @property
    def open(self) -> bool:
        """So short that skin shows through."""
        return self.volume < 0.008 and self.tail is None


HAIR_STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "bob": Style(
            0.30, 0.26, 0.20, "women", below_chin=0.012, nape_rise=0.016, layering=0.035, parting=0.026, tuck=1.2,
            volume=0.014,
        ),
        "fringe": Style(
            0.30, 0.26, 0.20, "women", below_chin=0.020, nape_rise=0.012, layering=0.03, back=-0.1,
            fringe=0.030, tuck=1.2, clump=0.4,
        ),
        "long": Style(0.50, 0.48, 0.42, "women", layering=0.10, parting=0.004, back=0.30, clump=0.6, lock=45),
        "wavy": Style(
            0.48, 0.46, 0.40, "women", layering=0.10, parting=0.022, back=0.25, volume=0.021, clump=0.75, lock=45,
            curl=0.0075, turns=13.0, frizz=0.0022, flyaways=0.04,
        ),
        "curly": Style(
            0.28, 0.26, 0.22, "women", layering=0.07, parting=0.016, back=0.2, volume=0.034, lift=0.8, gravity=11.0,
            hold=0.8, clump=0.8, lock=22, curl=0.0062, turns=36.0, frizz=0.0025, flyaways=0.06, thick=1.35,
        ),
        "ponytail": Style(
            0.36, 0.36, 0.36, "women", layering=0.06, back=1.0, volume=0.009, lift=0.1, clump=0.35, flyaways=0.03,
            tail=Tail(24.0, 0.26, 0.030),
        ),
        "bun": Style(
            0.36, 0.36, 0.36, "women", layering=0.02, back=1.0, volume=0.008, lift=0.1, clump=0.35, flyaways=0.03,
            tail=Tail(34.0, 0.21, 0.015, coil=0.020),
        ),
        "pixie": Style(
            0.075, 0.038, 0.030, "women", fade=(0.35, 0.30), layering=0.032, parting=0.034, back=-0.35,
            volume=0.014, lift=0.5, gravity=9.0,
            clump=0.65, lock=16, frizz=0.002,
        ),
        "crop": Style(
            0.055, 0.016, 0.008, "men", fade=(0.50, 0.50), layering=0.014, parting=0.038, back=0.5, volume=0.015,
            lift=0.8, gravity=7.0, clump=0.6, lock=14,
        ),
        "quiff": Style(
            0.065, 0.013, 0.007, "men", fade=(0.52, 0.52), layering=0.016, back=1.0, volume=0.024, lift=1.5,
            gravity=4.0, clump=0.65, lock=16,
        ),
        "buzz": Style(
            0.007, 0.0045, 0.003, "men", layering=0.002, volume=0.006, lift=1.0, gravity=0.0, hold=0.0, clump=0.0,
            frizz=0.0005, flyaways=0.0,
        ),
        "afro": Style(
            0.060, 0.048, 0.036, "all", layering=0.010, volume=0.060, gravity=0.3, hold=0.0, clump=0.3, lock=8,
            curl=0.0026, turns=95.0, frizz=0.004, flyaways=0.06, thick=1.5, round=True,
        ),
        "receding": Style(
            0.040, 0.020, 0.012, "men", fade=(0.4, 0.1), layering=0.010, parting=0.034, back=0.3, volume=0.010,
            lift=0.5, gravity=9.0, clump=0.6, lock=10, density=0.8, recede=0.45,
        ),
        "balding": Style(
            0.016, 0.014, 0.010, "men", layering=0.005, volume=0.007, lift=0.6, gravity=5.0, clump=0.3, lock=8,
            density=0.75, recede=1.0,
        ),
    }
)  # fmt: skip
"""The styles by name."""
