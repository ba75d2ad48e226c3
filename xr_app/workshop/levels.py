"""What is lost where only the most important Gaussians of an avatar are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from assets.avatar import Avatar
from assets.progress import Progress
from xr_app.workshop.standard_views import picture_loss, pictures_by_level, views_of

SHARES: Final = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4)


def measure_levels(avatar: Avatar, size: int) -> list[dict[str, Any]]:
    """Each prefix (the levels of `avatar` and some shares of it, fewest first) beside the whole: gaussians, share,
    whether it is a level, and by view decibels on the pixels that either touches, in pictures of `size` pixels."""
    whole = len(avatar.gaussians)
    counts = sorted({*avatar.levels, *(round(share * whole) for share in SHARES)} - {0, whole})
    drawn = pictures_by_level(avatar, views_of(avatar), size, [whole, *counts])
    reference = next(drawn)
    return [
        {
            "gaussians": count,
            "share": round(count / whole, 4),
            "level": count in avatar.levels,
            "on_avatar_db": {
                view: picture_loss(picture, reference[view])["on_avatar_db"] for view, picture in pictures.items()
            },
        }
        for count, pictures in zip(counts, drawn, strict=True)
    ]


def bench_levels(avatars: Mapping[str, Avatar], size: int, plot: Path | None, progress: Progress) -> dict[str, Any]:
    """`measure_levels` of every avatar, by name; `plot` gets a panel for each. Raises RenderError where nothing can
    draw it."""
    from assets.measure.plots import check_plots
    from render.measure.plot import plot_levels

    if plot:
        check_plots()
    people: dict[str, Any] = {}
    with progress.step("Levels of detail", len(avatars)) as step:
        for name, avatar in avatars.items():
            people[name] = {"gaussians": len(avatar.gaussians), "prefixes": measure_levels(avatar, size)}
            step.advance()
    if plot:
        plot_levels(people, plot)
    return {"pixels": size, "people": people}
