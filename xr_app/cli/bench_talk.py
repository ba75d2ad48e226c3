"""`visavis bench conversation`: how fast this machine talks, beside what others run the same models with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import A2bs, AsJson, Asr, Llm, LlmModel, LlmUrl, Set, Tts
from xr_app.texts import tr

bench_talk_app = typer.Typer()

EXAMPLE = (
    "\n\nvisavis bench conversation --json"
    "\n\nvisavis bench conversation --asr whisper --llm-url http://192.168.1.20:8000/v1"
    "\n\nvisavis bench conversation --peers all --plot turn.png --trace talk.json --json"
)


@bench_talk_app.command(
    "conversation",
    help=tr(
        "Ask questions aloud and time every stage of the engines that are set, from the end of speech to the first "
        "sound of the answer; then interrupt the avatar." + EXAMPLE,
        "出声提问，测量所设引擎的每个阶段，从话音结束到回答的第一个声音；然后打断形象。" + EXAMPLE,
    ),
)
def bench_conversation_command(
    rounds: Annotated[int, typer.Option(min=1, help=tr("Questions asked.", "提问次数。"))] = 30,
    questions: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help=tr(
                "Recorded questions and what is said in them, as `bench asr` takes them; a synthetic voice without.",
                "录制的问题及其文字（格式同 bench asr）；默认用合成语音。",
            ),
        ),
    ] = None,
    asr: Asr = None,
    llm: Llm = None,
    tts: Tts = None,
    a2bs: A2bs = None,
    llm_url: LlmUrl = None,
    llm_model: LlmModel = None,
    set_: Set = None,
    peers: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help=tr(
                "Compare with what else runs these models, in turn with ours: some of faster-whisper, "
                "llama-cpp-python, onnxruntime, or all. Installs them into the cache (up to 700 MB); llama-cpp-python "
                "needs a C++ compiler and many minutes, once.",
                "与运行相同模型的其他软件轮流比较：faster-whisper、llama-cpp-python、onnxruntime 中的若干个，或 all。"
                "装入缓存（至多 700 MB）；llama-cpp-python 首次需要 C++ 编译器和较长时间。",
            ),
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Draw the stages of the median turn into this PNG or SVG (needs pip install 'visavis\\[bench]').",
                "把中位话轮的各阶段画进这个 PNG 或 SVG（需要 pip install 'visavis\\[bench]'）。",
            )
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help=tr("Write all turns as a trace for ui.perfetto.dev.", "把所有话轮写成 Perfetto 跟踪文件。")),
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets.measure.plots import check_plots
    from assets.paths import cache_dir
    from assets.progress import shown_on
    from conversation.measure.corpus import read_corpus
    from conversation.measure.peers.contest import PeerNames, hold_contest
    from conversation.measure.talk import Talk, bench_conversation
    from conversation.measure.talk_plot import median_turn, plot_turn
    from conversation.measure.trace import write_trace
    from conversation.user_settings import conversation_settings
    from xr_app.tables import print_figures
    from xr_app.user_settings import flags, user_settings

    names = PeerNames.read(peers)
    if plot:
        check_plots()
    chosen = {"asr": asr, "llm": llm, "tts": tts, "a2bs": a2bs}
    settings = user_settings(flags(chosen, llm_url=llm_url, llm_model=llm_model, others=set_))
    talk = Talk(
        conversation_settings(settings.values), rounds=rounds, questions=read_corpus(questions) if questions else ()
    )
    # Minutes long and mostly waiting: how far it is stands on standard error, also beside JSON.
    with shown_on() as progress:
        found = bench_conversation(talk, progress)
        if plot:
            plot_turn(median_turn(found.turns), plot)
        if trace:
            write_trace(found.turns, trace)
        others = {"peers": hold_contest(names, talk, cache_dir() / "peers", progress)} if names else {}
    print_figures(found.figures | others, json_)
