"""Tiny trainings: they learn, they go on where they were broken off, they refuse what is another's."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from assets.errors import TrainError
from assets.progress import SilentProgress
from assets.train.capture import Capture
from assets.train.folder import read_folder
from assets.train.measure import drawn, measure, splits
from assets.train.model import Model
from assets.train.options import TrainOptions, picked_stages
from assets.train.preview import write_preview
from assets.train.trainer import Trainer, device_of
from assets.train.unseen import drop_unseen, shares_seen
from tests.assets.train.captures import write_capture

OPTIONS = TrainOptions(
    gaussians=600, vertices=400, octaves=2, body_shapes=2, head_shapes=1,
    steps={"template": 20, "static": 30, "mesh": 20, "blend": 30},
)  # fmt: skip


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    folder = tmp_path_factory.mktemp("capture")
    write_capture(folder)
    return read_folder(folder)


@pytest.fixture(scope="module")
def trained(capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trainer, dict[str, float]]:
    trainer = Trainer(capture, OPTIONS, tmp_path_factory.mktemp("work") / "checkpoint.safetensors")
    before = figures(trainer)
    trainer.run(SilentProgress())
    return trainer, before


def figures(trainer: Trainer) -> dict[str, float]:
    """PSNR of every kind of picture."""
    kinds = splits(trainer.capture)
    return {kind: measure(trainer.model, trainer.capture, trainer.photos, kinds[kind])["psnr"] for kind in kinds}


def test_pictures_that_were_held_out_get_better(trained: tuple[Trainer, dict[str, float]]) -> None:
    trainer, before = trained
    after = figures(trainer)
    assert list(after) == ["new view and pose", "new view", "new pose", "trained on"]
    for kind, psnr in after.items():
        print(f"{kind}: {before[kind]:.1f} dB, then {psnr:.1f} dB")
        assert psnr > before[kind] + 2


def test_every_part_has_learnt(trained: tuple[Trainer, dict[str, float]]) -> None:
    trainer, _ = trained
    first = Trainer(trainer.capture, OPTIONS).model.params
    for name, value in trainer.model.params.items():
        assert not torch.equal(value, first[name]), name


def test_broken_off_and_taken_up_it_is_the_same_bit_for_bit(
    capture: Capture, trained: tuple[Trainer, dict[str, float]], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    for until in (37, 71, 72, 100):
        Trainer(capture, OPTIONS, checkpoint).run(SilentProgress(), until=until)
    last = Trainer(capture, OPTIONS, checkpoint)
    assert last.done == last.total == 100
    for name, value in trained[0].model.params.items():
        assert torch.equal(value, last.model.params[name]), name


def test_another_s_checkpoint_is_refused(capture: Capture, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    Trainer(capture, OPTIONS, checkpoint).run(SilentProgress(), until=1)
    other = msgspec.structs.replace(OPTIONS, seed=2)
    with pytest.raises(TrainError, match="delete it"):
        Trainer(capture, other, checkpoint)
    whole = checkpoint.read_bytes()
    for length in (0, 7, 100, len(whole) - 1):
        checkpoint.write_bytes(whole[:length])
        with pytest.raises(TrainError, match="delete it"):
            Trainer(capture, OPTIONS, checkpoint)


def test_parts_can_be_left_out(capture: Capture) -> None:
    plain = msgspec.structs.replace(OPTIONS, fit_template=False, mesh_network=False, blend_shapes=False)
    trainer = Trainer(capture, plain)
    assert {name.split(".")[0] for name in trainer.model.params} == {"template", "gaussians"}
    assert picked_stages(plain) == ["static", "mesh", "blend"] and trainer.total == 80
    still = replace(capture, frames=tuple(replace(f, joints=capture.frames[0].joints,
                                                  expression=capture.frames[0].expression)
                                          for f in capture.frames))  # fmt: skip
    assert not any(name.startswith(("mesh", "body", "head", "shapes")) for name in Trainer(still, OPTIONS).model.params)


def test_a_preview_shows_truth_above_and_avatar_below(
    capture: Capture, trained: tuple[Trainer, dict[str, float]], tmp_path: Path
) -> None:
    from PIL import Image

    path = tmp_path / "new" / "preview.png"
    write_preview(path, trained[0].model, capture, trained[0].photos)
    sheet = np.asarray(Image.open(path), float)
    assert sheet.shape == (80, 40, 3)  # one picture is held out both ways
    wanted = np.asarray(Image.open(capture.pictures[capture.pairs(new_view=True, new_pose=True)[0]].image), float)
    np.testing.assert_allclose(sheet[:40], wanted, atol=1)
    assert np.abs(sheet[40:] - wanted).mean() < 20


def test_devices_that_are_not_there_are_told() -> None:
    assert device_of("cpu").type == "cpu"
    with pytest.raises(TrainError, match="unknown"):
        device_of("abacus")
    if not torch.cuda.is_available():
        assert device_of("auto").type == "cpu"
        with pytest.raises(TrainError, match="CUDA"):
            device_of("cuda")


def test_what_was_hardly_seen_is_left_out(trained: tuple[Trainer, dict[str, float]]) -> None:
    capture, model = trained[0].capture, Model(trained[0].capture, OPTIONS, torch.device("cpu"))
    model.load({name: value.clone() for name, value in trained[0].model.params.items()})
    model.params["gaussians.opacity"][::3] = -20
    shares = shares_seen(model, capture)
    assert not shares[::3].any() and shares.max() > 0.8
    pair = capture.pairs()[3]
    before, old = drawn(model, capture, pair), model.params["gaussians.sh"]
    gone = drop_unseen(model, capture)
    assert gone == (shares < 0.1).sum() >= 200 and len(model.strewn.parent) == 600 - gone
    torch.testing.assert_close(model.params["gaussians.sh"], old[torch.as_tensor(shares >= 0.1)])
    assert model.params["shapes.tint"].shape == (3, 600 - gone, 3)
    assert np.abs(drawn(model, capture, pair) - before).mean() < 0.01
