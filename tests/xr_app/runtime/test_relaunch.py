import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, os, sys
from xr_app.runtime.relaunch import relaunch_for_simulated_headset
relaunch_for_simulated_headset()
print(json.dumps([os.environ.get("VISAVIS_LIBRARIES"), sys.argv[1:]]))
"""


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("unpacked", [False, True])
def test_starts_again_only_where_it_must(tmp_path: Path, active: bool, unpacked: bool) -> None:
    launcher = tmp_path / "cache" / "monado" / "bin" / "with-monado"
    if unpacked:
        launcher.parent.mkdir(parents=True)
        launcher.write_text('#!/bin/sh\nexport VISAVIS_LIBRARIES=here$VISAVIS_LIBRARIES\nexec "$@"\n')
        launcher.chmod(0o755)
    environment = {**os.environ, "VISAVIS_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment.pop("XR_RUNTIME_JSON", None)
    if active:
        environment["XR_RUNTIME_JSON"] = str(tmp_path / "headset.json")
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, "two words", "--option"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    libraries = "here" if unpacked and not active else None
    assert json.loads(said) == [libraries, ["two words", "--option"]]
