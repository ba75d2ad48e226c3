"""The menu's page of settings: those of visavis.toml that one changes while looking at what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from render.control import SCALES
from xr_app.panels.choices import Choices, Does, Value
from xr_app.panels.entries import Entry, Field, Page, listed, switch
from xr_app.preferences import Foveate, Preferences
from xr_app.texts import tr

TEXT_SIZES: Final = (0.8, 1.0, 1.25, 1.5)
FADES: Final = (0.3, 0.45, 0.6, 0.9, 1.2)
LEAST_SCALES: Final = tuple(scale for scale in SCALES if scale < 1)


def title(does: Does) -> str:
    """What the entry is called, and the page behind it."""
    return {
        Does.SETTINGS: tr("Settings", "设置"),
        Does.TEXT_SIZE: tr("Text size", "文字大小"),
        Does.HAND: tr("Main hand", "惯用手"),
        Does.CAPTIONS: tr("Captions", "字幕"),
        Does.FIGURES: tr("Figures", "性能数据"),
        Does.DETENT: tr("Human size", "真人大小"),
        Does.FADE: tr("Fades within", "淡出距离"),
        Does.RESOLUTION: tr("Resolution", "分辨率"),
        Does.FOVEATION: tr("Coarser edges", "注视点渲染"),
        Does.MIRROR: tr("Mirror window", "镜像窗口"),
    }[does]


def settings_fields(choices: Choices, page: Page) -> list[Field]:
    """All of them, of which those are left out that the display has not."""
    now = choices.preferences

    def opens(does: Does) -> Field:
        several, chosen = several_of(choices, does)
        return Entry(title(does), dict(several)[chosen], opens=True), Page(does, above=page)

    catches = tr("catches", "缩放时停住") if now.detent else tr("does not catch", "缩放时不停")
    fields = [
        opens(Does.TEXT_SIZE),
        opens(Does.HAND),
        switch(title(Does.CAPTIONS), Does.CAPTIONS, choices.captions),
        switch(title(Does.FIGURES), Does.FIGURES, choices.figures),
        switch(title(Does.DETENT), Does.DETENT, now.detent, catches),
        opens(Does.FADE),
        (Entry(title(Does.RESOLUTION), _resolution(now), opens=True), Page(Does.RESOLUTION, above=page)),
    ]
    if choices.foveates:
        fields.append(opens(Does.FOVEATION))
    if choices.mirror_at:
        later = tr("with the next start", "下次启动时打开") if now.mirror and choices.mirror_at == "later" else ""
        fields.append(switch(title(Does.MIRROR), Does.MIRROR, now.mirror, later))
    return fields


def settings_list(choices: Choices, does: Does) -> list[Field]:
    """What there is to choose from on the page behind an entry."""
    if does is not Does.RESOLUTION:
        return listed(does, *several_of(choices, does))
    dynamic = choices.preferences.dynamic_resolution
    least = listed(Does.LEAST, *several_of(choices, Does.LEAST)) if dynamic else []
    return [switch(tr("Dynamic", "动态"), Does.RESOLUTION, dynamic, "" if dynamic else _always_full()), *least]


def several_of(choices: Choices, does: Does) -> tuple[tuple[tuple[Value, str], ...], Value]:
    """Values and titles, and which value it has now; that is one of them whatever the file says."""
    now = choices.preferences
    match does:
        case Does.TEXT_SIZE:
            sizes = sorted({*TEXT_SIZES, now.text_size})
            return tuple((size, f"{size:.0%}") for size in sizes), now.text_size
        case Does.FADE:
            metres = sorted({*FADES, now.fade})
            return tuple((each, tr(f"{each:g} m", f"{each:g} 米")) for each in metres), now.fade
        case Does.LEAST:
            scales = sorted({*LEAST_SCALES, now.least_scale})
            return tuple((each, tr(f"At least {each:.0%}", f"至少 {each:.0%}")) for each in scales), now.least_scale
        case Does.HAND:
            return (("right", tr("Right", "右手")), ("left", tr("Left", "左手"))), now.hand
        case _:
            return tuple(_levels().items()), now.foveation


def _resolution(now: Preferences) -> str:
    least = now.lowest_scale
    return tr(f"{least:.0%} to 100%", f"{least:.0%} 至 100%") if least < 1 else _always_full()


def _always_full() -> str:
    return tr("always full", "始终最高")


def _levels() -> Mapping[Foveate, str]:
    return {
        "auto": tr("Automatic", "自动"),
        "off": tr("Off", "关闭"),
        "low": tr("Low", "低"),
        "medium": tr("Medium", "中"),
        "high": tr("High", "高"),
    }
