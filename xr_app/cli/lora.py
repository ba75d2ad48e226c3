"""`visavis models lora`: an adapter that is switched while the avatar talks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xr_app.cli.options import AsJson
from xr_app.texts import tr

LORA_HELP = tr(
    "Make a LoRA for a language model for MNN, beside its weights rather than merged into them: it is loaded with the "
    "model (llm.mnn.lora) and switched while you talk (/lora FILE). The adapter is a PEFT folder for the same model."
    "\n\nvisavis models lora my-adapter smollm2-135m"
    "\n\nvisavis models lora my-adapter ~/models/Qwen2.5-1.5B-Instruct-MNN --out poet.lora.mnn",
    "为 MNN 语言模型制作可切换的 LoRA（不合并到权重中）：随模型加载（llm.mnn.lora），对话中用 /lora 文件 切换。"
    "适配器为针对同一模型的 PEFT 文件夹。"
    "\n\nvisavis models lora my-adapter smollm2-135m"
    "\n\nvisavis models lora my-adapter ~/models/Qwen2.5-1.5B-Instruct-MNN --out poet.lora.mnn",
)


def models_lora(
    adapter: Annotated[Path, typer.Argument(help=tr("Folder of a PEFT adapter.", "PEFT 适配器文件夹。"))],
    model: Annotated[str, typer.Argument(help=tr("A model's name, or its folder.", "模型名称或其文件夹。"))],
    out: Annotated[
        Path | None, typer.Option(help=tr("By default ADAPTER.lora.mnn here.", "默认为当前目录的 ADAPTER.lora.mnn。"))
    ] = None,
    json_: AsJson = False,
) -> None:
    from assets import catalogue
    from assets.errors import ModelError
    from assets.progress import SilentProgress, shown_on
    from conversation.engines.llm.llm_folder import folder_at, is_folder, problem_with
    from conversation.making.lora import make_lora
    from xr_app.tables import print_figures

    if problem := problem_with(model):
        raise ModelError(problem)
    folder = folder_at(model) if is_folder(model) else catalogue.model_dir(model)
    file = out or Path(f"{adapter.resolve().name}.lora.mnn")
    with shown_on() as shown:
        report = make_lora(adapter, folder, file, progress=SilentProgress() if json_ else shown)
    print_figures(report, json_)
