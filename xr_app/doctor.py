"""What is there, line by line, and what to do about what is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from assets import catalogue, paths
from assets.container import read_manifest
from assets.errors import VisavisError
from assets.importers.scene import SUFFIXES as SCENES
from conversation.engines.registry import STAGES, Engine, engines_of
from xr_app.texts import tr

NEEDED_GB: Final = 2.0
"""Free disk that set-up wants: packages, models, avatar and the simulated headset."""


@dataclass(frozen=True)
class Check:
    """One line: whether it is there, what was found, and what to do if it is not."""

    name: str
    title: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = True
    """False where a talk works without it (by a simulated headset, by files)."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine() -> list[Check]:
    """Every check, in the order in which a talk needs them; none raises."""
    checks: list[Callable[[], list[Check]]] = [
        _runtime,
        _graphics,
        _networks,
        _audio,
        _settings,
        _models,
        _streaming,
        _avatar,
        _film,
        _disk,
    ]
    return [line for check in checks for line in check()]


def ready_to_talk() -> bool:
    """Whether a headset, a microphone and a loudspeaker are there."""
    return all(check.ok for check in [*_headset(), *_audio()])


def show(checks: list[Check]) -> None:
    """Print one line a check, and below it what to do."""
    console = Console(highlight=False, soft_wrap=True)
    width = max(cell_len(check.title) for check in checks)
    for check in checks:
        mark = "[green]✓[/green]" if check.ok else "[red]✗[/red]" if check.needed else "[yellow]–[/yellow]"
        console.print(f"{mark} {check.title}{' ' * (width - cell_len(check.title))}  {escape(check.found)}")
        if not check.ok and check.advice:
            console.print(f"  {' ' * width}  → {escape(check.advice)}")


def _headset() -> list[Check]:
    from xr_app.runtime.discovery import active_runtime

    runtime = active_runtime()
    title = tr("OpenXR runtime", "OpenXR 运行时")
    if runtime is None:
        found, problem = tr("none is active", "没有启用的运行时"), tr(
            "make your headset's runtime active, or go on with the simulated headset",
            "启用头显的运行时，或使用模拟头显",
        )  # fmt: skip
        return [Check("runtime", title, False, found, problem, needed=False)]
    found = f"{runtime.name} · {runtime.system}" if runtime.system else runtime.name
    return [Check("runtime", title, runtime.problem is None, found, runtime.problem or "")]


def _runtime() -> list[Check]:
    from xr_app.runtime import monado

    there = monado.is_set_up()
    where = str(paths.monado_dir()) if there else tr("not set up", "未安装")
    advice = tr("run `make setup`", "运行 `make setup`")
    title = tr("Simulated headset", "模拟头显")
    headset = _headset()
    return [*headset, Check("simulated", title, there, f"Monado · {where}", advice, needed=not headset[0].ok)]


def _graphics() -> list[Check]:
    from render.gl.context import standalone_context

    title = "OpenGL"
    try:
        ctx = standalone_context()
    except VisavisError as error:
        return [Check("gl", title, False, tr("does not work", "不可用"), str(error))]
    renderer, version = str(ctx.info["GL_RENDERER"]), str(ctx.info["GL_VERSION"])
    ctx.release()
    return [Check("gl", title, True, f"{renderer} · {version}")]


def _networks() -> list[Check]:
    from render.nets.backends import probe_backends

    title = tr("MNN on a GPU", "MNN 的 GPU 后端")
    found = ", ".join(probe_backends())
    none = tr(
        "none: networks run on the processor, or lowered inside OpenGL",
        "没有：网络在处理器上运行，或转换后在 OpenGL 内运行",
    )
    return [Check("networks", title, True, found or none, needed=False)]


def _audio() -> list[Check]:
    from conversation.audio.devices import device_names

    wanted = dict(zip(("microphone", "speaker"), _device_names(), strict=True))
    devices = device_names(**wanted)
    advice = {
        "microphone": tr("connect a microphone, or type: visavis run --text", "接上麦克风，或打字：visavis run --text"),
        "speaker": tr("connect headphones or a loudspeaker, or read", "接上耳机或扬声器，或阅读文字"),
    }
    titles = {"microphone": tr("Microphone", "麦克风"), "speaker": tr("Loudspeaker", "扬声器")}
    lines = []
    for kind, found in devices.items():
        none, what = tr("none", "没有"), advice[kind]
        if wanted[kind]:
            none = tr(f"none called {wanted[kind]!r}", f"没有名为 {wanted[kind]!r} 的设备")
            what += tr("; names: visavis settings devices", "；名称：visavis settings devices")
        lines.append(Check(kind, titles[kind], found is not None, found or none, what, needed=False))
    return lines


def _device_names() -> tuple[str, str]:
    from xr_app.user_settings import user_settings

    try:
        chosen = user_settings().values.audio
    except VisavisError:
        return "", ""
    return chosen.microphone, chosen.speaker


def _settings() -> list[Check]:
    from conversation.user_settings import conversation_settings, engines_in_use
    from xr_app.user_settings import user_settings

    title = tr("Settings", "设置")
    try:
        loaded = user_settings()
        conversation_settings(loaded.values)
    except VisavisError as error:
        return [Check("settings", title, False, tr("not right", "有误"), str(error))]
    where = str(loaded.path) if loaded.path.exists() else tr("defaults", "默认值")
    engines = " · ".join(engine.name for engine in engines_in_use(loaded.values))
    return [Check("settings", title, True, f"{where} · {engines}")]


def _models() -> list[Check]:
    """What the chosen engines need, and the rest of the starter conversation, without which it may do."""
    in_use = _engines()
    needed = {"silero-vad", *(name for engine, options in in_use for name in engine.models_for(options))}
    names = dict.fromkeys([*(model.name for model in catalogue.MODELS), *sorted(needed)])
    lines = []
    for name in names:
        ready = catalogue.is_ready(name)
        found = str(paths.models_dir() / name) if ready else tr("missing", "缺失")
        lines.append(Check(f"model.{name}", name, ready, found, f"visavis models get {name}", needed=name in needed))
    for engine, _ in in_use:
        for module in engine.modules:
            there = find_spec(module) is not None
            found, advice = "" if there else tr("missing", "缺失"), tr("see docs/models.md", "见 docs/models.md")
            lines.append(Check(f"module.{module}", module, there, found, advice))
    return [*lines, *_own_language_model()]


def _own_language_model() -> list[Check]:
    """The one that `llm.mnn.model` names, where it is in use."""
    from conversation.engines.llm.llm_folder import problem_with
    from xr_app.user_settings import user_settings

    try:
        chosen = user_settings().values.llm
    except VisavisError:
        return []
    if chosen.engine != "mnn" or not chosen.mnn.model:
        return []
    problem = problem_with(chosen.mnn.model)
    title, wrong = tr("Language model", "语言模型"), tr("cannot be loaded", "无法加载")
    return [Check("llm.mnn.model", title, not problem, wrong if problem else chosen.mnn.model, problem)]


def _streaming() -> list[Check]:
    there = find_spec("sherpa_mnn") is not None
    title, advice = (
        tr("Streaming recognition (sherpa_mnn)", "流式识别（sherpa_mnn）"),
        tr(
            "it is on no package registry: docs/models.md says how to build it",
            "它不在任何软件源中：docs/models.md 说明如何编译",
        ),
    )
    return [
        Check("sherpa_mnn", title, there, tr("here", "已就绪") if there else tr("none", "没有"), advice, needed=False)
    ]


def _engines() -> list[tuple[Engine, Any]]:
    from conversation.user_settings.schema import chosen_engine
    from xr_app.user_settings import user_settings

    try:
        settings = user_settings().values
        return [chosen_engine(settings, stage) for stage in STAGES]
    except VisavisError:
        return [(engines_of(stage)[0], None) for stage in STAGES]


def _avatar() -> list[Check]:
    from xr_app.avatar_files import located
    from xr_app.user_settings import user_settings
    from xr_app.user_settings.sections import chosen_avatar

    title = tr("Avatar", "形象")
    try:
        chosen = chosen_avatar(user_settings().values)
    except VisavisError:
        chosen = None
    remake = f"visavis avatar remake --out {paths.shipped_avatars_dir()}"
    advice = "visavis settings reset avatar.name" if chosen else remake
    try:
        path = located(chosen)
        if path.suffix.lower() in SCENES:
            return [Check("avatar", title, path.is_file(), str(path), advice)]
        manifest = read_manifest(path)
    except VisavisError as error:
        return [Check("avatar", title, False, str(error), advice)]
    return [Check("avatar", title, True, f"{manifest.name} · {manifest.gaussians:,} · {path}")]


def _film() -> list[Check]:
    program = shutil.which("ffmpeg")
    advice = "sudo apt-get install ffmpeg"
    title, missing = tr("Film (ffmpeg)", "影片（ffmpeg）"), tr("missing", "缺失")
    return [Check("ffmpeg", title, program is not None, program or missing, advice, needed=False)]


def _disk() -> list[Check]:
    folder = paths.data_dir()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    found = tr(f"{free:.1f} GB free at {folder}", f"{folder} 剩余 {free:.1f} GB")
    advice = tr(
        f"free some space: set-up wants {NEEDED_GB:g} GB, or move it with VISAVIS_HOME",
        f"请腾出空间：安装需要 {NEEDED_GB:g} GB，或用 VISAVIS_HOME 换个位置",
    )
    return [Check("disk", tr("Disk", "磁盘"), free >= NEEDED_GB, found, advice)]
