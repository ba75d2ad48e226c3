"""The bench of networks gives every figure that its readers look for, of results that are right."""

from __future__ import annotations

from assets.progress import SilentProgress
from render.nets.bench import Net, bench_models


def test_every_way_is_timed_and_right() -> None:
    nets = (Net("many", 300, (6, 8, 5)), Net("one", 1, (9, 8, 1500)))
    figures = bench_models(3, SilentProgress(), nets)
    assert figures["gl"]["renderer"] and isinstance(figures["backends"], list)
    shared = {"session, mapped", "session, copied", "lowered by shares, float32", "lowered by shares, float16"}
    ways = {name: network["ways"] for name, network in figures["networks"].items()}
    assert set(ways["many"]) >= shared | {"lowered by rows, float32"} and set(ways["one"]) >= shared
    for network in ways.values():
        for name, way in network.items():
            assert 0 < way["call_ms"]["p50"] <= way["result_ms"]["p50"] <= way["result_ms"]["p95"]
            assert way["error"] < (2e-3 if "float16" in name else 1e-5), name
