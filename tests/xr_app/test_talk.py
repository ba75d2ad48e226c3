"""The main job, end to end, every part real: a question is heard, answered aloud with a moving face, and filmed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assets.catalogue import model_dir
from conversation.audio.sound import DeviceNames
from conversation.engines.asr.whisper import WhisperBase
from conversation.settings import ConversationSettings
from tests.recordings import READER
from xr_app.talk import talk as run_talk
from xr_app.talk_options import TalkOptions

pytestmark = pytest.mark.timeout(240)


def visavis(*arguments: str, timeout: float = 200, typed: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from xr_app.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, input=typed)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("talk")
    question = folder / "question.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", "What is the capital of France?", "-o", str(question)], check=True)
    done = visavis(
        "run", "--hear", str(question), "--record", str(folder / "talk.mp4"), "--report", str(folder / "report.json"),
        "--film-size", "512",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder, json.loads((folder / "report.json").read_text())


def test_question_is_heard_and_answered(talk: tuple[Path, dict]) -> None:
    _, report = talk
    (turn,) = report["turns"]
    assert "capital of france" in turn["heard"].lower()
    assert len(turn["said"].split()) >= 2
    assert turn["speech_end_to_audio_ms"] > 0
    assert {"asr", "tts", "a2bs"} <= turn["stages_ms"].keys()


def test_seen_through_a_headset(talk: tuple[Path, dict]) -> None:
    _, report = talk
    assert "Monado" in report["runtime"]["name"]
    assert report["gl"]["renderer"]
    assert report["frames"]["count"] > 50
    live = report["live"]
    assert live["gaussians"] >= 1000 and live["width"] >= 128
    assert report["stages"]["deform"]["runs"] > 10


def test_film_is_full_level_and_sorts_where_hands_move(talk: tuple[Path, dict]) -> None:
    folder, report = talk
    film = report["film"]
    assert film["gaussians"] >= 60_000
    assert film["width"] >= 512 and film["height"] >= 512 and film["fps"] >= 15
    assert film["sorted"] <= 0.85 * film["frames"]  # not while she listens
    assert (folder / "talk.mp4").stat().st_size > 50_000


def test_captions_say_the_answer_in_the_films_time(talk: tuple[Path, dict]) -> None:
    folder, report = talk
    words = [word for caption in report["captions"] for word in caption["words"]]
    (turn,) = report["turns"]
    assert " ".join(word["text"] for word in words) == turn["said"]
    times = [time for word in words for time in (word["begin_s"], word["end_s"])]
    assert times == sorted(times) and times[0] > 1.0
    shown = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(folder / "talk.mp4"), "-map", "0:s:0", "-f", "srt", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert words[0]["text"] in shown and words[-1]["text"] in shown


def test_face_moves_with_the_voice(talk: tuple[Path, dict]) -> None:
    _, report = talk
    assert report["av_offset_ms"]["mean"] is not None
    assert abs(report["av_offset_ms"]["mean"]) < 100


def test_the_films_sound_says_question_and_answer(talk: tuple[Path, dict]) -> None:
    folder, report = talk
    sound = folder / "sound.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(folder / "talk.mp4"), str(sound)], check=True)
    samples, rate = soundfile.read(sound, dtype="float32", always_2d=True)
    heard = WhisperBase(model_dir("whisper-base")).transcribe(soxr.resample(samples.mean(axis=1), rate, 16_000)).text
    words = {word.strip(".,!?").lower() for word in heard.split()}
    said = [word.strip(".,!?").lower() for word in report["turns"][0]["said"].split()]
    assert "france" in words
    assert np.mean([word in words for word in said]) > 0.6


def test_without_a_voice_one_types_and_reads(tmp_path: Path) -> None:
    file = tmp_path / "talk.json"
    small = ("--gaussians", "100", "--eye-size", "64")
    remembers = ("--set", "conversation.remembers=nothing", "--set", "conversation.welcome=")
    done = visavis(
        "run",
        "--headset",
        "none",
        "--no-voice",
        *remembers,
        *small,
        "--transcript",
        str(file),
        typed="What is the capital of France?\n/save no\n",
    )
    assert done.returncode == 0, done.stderr
    asked, answered = json.loads(file.read_text("utf-8"))
    assert asked["text"] == "What is the capital of France?" and "Paris" in answered["text"]
    assert answered["text"] in " ".join(done.stderr.split()) and "no is none of .txt" in " ".join(done.stderr.split())
    assert "loading tts" not in done.stderr


class BegunError(Exception):
    """Instead of a session."""


@pytest.mark.parametrize(
    ("plugged", "questions", "typed"),
    [([], (), True), (["built-in"], (), False), ([], (READER.path,), False)],
    ids=["no microphone", "not the one that is wished for", "questions from files"],
)
def test_where_nobody_can_be_heard_one_types(
    monkeypatch: pytest.MonkeyPatch, plugged: list[str], questions: tuple[Path, ...], typed: bool
) -> None:
    def device_names(microphone: str = "", speaker: str = "") -> dict[str, str | None]:
        return {"microphone": next((name for name in plugged if microphone in name), None), "speaker": None}

    held: list[TalkOptions] = []

    def hold(options: TalkOptions, *_: object) -> None:
        held.append(options)
        raise BegunError

    monkeypatch.setattr("xr_app.talk.device_names", device_names)
    monkeypatch.setattr("xr_app.talk.hold", hold)
    settings = ConversationSettings(devices=DeviceNames("sofa", ""))
    with pytest.raises(BegunError):
        run_talk(TalkOptions(questions=questions, settings=settings))
    assert held[0].typed is typed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--hear", __file__, "--no-voice"], "leave --no-voice out"),
        (["run", "--no-voice", "--transcript", "talk.doc"], "none of .txt"),
        (["run", "--hear", "nothing.wav"], "nothing.wav"),
        (["run", "--hear", __file__], "cannot be played"),
        (["run", "--avatar", __file__], "not an avatar"),
        (["avatar", "render", "a.png", "--expression", "jaw=1"], "ARKit"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], words: str) -> None:
    done = visavis(*arguments, timeout=60)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
