"""Brings the other renderers into a folder, at the versions that were looked at; only the bench needs them.

Web viewers come from npm, with three.js where they need it; Open3D from PyPI, into an environment of its own, since it
is large and asks for packages that nothing else here does. Chromium and npm are the system's.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assets.elsewhere import make_environment, run_or
from assets.progress import Step
from render.errors import PeerError

PACKAGES: Final = {
    "@mkkellogg/gaussian-splats-3d": "0.4.7",
    "@sparkjsdev/spark": "2.2.0",
    "gsplat": "1.2.9",
    "playcanvas": "2.23.3",
    "three": "0.187.0",
}
OPEN3D: Final = "open3d-cpu==0.20.0"
_THREE: Final = {"three": "three/build/three.module.js", "three/addons/": "three/examples/jsm/"}
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@dataclass(frozen=True)
class WebViewer:
    """A package that draws in a web page, and what its page imports: specifier -> file under node_modules."""

    package: str
    imports: dict[str, str]

    @property
    def version(self) -> str:
        """The version that is installed."""
        return PACKAGES[self.package]


WEB: Final = {
    "mkkellogg": WebViewer(
        "@mkkellogg/gaussian-splats-3d",
        {**_THREE, "@mkkellogg/gaussian-splats-3d": "@mkkellogg/gaussian-splats-3d/build/gaussian-splats-3d.module.js"},
    ),
    "spark": WebViewer("@sparkjsdev/spark", {**_THREE, "@sparkjsdev/spark": "@sparkjsdev/spark/dist/spark.module.js"}),
    "playcanvas": WebViewer("playcanvas", {"playcanvas": "playcanvas/build/playcanvas.mjs"}),
    "gsplatjs": WebViewer("gsplat", {"gsplat": "gsplat/dist/index.es.js"}),
}
NAMES: Final = (*WEB, "open3d")
"""Every renderer that `bench render --peers` knows."""


def find_chromium() -> Path:
    """The system's Chromium. Raises PeerError where there is none."""
    for name in _CHROMIUM:
        if found := shutil.which(name):
            return Path(found)
    raise PeerError(
        "There is no Chromium for the web's renderers; install it (on Debian: sudo apt-get install chromium), or name "
        "other peers."
    )


def install_web(folder: Path, step: Step) -> Path:
    """The web viewers' node_modules in `folder`, unless there at these versions installed now. Raises PeerError."""
    modules = folder / "node_modules"
    if all(_version_of(modules / package) == version for package, version in PACKAGES.items()):
        return modules
    npm = shutil.which("npm")
    if npm is None:
        raise PeerError(
            "There is no npm to fetch the web's renderers with; install it (on Debian: sudo apt-get install npm)."
        )
    step.say("fetching web viewers, 150 MB")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}, indent=2))
    npm_install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    run_or(npm_install, "The web's renderers", PeerError)
    return modules


def install_open3d(folder: Path, step: Step) -> Path:
    """The Python of an environment in `folder` that has Open3D, made unless it is there. Raises PeerError."""
    return make_environment(folder, [OPEN3D], "Open3D", "600 MB", step, PeerError)


def _version_of(package: Path) -> str | None:
    try:
        version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(version)
