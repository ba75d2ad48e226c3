"""`visavis avatar forge`: a person of Gaussians, made from what is said about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from xr_app.texts import tr

EXAMPLES = (
    "\n\nvisavis avatar forge --name ada --seed 7"
    "\n\nvisavis avatar forge --name otto --sex 1 --age 61 --hair receding --eyes blue"
    '\n\nvisavis avatar forge --name eva --seed 3 --clothes "navy blazer, white t-shirt, jeans"'
    "\n\nvisavis avatar forge --recipe mira"
)
forge_app = typer.Typer()


@forge_app.command(
    "forge",
    help=tr(
        "Make a person of Gaussians from the CC0 body data that a package carries. The seed draws what is not said."
        + EXAMPLES,
        "用软件包中的 CC0 人体数据制作一个高斯形象。未指定的部分由种子决定。" + EXAMPLES,
    ),
)
def avatar_forge(
    name: Annotated[str | None, typer.Option(help=tr("The avatar's name.", "形象的名字。"))] = None,
    seed: Annotated[int, typer.Option(min=0, help=tr("Same seed, same person.", "相同的种子得到相同的人。"))] = 1,
    out: Annotated[Path | None, typer.Option(help=tr("File to write.", "写入的文件。"))] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help=tr("A person of the project, made again bit for bit.", "逐位重现项目自带的一个人物。")),
    ] = None,
    gaussians: Annotated[
        int, typer.Option(min=5_000, max=1_000_000, help=tr("About how many.", "大约的高斯数量。"))
    ] = 250_000,
    sex: Annotated[float, typer.Option(min=0, max=1, help=tr("0 female to 1 male.", "0 女性，1 男性。"))] = 0.0,
    age: Annotated[float, typer.Option(min=18, max=90, help=tr("Years.", "年龄。"))] = 25.0,
    height: Annotated[float | None, typer.Option(min=1.4, max=2.1, help=tr("Metres.", "身高（米）。"))] = None,
    muscle: Annotated[float, typer.Option(min=0, max=1, help=tr("0 little to 1 much.", "肌肉，0 少 1 多。"))] = 0.5,
    weight: Annotated[float, typer.Option(min=0, max=1, help=tr("0 thin to 1 heavy.", "体重，0 瘦 1 胖。"))] = 0.5,
    skin: Annotated[float | None, typer.Option(min=0, max=1, help=tr("0 fair to 1 deep.", "肤色，0 浅 1 深。"))] = None,
    eyes: Annotated[
        str | None, typer.Option(help=tr("Colour of the eyes: brown, blue …", "眼睛颜色：brown、blue……"))
    ] = None,
    hair: Annotated[
        str | None, typer.Option(help=tr("Style: bob, ponytail, crop …", "发型：bob、ponytail、crop……"))
    ] = None,
    hair_colour: Annotated[
        str | None, typer.Option(help=tr("Colour of the hair: black, chestnut …", "发色：black、chestnut……"))
    ] = None,
    beard: Annotated[
        str | None, typer.Option(help=tr("Beard: stubble, short, full …", "胡须：stubble、short、full……"))
    ] = None,
    brows: Annotated[
        str | None, typer.Option(help=tr("Brows: plain, arched, bushy …", "眉毛：plain、arched、bushy……"))
    ] = None,
    lashes: Annotated[str | None, typer.Option(help=tr("Lashes: plain, long …", "睫毛：plain、long……"))] = None,
    clothes: Annotated[
        str,
        typer.Option(
            help=tr("What to wear: navy blazer, white shirt, jeans …", "衣着：navy blazer, white shirt, jeans……")
        ),
    ] = "",
    wear: Annotated[
        list[Path] | None,
        typer.Option(
            help=tr(
                "A piece of MakeHuman's asset packs (.mhclo); repeatable.",
                "MakeHuman 素材包中的一件（.mhclo），可重复。",
            )
        ),
    ] = None,
) -> None:
    from assets.forge.anatomy.person import Person
    from assets.forge.look import Look, Recipe, recipe_named
    from assets.progress import shown_on
    from xr_app.avatars import forge_avatar

    if recipe is None:
        person = Person(sex=sex, age=age, height=height, muscle=muscle, weight=weight)
        look = Look(person, skin, eyes, hair, hair_colour, beard, brows, lashes, clothes, tuple(wear or ()))
        made = Recipe(seed, look, gaussians)
    else:
        made = replace(recipe_named(recipe), gaussians=gaussians)
    with shown_on() as progress:
        path = forge_avatar(name or recipe or "ada", made, out, progress)
    print(path)
