"""The student's networks: what they are told of a pose, and that ONNX and MNN compute what torch does."""

import numpy as np
import onnxruntime
import pytest
import torch
from scipy.spatial.transform import Rotation

from assets.convert.mnn import to_mnn
from assets.skinning import skinning_matrices
from assets.train.mnn_networks import mesh_network, pose_network
from assets.train.networks import (
    SLOPE,
    Driver,
    Params,
    driver_of,
    encode,
    mapped,
    mesh_offsets,
    new_mapping,
    new_mesh_network,
)
from assets.train.template import template_of
from render.nets.tensors import Network
from tests.assets.train.captures import person, poses

DRIVER = Driver((5, 9, 4), (2, 8, 3), (3, 17))


def random_params() -> Params:
    params = new_mesh_network(33, DRIVER.pose_size, 1)
    params |= new_mapping("body", DRIVER.pose_size, 8, 2) | new_mapping("head", 2, 4, 3)
    random = torch.Generator().manual_seed(4)
    return {name: value + 0.1 * torch.randn(value.shape, generator=random) for name, value in params.items()}


def joints_of(count: int = 15) -> torch.Tensor:
    random = np.random.default_rng(0)
    joints = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    joints[:, :3, :3] = Rotation.random(count, random_state=1).as_matrix()
    joints[:, :3, 3] = random.normal(size=(count, 3))
    return torch.as_tensor(joints)


def test_a_pose_is_what_joints_turn_over_their_parents() -> None:
    avatar = person()
    names = avatar.skeleton.names
    rotations = np.zeros((len(names), 4))
    rotations[:, 0] = 1
    elbow, whole = Rotation.from_rotvec((0.2, -0.5, 0.1)), Rotation.from_rotvec((0.0, 1.1, 0.3))
    for name, turn in (("lowerarm_l", elbow), ("root", whole)):
        rotations[names.index(name)] = turn.as_quat()[[3, 0, 1, 2]]
    joints = skinning_matrices(avatar.skeleton, rotations, np.array((0.1, 0.2, 0.3)))
    joint = names.index("lowerarm_l")
    driver = Driver((joint,), (int(avatar.skeleton.parents[joint]),), ())
    known = elbow.as_rotvec() / elbow.magnitude() * np.sin(elbow.magnitude())
    np.testing.assert_allclose(driver.pose(torch.as_tensor(joints)).numpy(), known, atol=1e-6)


def test_only_what_moves_is_told() -> None:
    avatar = person()
    joints, expression = poses(avatar, 6)
    driver = driver_of(template_of(avatar), joints, expression)
    assert [avatar.skeleton.names[j] for j in driver.joints] == ["head", "upperarm_l", "lowerarm_r"]
    assert [avatar.expressions[e] for e in driver.expressions] == ["jawOpen"]


def test_the_code_of_a_vertex_is_its_place_in_waves() -> None:
    rest = torch.as_tensor(np.random.default_rng(0).uniform(-1, 3, (50, 3)))
    code = encode(rest, 2)
    assert code.shape == (50, 15)
    unit = code[:, :3]
    assert float(unit.abs().max()) == pytest.approx(1.0)
    np.testing.assert_allclose(code[:, 9:12], torch.sin(np.pi * unit), atol=1e-9)


def test_onnx_and_mnn_compute_what_torch_does() -> None:
    params, joints = random_params(), joints_of()
    expression = torch.rand(52, generator=torch.Generator().manual_seed(5))
    code = torch.randn(70, 33, generator=torch.Generator().manual_seed(6))
    pose = DRIVER.pose(joints)
    offsets = mesh_offsets(params, code, pose)
    weights = torch.cat([mapped(params, "body", pose), mapped(params, "head", DRIVER.face(expression))])
    arrays = {name: value.numpy() for name, value in params.items()}
    first = (code @ params["mesh.code"].T).numpy()
    small = pose_network(arrays, DRIVER, (15, 52))
    large = mesh_network(arrays, 70, SLOPE)
    given = {"joints": joints[:, :3].reshape(15, 12).numpy(), "expression": expression[None].numpy()}
    for run in (_onnx, _mnn):
        made = run(small, given)
        np.testing.assert_allclose(made["weights"][0], weights.numpy(), atol=2e-5)
        found = run(large, {"code": first, "bias": made["bias"]})["offsets"]
        np.testing.assert_allclose(found, offsets.numpy(), atol=2e-5)


def _onnx(model: object, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString())  # type: ignore[attr-defined]
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def _mnn(model: object, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    network = Network(to_mnn(model), lambda shapes: shapes)  # type: ignore[arg-type]
    arrays = {name: np.ascontiguousarray(given[name], np.float32) for name in network.inputs}
    arrays |= {name: np.zeros(network.shapes[name], np.float32) for name in network.outputs}
    network.run(arrays, in_place=False)
    return arrays
