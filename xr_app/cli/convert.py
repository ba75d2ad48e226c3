"""`visavis models convert`: engines of the user's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

CONVERT_HELP = tr(
    "Convert a model for MNN: an .onnx file, a language model as .gguf, or its Hugging Face folder. What was lost is "
    "measured against the source and reported; what does not compute the same is refused (docs/models.md)."
    "\n\nvisavis models convert voice.onnx --bits 8"
    "\n\nvisavis models convert SmolLM2-360M-Instruct.Q8_0.gguf --name smollm2-360m"
    "\n\nvisavis models convert Qwen2.5-0.5B-Instruct --lora my-adapter --bits 4 --block 64",
    "把模型转换为 MNN 格式：.onnx 文件、.gguf 语言模型或 Hugging Face 文件夹。与原模型对比并报告误差，结果不符则拒绝"
    "（docs/models.md）。"
    "\n\nvisavis models convert voice.onnx --bits 8"
    "\n\nvisavis models convert SmolLM2-360M-Instruct.Q8_0.gguf --name smollm2-360m"
    "\n\nvisavis models convert Qwen2.5-0.5B-Instruct --lora my-adapter --bits 4 --block 64",
)


def models_convert(
    source: Annotated[Path, typer.Argument(help=tr("What to convert.", "要转换的模型。"))],
    name: Annotated[
        str | None, typer.Option(help=tr("Name of the language model; by default the source's.", "语言模型的名称。"))
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=tr("File for an .onnx; by default here.", ".onnx 的输出文件；默认为当前目录。"))
    ] = None,
    bits: Annotated[
        int | None,
        typer.Option(help=tr("Of a weight: 4, 8 (default), 16; for .onnx also 32 (default).", "权重位数。")),
    ] = None,
    block: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=1024,
            help=tr("Weights that share a scale; 0: a row (default for .onnx).", "量化块大小。"),
        ),
    ] = None,
    lora: Annotated[
        Path | None, typer.Option(help=tr("A PEFT adapter's folder, to be merged.", "要合并的 PEFT 适配器文件夹。"))
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(help=tr("Of an input of an .onnx: NAME=1x80x100; repeatable.", ".onnx 输入的形状，可重复。")),
    ] = None,
    python: Annotated[
        Path, typer.Option(help=tr("A Python that has torch, if this one has not.", "带有 torch 的 Python。"))
    ] = Path(sys.executable),
    json_: AsJson = False,
) -> None:
    from assets.progress import SilentProgress, shown_on
    from conversation.making.language_model import make_language_model
    from conversation.making.onnx_file import make_onnx
    from conversation.making.source import Kind, checked_lora, kind_of, model_name
    from xr_app.errors import OptionError
    from xr_app.tables import print_figures

    kind = kind_of(source)
    is_onnx = kind is Kind.onnx
    allowed = (4, 8, 16, 32) if is_onnx else (4, 8, 16)
    wanted = bits or (32 if is_onnx else 8)
    if wanted not in allowed:
        raise OptionError(tr(f"--bits {wanted}: write one of {allowed}.", f"--bits {wanted}：请写 {allowed} 之一。"))
    shapes = dict(_shape(text) for text in shape or ())
    with shown_on() as shown:
        progress = SilentProgress() if json_ else shown
        if is_onnx:
            file = out or Path(f"{source.stem}.mnn")
            report = make_onnx(source, file, bits=wanted, block=block or 0, shapes=shapes, progress=progress)
        else:
            adapter = checked_lora(lora) if lora else None
            called = model_name(name, source)
            report = make_language_model(
                source.resolve(), called, bits=wanted, block=32 if block is None else block, lora=adapter,
                python=python, progress=progress,
            )  # fmt: skip
    print_figures(report, json_)


def _shape(text: str) -> tuple[str, list[int]]:
    from xr_app.errors import OptionError

    match = re.fullmatch(r"(.+)=(\d{1,6}(?:x\d{1,6})*)", text)
    if match is None:
        raise OptionError(tr(f"--shape {text}: write NAME=1x80x100.", f"--shape {text}：请写成 NAME=1x80x100。"))
    return match[1], [int(size) for size in match[2].split("x")]
