"""Which stages a training has."""

import msgspec

from assets.train.options import STAGES, TrainOptions, picked_stages


def test_stages_run_in_order_and_what_is_left_out_has_none() -> None:
    whole = TrainOptions(teacher=True)
    assert picked_stages(whole) == list(STAGES)
    assert picked_stages(TrainOptions()) == ["template", "static", "mesh", "blend"]
    plain = msgspec.structs.replace(whole, fit_template=False, mesh_network=False, blend_shapes=False, teacher=False)
    # Gaussians go on learning where there is no network to train.
    assert picked_stages(plain) == ["static", "mesh", "blend"]
    assert picked_stages(TrainOptions(steps={"mesh": 3, "static": 0})) == ["mesh"]


def test_every_stage_has_steps_by_default() -> None:
    assert set(TrainOptions().steps) == set(STAGES) and min(TrainOptions().steps.values()) > 0
