"""`visavis bench spatial`: figures that can be missed."""

from conversation.measure.spatial import MOST, bench_spatial, missed


def test_every_figure_is_there() -> None:
    figures = bench_spatial(seconds=0.5)
    assert set(figures) == {"24000_hz", "48000_hz"}
    for row in figures.values():
        assert row["core_share_moving"] > 0 and row["core_share_still"] > 0 and row["begin_ms"] > 0
    assert figures["24000_hz"]["delay_ms"] == 1.0


def test_too_much_is_missed() -> None:
    def figures(share: float) -> dict[str, dict[str, float]]:
        return {"48000_hz": {"core_share_moving": share}}

    assert missed(figures(1.1 * MOST)) and not missed(figures(0.9 * MOST))
