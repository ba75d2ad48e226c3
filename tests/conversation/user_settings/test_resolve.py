"""What settings mean for the conversation, and that nothing that can be set is undocumented or without effect."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from assets.paths import memory_file
from conversation.engines.registry import ENGINES, STAGES, Engine, engines_of
from conversation.errors import SettingsError
from conversation.processes.supervision import Supervision
from conversation.settings import ConversationSettings, Engines
from conversation.user_settings import SCHEMA, Flag, conversation_settings, engines, load
from conversation.user_settings.schema import options_of


def settings(**changed: object) -> Any:
    flags = tuple(Flag("--set", name.replace("__", "."), value) for name, value in changed.items())
    return load(Path("/nowhere/visavis.toml"), flags).values


def test_every_setting_has_a_meaning() -> None:
    assert all(key.meaning and key.takes for key in SCHEMA.keys)


def test_words_reach_the_conversation() -> None:
    got = conversation_settings(
        settings(
            conversation__persona="A pirate.", conversation__welcome="", conversation__max_tokens=9,
            conversation__system_prompt="Be brief.", conversation__emoji="named",
            conversation__duplex="half",
        )
    )  # fmt: skip
    assert (got.persona, got.welcome, got.max_tokens, got.system_prompt, got.emoji) == (
        "A pirate.", None, 9, "Be brief.", "named",
    )  # fmt: skip
    assert got.duplex == "half"
    assert conversation_settings(settings()).welcome and conversation_settings(settings()).duplex == "full"


def test_patience_with_parts_is_the_users() -> None:
    assert conversation_settings(settings()).supervision == Supervision()
    wanted = {"recogniser_s": 1.0, "speech_s": 2.0, "language_s": 3.0, "load_s": 4.0, "process_s": 5.0, "restarts": 6}
    got = conversation_settings(settings(**{f"supervision__{name}": value for name, value in wanted.items()}))
    assert got.supervision == Supervision(**wanted)
    with pytest.raises(SettingsError, match="process_s"):
        settings(supervision__process_s=0.5)


def test_what_is_remembered_is_the_users_choice() -> None:
    for choice, kept in (
        ("nothing", (None, False)),
        ("facts", (memory_file(), False)),
        ("everything", (memory_file(), True)),
    ):
        got = conversation_settings(settings(conversation__remembers=choice))
        assert (got.memory, got.keep_history) == kept
    assert conversation_settings(settings()).keep_history is False


def test_devices_are_chosen_by_name() -> None:
    got = conversation_settings(settings(audio__microphone="desk", audio__speaker="lamp")).devices
    assert (got.microphone, got.speaker) == ("desk", "lamp")


def test_without_settings_the_engines_are_the_default_ones() -> None:
    chosen, default = engines(settings()), Engines()
    for stage in ("recogniser", "language_model", "synthesiser", "face_driver"):
        ours, theirs = getattr(chosen, stage), getattr(default, stage)
        assert (ours.factory, ours.model) == (theirs.factory, theirs.model)
    assert ConversationSettings().system_prompt == conversation_settings(settings()).system_prompt


def test_options_reach_their_engine() -> None:
    got = engines(settings(llm__smollm2__temperature=0.5, llm__smollm2__sentences=0, tts__hibari__speed=1.5))
    assert got.language_model.options["sampling"].temperature == 0.5
    assert got.language_model.options["sentences"] is None
    assert got.synthesiser.options["speed"] == 1.5


@pytest.mark.parametrize(
    ("spoken", "chinese", "languages"),
    [
        ("en", "simplified", ("en",)),
        ("zh", "simplified", ("zh-CN",)),
        ("auto", "simplified", ("en", "zh-CN")),
        ("zh", "traditional", ("zh-TW",)),
        ("auto", "as heard", ("en", "zh")),
    ],
)
@pytest.mark.parametrize("engine", ["whisper", "zipformer"])
def test_the_recogniser_listens_for_the_language_spoken(
    engine: str, spoken: str, chinese: str, languages: tuple[str, ...]
) -> None:
    told = {"asr__engine": engine, f"asr__{engine}__chinese": chinese, "conversation__language": spoken}
    assert engines(settings(**told)).recogniser.options["languages"] == languages


@pytest.mark.parametrize("engine", ["transducer", "sherpa"])
def test_a_recogniser_of_ones_own_needs_its_folder(engine: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"asr.{engine}.folder"):
        engines(settings(asr__engine=engine))
    told = {"asr__engine": engine, f"asr__{engine}__folder": str(tmp_path), f"asr__{engine}__hotwords": ["Visavis"]}
    options = engines(settings(**told)).recogniser.options
    assert (options["model_dir"], options["hotwords"]) == (tmp_path, ["Visavis"])


def test_a_server_needs_an_address() -> None:
    with pytest.raises(SettingsError, match="--llm-url"):
        engines(settings(llm__engine="server"))
    spec = engines(settings(llm__engine="server", llm__server__url="http://here:1/v1")).language_model
    assert spec.options["url"] == "http://here:1/v1" and spec.options["model"] is None
    spec.load().close()


@pytest.mark.parametrize(("engine", "model"), [("supertonic", "supertonic"), ("bertvits2", "bert-vits2")])
def test_a_voice_of_a_hub_is_the_one_fetched_or_ones_own(engine: str, model: str, tmp_path: Path) -> None:
    (voice,) = (one for one in engines_of("tts") if one.name == engine)
    fetched = engines(settings(tts__engine=engine)).synthesiser
    assert (fetched.model, "folder" in fetched.options) == (model, False)
    assert voice.models_for(options_of(settings(), voice)) == (model,)
    told = settings(tts__engine=engine, **{f"tts__{engine}__folder": str(tmp_path)})
    own = engines(told).synthesiser
    assert (own.model, own.options["folder"]) == (None, str(tmp_path))
    assert model not in voice.missing(options_of(told, voice))


def factory(engine: Engine) -> Any:
    given = {"server": {"url": "http://here"}, "mnn": {"model": "mine"}, "piper": {"path": "/here"}} | {
        name: {"folder": "/here"} for name in ("unitalker", "transducer", "sherpa", "supertonic", "bertvits2")
    }
    options = engine.options(**given.get(engine.name, {}))
    module, _, name = engine.spec(options, "auto").factory.partition(":")
    if name == "RemoteLanguageModel":
        module, name = "conversation.engines.llm.smollm2", "SmolLM2"
    return getattr(importlib.import_module(module), name), engine.spec(options, "auto")


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: f"{engine.stage}-{engine.name}")
def test_engines_take_the_options_that_can_be_set(engine: Engine) -> None:
    takes, spec = factory(engine)
    assert spec.options.keys() <= inspect.signature(takes).parameters.keys()
    assert spec.model in (None, "mine", *engine.models)


def test_a_model_for_mnn_needs_a_name() -> None:
    with pytest.raises(SettingsError, match="--llm-model"):
        engines(settings(llm__engine="mnn"))
    spec = engines(settings(llm__engine="mnn", llm__mnn__model="qwen2.5-1.5b")).language_model
    assert spec.model == "qwen2.5-1.5b" and spec.options["examples"] == () and spec.options["sentences"] is None


def test_every_stage_has_an_engine() -> None:
    assert all(engines_of(stage) for stage in STAGES)
    assert len({(engine.stage, engine.name) for engine in ENGINES}) == len(ENGINES)
