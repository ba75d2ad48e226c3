"""The avatar under training: parameters by name, and the picture that they make of a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets.train.capture import Capture, Frame
from assets.train.gpu import rasteriser_for
from assets.train.networks import (
    Driver,
    Params,
    driver_of,
    encode,
    mapped,
    mesh_offsets,
    new_mapping,
    new_mesh_network,
)
from assets.train.options import TrainOptions
from assets.train.sampling import Strewn, ready, strew
from assets.train.surface import Eye, Rig, colours, frames, place, project, rig_of
from assets.train.teacher import canvas_of, new_teacher, teach
from assets.train.template import Template

_SMOOTHING: Final = 12
"""Rounds in which a vertex's offset is mixed with its neighbours'."""
_STIFFNESS: Final = 8.0
"""How much more the neighbours count."""
_OPACITY: Final = 2.0
"""Of a new Gaussian, as a logit."""
_GREY: Final = 0.25
"""Its linear light."""
_Y0: Final = 0.28209479177387814


BASE: Final = ("offset", "rotation", "scale", "opacity", "sh")
"""What a Gaussian has of its own."""


@dataclass(frozen=True)
class Posed:
    """One frame on the device."""

    joints: Tensor
    expression: Tensor


@dataclass(frozen=True)
class Learnt:
    """What networks say of a frame; None where they do not."""

    moved: Tensor | None = None
    """(V, 3) metres at rest."""
    shift: Tensor | None = None
    """(N, 3) of Gaussians, in mean edges in the frames of their triangles."""
    tint: Tensor | None = None
    """(N, 3) linear light."""
    base: str = "gaussians"
    """Whose Gaussians are drawn: the student's, or "taught", the teacher's."""


class Model:
    """What is drawn from `params`; which of them there are says which parts the avatar has."""

    def __init__(self, capture: Capture, options: TrainOptions, device: torch.device) -> None:
        self.options, self.device = options, device
        self.template: Template = ready(capture, options.vertices)
        self.strewn: Strewn = strew(self.template.mesh, options.gaussians, options.seed)
        self.rig: Rig = rig_of(self.template, device)
        train = capture.training_frames()
        self.driver: Driver = driver_of(
            self.template, np.stack([f.joints for f in train]), np.stack([f.expression for f in train])
        )
        carried = self.rig.carried(self.driver.joints)
        self.code = torch.cat([encode(self.rig.rest, options.octaves), carried], 1)
        """(V, C): vertices of the template as it was given, for the network of mesh offsets."""
        self._parent = torch.as_tensor(self.strewn.parent.astype(np.int64), device=device)
        self._barycentric = torch.as_tensor(self.strewn.barycentric, device=device)
        self._neighbours = _neighbours(self.rig.triangles, len(self.rig.rest))
        self._rasterise = rasteriser_for(device)
        self.params: Params = self._first_params()
        self._canvas = canvas_of(self.template.mesh, self.strewn, device) if "teacher.in" in self.params else None
        self._rest_turned: Tensor | None = None

    def _first_params(self) -> Params:
        count, options = len(self.strewn.parent), self.options
        sh = torch.zeros(count, (options.degree + 1) ** 2, 3)
        sh[:, 0] = (_GREY - 0.5) / _Y0
        rotation = torch.zeros(count, 4)
        rotation[:, 0] = 1
        params = {
            "template.offset": torch.zeros(len(self.rig.rest), 3),
            "gaussians.offset": torch.zeros(count, 3),
            "gaussians.rotation": rotation,
            "gaussians.scale": torch.as_tensor(self.strewn.scale).log(),
            "gaussians.opacity": torch.full((count,), _OPACITY),
            "gaussians.sh": sh,
        }
        if options.mesh_network and self.driver.joints:
            params |= new_mesh_network(self.code.shape[1], self.driver.pose_size, options.seed)
        shapes = 0
        if options.blend_shapes and self.driver.joints and options.body_shapes:
            params |= new_mapping("body", self.driver.pose_size, options.body_shapes, options.seed + 1)
            shapes += options.body_shapes
        if options.blend_shapes and self.driver.expressions and options.head_shapes:
            params |= new_mapping("head", len(self.driver.expressions), options.head_shapes, options.seed + 2)
            shapes += options.head_shapes
        if shapes:
            params |= {name: torch.zeros(shapes, count, 3) for name in ("shapes.shift", "shapes.tint")}
        if options.teacher and self.driver.joints:
            params |= new_teacher(options.seed + 3)
            params |= {f"taught.{name}": params[f"gaussians.{name}"].clone() for name in BASE}
        return {name: value.to(self.device) for name, value in params.items()}

    def load(self, params: Mapping[str, Tensor]) -> None:
        """Take over the values of `params`, which are named and shaped as here."""
        for name, value in params.items():
            self.params[name] = value.to(self.device)
        self.settle()

    def keep(self, index: NDArray[np.int64]) -> None:
        """Go on with these Gaussians alone, in this order, and without a teacher."""
        strewn = self.strewn
        self.strewn = Strewn(strewn.parent[index], strewn.barycentric[index], strewn.scale[index])
        which = torch.as_tensor(index, device=self.device)
        self._parent, self._barycentric = self._parent[which], self._barycentric[which]
        self._canvas = None
        kept = {name: value for name, value in self.params.items() if not name.startswith(("teacher.", "taught."))}
        for name, value in kept.items():
            if name.startswith("gaussians."):
                kept[name] = value[which]
            elif name.startswith("shapes."):
                kept[name] = value[:, which]
        self.params = kept
        self.settle()

    def settle(self) -> None:
        """Say that the template's shape changes no more, or has changed."""
        self._rest_turned = None

    def on_device(self, frame: Frame) -> Posed:
        """The frame as tensors."""
        return Posed(
            torch.as_tensor(frame.joints, device=self.device), torch.as_tensor(frame.expression, device=self.device)
        )

    def rest(self) -> Tensor:
        """(V, 3) the template's fitted shape; offsets are smooth over the surface (as Nicolet et al. 2021)."""
        wanted = self.params["template.offset"]
        offset = wanted
        for _ in range(_SMOOTHING):
            offset = (wanted + _STIFFNESS * (self._neighbours @ offset)) / (1 + _STIFFNESS)
        return self.rig.rest + offset

    def rest_turned(self) -> Tensor:
        """(N, 3, 3) rotations of the Gaussians' triangles at rest."""
        if self._rest_turned is None:
            with torch.no_grad():
                self._rest_turned = frames(self.rest(), self.rig.triangles)[0][self._parent]
        return self._rest_turned

    def corrections(self, posed: Posed) -> Tensor | None:
        """(V, 3) metres at rest that the network adds, where there is one."""
        if "mesh.code" not in self.params:
            return None
        return mesh_offsets(self.params, self.code, self.driver.pose(posed.joints))

    def weights(self, posed: Posed) -> Tensor | None:
        """(n,) weights of the blend shapes, the body's first, where there are any."""
        if "shapes.shift" not in self.params:
            return None
        parts = []
        if "body.weight0" in self.params:
            parts.append(mapped(self.params, "body", self.driver.pose(posed.joints)))
        if "head.weight0" in self.params:
            parts.append(mapped(self.params, "head", self.driver.face(posed.expression)))
        return torch.cat(parts)

    def student(self, posed: Posed, *, mesh: bool = True, blend: bool = True) -> Learnt:
        """What the networks that are packed say of a frame."""
        moved = self.corrections(posed) if mesh else None
        weights = self.weights(posed) if blend else None
        if weights is None:
            return Learnt(moved)
        shift, tint = (torch.tensordot(weights, self.params[f"shapes.{name}"], 1) for name in ("shift", "tint"))
        return Learnt(moved, shift, tint)

    def teacher(self, posed: Posed) -> Learnt | None:
        """What the teacher says of a frame, where there is one."""
        if self._canvas is None:
            return None
        with torch.no_grad():
            still = torch.linalg.inv(posed.joints[0]) @ posed.joints
            gone = self.rig.posed(self.rig.rest, still, posed.expression) - self.rig.rest
        taught = teach(self.params, self._canvas, gone)
        return Learnt(taught.moved, taught.shift, taught.tint, "taught")

    def begin_teaching(self) -> None:
        """Let the teacher's Gaussians begin where the student's are."""
        self.params |= {f"taught.{name}": self.params[f"gaussians.{name}"].clone() for name in BASE}

    def draw(self, posed: Posed, eye: Eye, rest: Tensor, learnt: Learnt | None = None) -> tuple[Tensor, Tensor]:
        """Light (H, W, 3), premultiplied, and cover (H, W) of a frame from `eye`; `rest` is `self.rest()`, and `learnt`
        what `self.student` says unless something else is given."""
        learnt = learnt or self.student(posed)
        base = {name: self.params[f"{learnt.base}.{name}"] for name in BASE}
        moved = rest if learnt.moved is None else rest + learnt.moved
        vertices = self.rig.posed(moved, posed.joints, posed.expression)
        offset = base["offset"] if learnt.shift is None else base["offset"] + learnt.shift
        placed = place(
            vertices, self.rig.triangles, self._parent, self._barycentric, offset, base["rotation"],
            base["scale"].exp(),
        )  # fmt: skip
        light = colours(base["sh"], placed, self.rest_turned(), eye.place)
        if learnt.tint is not None:
            light = light + learnt.tint
        # Clipped as the renderer clips it; a gradient still pulls back what is outside.
        light = light + (light.clamp(0, 1) - light).detach()
        splats = project(eye, placed)
        index = splats.index
        opacity = base["opacity"].sigmoid()[index]
        return self._rasterise(
            splats.centres, splats.covariances, opacity, light[index], eye.camera.width, eye.camera.height
        )


def _neighbours(triangles: Tensor, vertices: int) -> Tensor:
    """(V, V) sparse: the mean of a vertex's neighbours."""
    ends = torch.cat([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = torch.unique(torch.cat([ends, ends.flip(1)]), dim=0).T
    counts = torch.bincount(pairs[0], minlength=vertices)
    shares = 1.0 / counts[pairs[0]].float()
    return torch.sparse_coo_tensor(pairs, shares, (vertices, vertices), check_invariants=True).coalesce()
