"""The `visavis` command. Nothing heavy is imported before a command needs it, so that help comes at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from assets.errors import VisavisError
from xr_app.cli.avatar import avatar_app
from xr_app.cli.bench import bench_app
from xr_app.cli.importing import IMPORT_HELP, avatar_import
from xr_app.cli.memory import memory_app
from xr_app.cli.models import models_app
from xr_app.cli.options import (
    A2bs,
    AsJson,
    Asr,
    AvatarFile,
    HeadsetChoice,
    Llm,
    LlmModel,
    LlmUrl,
    Microphone,
    Set,
    Speaker,
    Tts,
)
from xr_app.cli.replay import REPLAY_HELP, replay_tape
from xr_app.cli.settings import settings_app, tell
from xr_app.cli.train import add_to as add_training
from xr_app.cli.train import add_to_bench as add_training_bench
from xr_app.cli.visit import visit_app
from xr_app.errors import OptionError
from xr_app.headset import Headset
from xr_app.texts import language, tr

EPILOG = tr(
    "Everything runs on this machine. VISAVIS_HOME moves models and avatars; VISAVIS_LANG=zh speaks Chinese here.",
    "一切都在本机运行。VISAVIS_HOME 可移动模型和形象的位置；VISAVIS_LANG=en 切换为英文界面。",
)
RUN_EXAMPLES = (
    "\n\nvisavis run"
    "\n\nvisavis run --text --transcript talk.md"
    "\n\nvisavis run --llm-url http://HOST:8000/v1"
    "\n\nvisavis run --headset window"
    "\n\nvisavis run --hear question.wav --record talk.mp4 --report report.json"
)
app = typer.Typer(
    name="visavis",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog=EPILOG,
    help=tr(
        "A lifelike person in your room: stands before you in the headset, listens, and answers aloud.\n\n"
        "Start with [bold]visavis doctor[/bold], then [bold]visavis run[/bold].",
        "房间里的真人形象：在头显中站在你面前，倾听并开口回答。\n\n"
        "先运行 [bold]visavis doctor[/bold]，再运行 [bold]visavis run[/bold]。",
    ),
)
app.add_typer(models_app, name="models")
app.add_typer(avatar_app, name="avatar")
app.add_typer(memory_app, name="memory")
app.add_typer(settings_app, name="settings")
add_training(avatar_app)
add_training_bench(bench_app)
app.add_typer(bench_app, name="bench")
app.add_typer(visit_app)
app.command("replay", help=REPLAY_HELP)(replay_tape)
avatar_app.command("import", help=IMPORT_HELP)(avatar_import)


@app.command(
    help=tr(
        "Talk with the avatar in the headset (or, where there is none, in a simulated one)." + RUN_EXAMPLES,
        "在头显中与形象交谈（没有头显时使用模拟头显）。" + RUN_EXAMPLES,
    )
)
def run(
    avatar: AvatarFile = None,
    headset: HeadsetChoice = Headset.AUTO,
    mirror: Annotated[
        bool | None,
        typer.Option(
            "--mirror/--no-mirror",
            help=tr("Show what the headset shows in a window, too.", "同时在窗口中显示头显画面。"),
        ),
    ] = None,
    hear: Annotated[
        list[Path] | None,
        typer.Option(
            help=tr(
                "A WAV file that is heard instead of the microphone; give it again for further questions. "
                "The session ends after the last answer.",
                "代替麦克风的 WAV 文件；可重复给出多个问题。最后一个回答之后会话结束。",
            )
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help=tr("Film the talk into this mp4.", "把谈话拍成这个 mp4 影片。"))
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help=tr("Write the figures of the talk into this JSON.", "把谈话的数据写入这个 JSON。")),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Keep the session in this .visit file, for visavis replay.",
                "把会话保存到这个 .visit 文件，供 visavis replay 使用。",
            )
        ),
    ] = None,
    hashes: Annotated[
        bool,
        typer.Option(
            "--hashes",
            help=tr(
                "With --keep: hash every 30th picture, too, for visavis replay --check.",
                "与 --keep 同用：每 30 帧保存一次画面哈希，供 visavis replay --check 使用。",
            ),
        ),
    ] = False,
    gaussians: Annotated[
        int | None,
        typer.Option(min=100, help=tr("Gaussians drawn live; less is faster.", "实时绘制的高斯数量；越少越快。")),
    ] = None,
    eye_size: Annotated[
        int | None,
        typer.Option(min=64, max=4096, help=tr("Pixels of one eye, live, each way.", "实时画面每只眼的边长（像素）。")),
    ] = None,
    film_size: Annotated[
        int, typer.Option(min=512, max=2048, help=tr("Pixels of one eye in the film, each way.", "影片每只眼的边长。"))
    ] = 640,
    seconds: Annotated[
        float | None, typer.Option(help=tr("End the session after this long.", "多少秒后结束会话。"))
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help=tr("Questions may be typed here, too.", "也可以在终端输入问题。"))
    ] = False,
    no_voice: Annotated[
        bool,
        typer.Option(
            "--no-voice",
            help=tr("No microphone and no voice: you type and read.", "不用麦克风和语音：用文字交谈。"),
        ),
    ] = False,
    transcript: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Write what was said into this file: .txt, .md, .json or .srt.",
                "把对话写入这个文件：.txt、.md、.json 或 .srt。",
            )
        ),
    ] = None,
    microphone: Microphone = None,
    speaker: Speaker = None,
    asr: Asr = None,
    llm: Llm = None,
    llm_url: LlmUrl = None,
    llm_model: LlmModel = None,
    tts: Tts = None,
    a2bs: A2bs = None,
    set_: Set = None,
    json_: AsJson = False,
) -> None:
    from conversation.user_settings import conversation_settings
    from xr_app.minutes import require_transcript_name
    from xr_app.user_settings import flags, settings_at_start
    from xr_app.user_settings.sections import chosen_avatar, chosen_entries, chosen_rate, chosen_room, voice_key

    devices = {"audio.microphone": microphone, "audio.speaker": speaker}
    others = [*(set_ or ()), *(f"{key}={name}" for key, name in devices.items() if name is not None)]
    others += ["conversation.voice=false"] if no_voice else []
    engines = {"asr": asr, "llm": llm, "tts": tts, "a2bs": a2bs}
    given = flags(engines, llm_url=llm_url, llm_model=llm_model, others=others, avatar=avatar, mirror=mirror)
    settings = settings_at_start(given)
    tell(settings.told)
    silent = not settings.value("conversation.voice")
    if hear and silent:
        raise OptionError(
            tr(
                "--hear needs a conversation with a voice: leave --no-voice out.",
                "--hear 需要语音：请去掉 --no-voice。",
            )
        )
    if hashes and keep is None:
        raise OptionError(tr("--hashes goes with --keep.", "--hashes 须与 --keep 同用。"))
    if transcript:
        require_transcript_name(transcript)
    from xr_app.runtime.relaunch import relaunch_for_simulated_headset

    if headset in (Headset.AUTO, Headset.SIMULATED):
        relaunch_for_simulated_headset(simulated=headset is Headset.SIMULATED)
    from xr_app.reading import Reading

    reading = Reading(chosen_avatar(settings.values))  # beside all that is loaded from here on
    from xr_app.talk import talk
    from xr_app.talk_options import TalkOptions

    options = TalkOptions(
        avatar=chosen_avatar(settings.values),
        headset=headset,
        questions=tuple(hear or ()),
        film=record,
        tape=keep,
        hashes=hashes,
        report=report,
        transcript=transcript,
        typed=text or silent,
        gaussians=gaussians,
        eye_size=eye_size,
        film_size=film_size,
        seconds=seconds,
        panels=chosen_entries(settings.values),
        room=chosen_room(settings.values),
        refresh_rate=chosen_rate(settings.values),
        voice_key=voice_key(settings.values),
        settings=conversation_settings(settings.values, reader=language()),
    )
    result = talk(options, reading=reading)
    if json_:
        print(result.json())
    else:
        from rich.console import Console

        result.show(Console())
    if result.failures:
        raise typer.Exit(1)


@app.command(
    help=tr(
        "Tell, line by line, what is there and what to do about what is not.",
        "逐行说明哪些已就绪，缺少的该怎么办。",
    )
)
def doctor(
    json_: AsJson = False,
    ready: Annotated[
        bool,
        typer.Option(
            "--ready",
            help=tr(
                "Print nothing; succeed only where a headset and a microphone are there.",
                "不输出任何内容；仅当有头显和麦克风时成功。",
            ),
        ),
    ] = False,
) -> None:
    from xr_app import doctor as examination

    if ready:
        raise typer.Exit(0 if examination.ready_to_talk() else 1)
    checks = examination.examine()
    if json_:
        print(json.dumps([check.as_dict() for check in checks], indent=2, ensure_ascii=False))
    else:
        examination.show(checks)
    raise typer.Exit(0 if all(check.ok or not check.needed for check in checks) else 1)


def main() -> NoReturn:
    """Run the command; a failure that a user can act on is one sentence and exit code 1."""
    try:
        app()
    except VisavisError as error:
        sys.exit(f"visavis: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)
