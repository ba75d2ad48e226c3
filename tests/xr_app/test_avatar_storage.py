"""What a compact file loses is measured on pictures, and is little."""

from __future__ import annotations

from assets.progress import SilentProgress
from render.measure.subject import make_subject
from xr_app.avatar_compare import VIEWS
from xr_app.avatar_storage import bench_storage


def test_a_compact_avatar_looks_like_the_full_one() -> None:
    subject = make_subject(4000, shapes=4, degree=2)
    figures = bench_storage([subject], 192, SilentProgress())["avatars"][subject.name]
    assert figures["views"].keys() == VIEWS.keys()
    assert min(view["on_avatar_db"] for view in figures["views"].values()) >= 45
    assert figures["compact_bytes"] < 0.6 * figures["full_bytes"]
    assert (figures["gaussians"], figures["harmonics"], figures["shapes"]) == (4000, 9, 8)
    arrays = figures["arrays"]
    alone = {name: array["on_avatar_db"] for name, array in arrays.items() if "on_avatar_db" in array}
    assert {"offset", "rotation", "scale", "sh", "place_shapes", "light_shapes"} <= alone.keys()
    together = min(view["on_avatar_db"] for view in figures["views"].values())
    assert min(alone.values()) > together - 0.5, "no array alone loses more than all"
    # Deflated alone, arrays take about what they take in the file.
    assert 0.8 < sum(array["bytes"] for array in arrays.values()) / figures["compact_bytes"] < 1.1
