"""`visavis memory`: what the avatar remembers, and how it forgets."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

memory_app = typer.Typer(
    no_args_is_help=True, help=tr("What the avatar remembers of you.", "形象所记住的关于你的内容。")
)


@memory_app.command(
    "show",
    help=tr("Show the facts and how much was said; the file is named.", "显示记住的事实、对话数量以及文件位置。"),
)
def memory_show(json_: AsJson = False) -> None:
    from assets.paths import memory_file
    from conversation.history.memory import Memory

    memory = Memory(memory_file())
    facts, exchanges = memory.facts(), memory.exchanges()
    if json_:
        content = {
            "file": str(memory.path), "facts": [asdict(fact) for fact in facts],
            "exchanges": [asdict(exchange) for exchange in exchanges],
        }  # fmt: skip
        print(json.dumps(content, indent=2, ensure_ascii=False))
        return
    # Words that were heard go through no markup.
    for fact in facts:
        print(f"{fact.number}. {fact.text}")
    said = tr(f"{len(exchanges)} questions and answers", f"{len(exchanges)} 组问答")
    known = tr(f"{len(facts)} facts", f"{len(facts)} 条事实")
    print(f"{known}, {said}: {memory.path}")


@memory_app.command(
    "forget", help=tr("Forget everything, or one fact by its number.", "忘记一切，或按编号忘记一条事实。")
)
def memory_forget(
    fact: Annotated[
        int | None, typer.Option(help=tr("Only the fact with this number.", "只忘记这个编号的事实。"))
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=tr("Do not ask.", "不再询问。"))] = False,
) -> None:
    from assets.paths import memory_file
    from conversation.history.memory import Memory
    from xr_app.errors import OptionError

    memory = Memory(memory_file())
    if fact is not None:
        if not memory.forget_fact(fact):
            raise OptionError(
                tr(
                    f"There is no fact {fact}: see `visavis memory show`.",
                    f"没有编号为 {fact} 的事实：见 `visavis memory show`。",
                )
            )
        return
    if not yes:
        typer.confirm(tr(f"Delete {memory.path}?", f"删除 {memory.path}？"), abort=True)
    memory.forget_everything()
    print(tr("Everything is forgotten.", "已全部忘记。"))


@memory_app.command(
    "export",
    help=tr("Write what was said into FILE: .txt, .md, .json or .srt.", "把对话写入文件：.txt、.md、.json 或 .srt。"),
)
def memory_export(file: Annotated[Path, typer.Argument(help=tr("The file to write.", "要写入的文件。"))]) -> None:
    from assets.paths import memory_file
    from conversation.history.memory import Memory
    from xr_app.minutes import require_transcript_name, write_transcript

    require_transcript_name(file)
    write_transcript(file, Memory(memory_file()).exchanges())
