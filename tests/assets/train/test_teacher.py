"""The teacher: what it is painted, where its maps are read, and that a student learns from it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from assets.progress import SilentProgress
from assets.train.capture import Capture
from assets.train.export import to_avatar
from assets.train.folder import read_folder
from assets.train.model import Model
from assets.train.options import TrainOptions
from assets.train.sampling import strew
from assets.train.surface import eye_of
from assets.train.teacher import SIZE, canvas_of, new_teacher, teach
from assets.train.template import template_of
from assets.train.trainer import Trainer
from assets.train.unseen import drop_unseen
from tests.assets.train.captures import person, write_capture

CPU = torch.device("cpu")
OPTIONS = TrainOptions(
    gaussians=600, vertices=400, octaves=2, body_shapes=2, head_shapes=1, teacher=True,
    steps={"template": 5, "static": 10, "teacher": 15, "mesh": 40, "blend": 5},
)  # fmt: skip


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    folder = tmp_path_factory.mktemp("capture")
    write_capture(folder)
    return read_folder(folder)


@pytest.fixture(scope="module")
def trained(capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    trainer = Trainer(capture, OPTIONS, tmp_path_factory.mktemp("work") / "checkpoint.safetensors")
    trainer.run(SilentProgress())
    return trainer


def test_a_painting_shows_the_surface_that_its_side_sees() -> None:
    mesh = template_of(person()).mesh
    canvas = canvas_of(mesh, strew(mesh, 500, 1), CPU)
    vertices = torch.as_tensor(mesh.vertices)
    # Painted with where vertices are, a pixel shows the place that lies there.
    front, back = canvas.painted(vertices / 4).view(2, 4, SIZE, SIZE).unbind()
    np.testing.assert_array_equal(front[3], back[3])
    shown = front[3] > 0
    assert 0.1 < shown.float().mean() < 0.6
    assert (front[2] >= back[2] - 1e-6)[shown].all() and (front[2] > back[2] + 0.05)[shown].any()
    half = 1.05 * np.ptp(mesh.vertices[:, :2], axis=0).max() / 2
    middle = (mesh.vertices[:, :2].max(axis=0) + mesh.vertices[:, :2].min(axis=0)) / 2
    row, column = (index.float() for index in torch.nonzero(shown, as_tuple=True))
    pixel = 2 * half / SIZE
    for axis, place in ((0, column), (1, row)):
        expected = middle[axis] + ((place + 0.5) / SIZE * 2 - 1) * half
        assert (front[axis][shown] - expected).abs().max() < pixel


def test_maps_are_read_where_points_lie() -> None:
    mesh = template_of(person()).mesh
    strewn = strew(mesh, 500, 1)
    canvas = canvas_of(mesh, strewn, CPU)
    params = {name: torch.zeros_like(value) for name, value in new_teacher(1).items()}
    # A map that is the same everywhere says the same to all, and front and back are told apart.
    params["teacher.out_bias"][:] = torch.cat([torch.full((9,), 1.0), torch.full((9,), -1.0)])
    taught = teach(params, canvas, torch.zeros(len(mesh.vertices), 3))
    assert taught.moved.shape == mesh.vertices.shape and taught.shift.shape == taught.tint.shape == (500, 3)
    side = taught.moved[:, 0] / 0.05
    assert side.min() > -1 and side.max() < 1
    ahead, behind = mesh.vertices[:, 2] > 0.09, mesh.vertices[:, 2] < -0.09
    assert side[torch.as_tensor(ahead)].mean() > 0.5 and side[torch.as_tensor(behind)].mean() < -0.5


def test_it_learns_first_and_the_student_from_it(capture: Capture, trained: Trainer) -> None:
    first = Trainer(capture, OPTIONS).model.params
    for name, value in trained.model.params.items():
        assert not torch.equal(value, first[name]), name
    frame = trained.model.on_device(capture.frames[2])
    taught = trained.model.teacher(frame)
    said = trained.model.corrections(frame)
    assert taught is not None and taught.moved is not None and said is not None
    # The student has come nearer to what the teacher says than saying nothing is.
    assert (said - taught.moved).norm() < taught.moved.norm()
    eye = eye_of(capture.cameras[0], CPU)
    theirs, ours = (trained.model.draw(frame, eye, trained.model.rest(), learnt)[0] for learnt in (taught, None))
    assert theirs.max() > 0.1 and not torch.equal(theirs, ours)


def test_broken_off_it_goes_on_to_the_same(capture: Capture, trained: Trainer, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    for until in (20, 45):
        Trainer(capture, OPTIONS, checkpoint).run(SilentProgress(), until=until)
    again = Trainer(capture, OPTIONS, checkpoint)
    again.run(SilentProgress())
    for name, value in trained.model.params.items():
        assert torch.equal(value, again.model.params[name]), name


def test_nothing_of_it_is_packed(capture: Capture, trained: Trainer) -> None:
    model = Model(capture, OPTIONS, CPU)
    model.load({name: value.clone() for name, value in trained.model.params.items()})
    drop_unseen(model, capture)
    assert not any(name.startswith(("teacher", "taught")) for name in model.params)
    assert model.teacher(model.on_device(capture.frames[0])) is None
    avatar = to_avatar(model, capture)
    assert set(avatar.models) == {"pose", "mesh"} and set(avatar.tensors) == {"vertex_code", "shift", "tint"}


def test_where_nothing_moves_there_is_nothing_to_teach(capture: Capture) -> None:
    rest = capture.frames[0]
    frames = tuple(replace(frame, joints=rest.joints, expression=rest.expression) for frame in capture.frames)
    trainer = Trainer(replace(capture, frames=frames), OPTIONS)
    assert trainer.total == 60  # the teacher's steps are left out
    trainer.run(SilentProgress(), until=17)
