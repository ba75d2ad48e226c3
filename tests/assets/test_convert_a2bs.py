"""The A2BS network in MNN against ONNX Runtime running its source, on real speech."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile

from assets.arkit import INDEX
from assets.convert import a2bs
from assets.errors import ConversionError
from assets.progress import SilentProgress
from conversation.engines.asr.mel import BANDS, log_mel
from conversation.engines.net import Net

SPEECH = Path(__file__).parents[1] / "data" / "a2bs" / "hibari.ogg"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("visavis-a2bs")
    a2bs.convert({}, out, SilentProgress().step("Converting"))
    return out


def test_it_makes_the_network_and_its_sheet(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {"a2bs.mnn", a2bs.SHEET}
    assert (made / "a2bs.mnn").stat().st_size < 1_500_000


def test_every_output_drives_arkit_shapes_each_once(made: Path) -> None:
    names = [name for shapes in json.loads((made / a2bs.SHEET).read_text())["channels"] for name in shapes]
    assert set(names) <= set(INDEX)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("seconds", [0.6, 2.5, 0.6])
def test_mnn_computes_what_onnx_runtime_computes(made: Path, seconds: float) -> None:
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    mel = log_mel(samples[rate // 2 : rate // 2 + int(seconds * rate)]).T[None]
    source = onnxruntime.InferenceSession((a2bs.source_folder() / "a2bs.onnx").read_bytes())
    (expected,) = source.run(["mouth"], {"mel": np.ascontiguousarray(mel)})
    mouth = Net(made / "a2bs.mnn")(mel=mel)["mouth"]
    assert mel.shape[1] == BANDS
    assert expected.std() > 0.05  # a collapsed network would agree with anything
    assert mouth.shape == expected.shape
    np.testing.assert_allclose(mouth, expected, atol=2e-5)


def test_a_sheet_of_another_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a2bs.onnx").write_bytes((a2bs.source_folder() / "a2bs.onnx").read_bytes() + b"\0")
    (tmp_path / a2bs.SHEET).write_text((a2bs.source_folder() / a2bs.SHEET).read_text())
    with pytest.raises(ConversionError, match="install Visavis again"):
        a2bs._convert(tmp_path, tmp_path)
