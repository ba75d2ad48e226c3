"""The avatar that a training leaves behind is drawn by the renderer as the trainer drew it."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from assets.avatar import Avatar
from assets.container import load, save
from assets.train.capture import Capture
from assets.train.export import to_avatar
from assets.train.folder import read_folder
from assets.train.measure import drawn
from assets.train.model import Model
from assets.train.options import TrainOptions
from render.motion.pose import PoseKey
from render.nets.lowered import lowered_stage
from render.offscreen import Offscreen, render_image
from render.renderer import AvatarRenderer
from tests.assets.train.captures import write_capture
from xr_app.workshop.capture import view_of

OPTIONS = TrainOptions(gaussians=1500, vertices=500, octaves=3, body_shapes=3, head_shapes=2, degree=1)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    folder = tmp_path_factory.mktemp("capture")
    write_capture(folder, size=96)
    return read_folder(folder)


def shaken(capture: Capture, **parts: bool) -> Model:
    """A model all of whose parameters say something."""
    model = Model(capture, msgspec.structs.replace(OPTIONS, **parts), torch.device("cpu"))
    random = torch.Generator().manual_seed(0)
    sizes = {"template": 0.01, "mesh": 0.02, "shapes": 0.15, "gaussians": 0.15}
    model.load(
        {
            name: value + sizes.get(name.split(".")[0], 0.1) * torch.randn(value.shape, generator=random)
            for name, value in model.params.items()
        }
    )
    return model


def packed(model: Model, capture: Capture, path: Path) -> Avatar:
    save(to_avatar(model, capture, {"tool": "test"}), path)
    return load(path)


@pytest.mark.parametrize(
    "parts",
    [{}, {"mesh_network": False}, {"blend_shapes": False}, {"mesh_network": False, "blend_shapes": False}],
    ids=["whole", "no mesh network", "no blend shapes", "neither"],
)
def test_the_renderer_reproduces_the_trainer_s_picture(
    capture: Capture, tmp_path: Path, parts: dict[str, bool]
) -> None:
    model = shaken(capture, **parts)
    avatar = packed(model, capture, tmp_path / "her.avatar")
    for pair in (capture.pairs()[0], capture.pairs()[7], *capture.pairs(new_view=True, new_pose=True)):
        frame = capture.frames[pair.frame]
        there = render_image(
            avatar, view_of(capture.cameras[pair.camera]), expression=frame.expression, joints=frame.joints,
            background=(0, 0, 0, 1),
        )[..., :3]  # fmt: skip
        here = np.rint(drawn(model, capture, pair) * 255)
        psnr = 10 * np.log10(255**2 / np.square(there.astype(float) - here).mean())
        print(f"{psnr:.1f} dB")
        assert psnr >= 40


def test_what_was_learnt_is_in_the_picture(capture: Capture, tmp_path: Path) -> None:
    """Each part changes the picture: the test above would fail if one were lost on the way."""
    model = shaken(capture)
    pair = capture.pairs(new_pose=True)[0]
    whole = drawn(model, capture, pair)
    for name in ("mesh.bias4", "shapes.shift", "shapes.tint", "template.offset"):
        kept = model.params[name]
        model.load({name: torch.zeros_like(kept)})
        assert np.abs(drawn(model, capture, pair) - whole).max() > 0.05, name
        model.load({name: kept})


def test_the_file_says_how_far_things_move(capture: Capture, tmp_path: Path) -> None:
    model = shaken(capture)
    stages = {stage.name: stage for stage in packed(model, capture, tmp_path / "her.avatar").stages}
    with torch.no_grad():
        moved = [model.corrections(model.on_device(frame)) for frame in capture.frames]
    farthest = max(float(offsets.norm(dim=1).max()) for offsets in moved if offsets is not None)
    assert farthest < stages["deform"].options["reach"] < 2 * farthest + 0.01
    assert stages["align"].options["reach"] > 0.001


def test_a_template_without_a_face_becomes_an_avatar_whose_face_is_still(capture: Capture, tmp_path: Path) -> None:
    template = capture.template
    plain = replace(template, expressions=(), mesh=replace(template.mesh, shapes=template.mesh.shapes[:0]))
    frames = tuple(replace(frame, expression=frame.expression[:0]) for frame in capture.frames)
    faceless = replace(capture, template=plain, frames=frames)
    model = shaken(faceless)
    avatar = packed(model, faceless, tmp_path / "her.avatar")
    assert len(avatar.expressions) == 52 and not avatar.mesh.shapes.any()
    assert avatar.tensors["tint"].shape[0] == OPTIONS.body_shapes
    pair = capture.pairs()[5]
    there = render_image(
        avatar, view_of(capture.cameras[pair.camera]), joints=frames[pair.frame].joints, background=(0, 0, 0, 1)
    )[..., :3]
    here = np.rint(drawn(model, faceless, pair) * 255)
    assert 10 * np.log10(255**2 / np.square(there.astype(float) - here).mean()) >= 40


def test_lowered_into_the_gpu_its_networks_draw_the_same(capture: Capture, tmp_path: Path) -> None:
    model = shaken(capture)
    avatar = packed(model, capture, tmp_path / "her.avatar")
    assert set(avatar.programs) == {"pose", "mesh"}
    pair = capture.pairs()[8]
    frame, view = capture.frames[pair.frame], view_of(capture.cameras[pair.camera])
    with Offscreen() as offscreen:
        renderer = AvatarRenderer(
            offscreen.ctx, avatar,
            make_model=lambda ctx, name, given: lowered_stage(ctx, avatar.programs[name], given),
        )  # fmt: skip
        key, target = PoseKey(0, frame.expression, frame.joints), offscreen.target(view.width, view.height)
        renderer.set_keys(key, key)
        renderer.draw([view], [target], head=view.pose, model=np.eye(4), alpha=0.0, background=(0, 0, 0, 1))
        there = offscreen.read(target)[..., :3].astype(float)
    here = np.rint(drawn(model, capture, pair) * 255)
    assert 10 * np.log10(255**2 / np.square(there - here).mean()) >= 40
