"""Lines of a runtime's library are told from everybody else's, and nobody's is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xr_app.runtime.complaints import divided

COMPLAINT = b"ERROR [ipc_send] sendmsg(3) failed: '32' 'Broken pipe'!\n"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_whole_lines_go_where_they_belong_however_they_come(size: int) -> None:
    others = b"Traceback (most recent call last):\nERROR: not of theirs\n ERRORS [x]\nWARNING [y] z\n50 %\r100 %\nE"
    text = COMPLAINT + others[:40] + COMPLAINT + others[40:] + b" WARN [ref_space_dec] x\nERROR"
    noted: list[bytes] = []
    told: list[bytes] = []
    divided((text[at : at + size] for at in range(0, len(text), size)), noted.append, told.append)
    # Printed into the midst of a line it belongs to that line, as does what follows one that has no end.
    assert noted == [COMPLAINT]
    assert b"".join(told) == text[len(COMPLAINT) :]


def test_what_cannot_become_a_complaint_does_not_wait_for_its_end() -> None:
    told: list[bytes] = []
    seen: list[bytes] = []

    def chunks():
        for chunk in (b"Password: ", b"ERR", b"OR [ipc", b"_x] y", b"\n", b"ERR", b"and\n"):
            yield chunk
            seen.append(b"".join(told))

    divided(chunks(), lambda line: None, told.append)
    assert seen == [b"Password: ", b"Password: ERR", *[b"Password: ERROR [ipc", b"Password: ERROR [ipc_x] y"],
                    *[b"Password: ERROR [ipc_x] y\n"] * 2, b"Password: ERROR [ipc_x] y\nERRand\n"]  # fmt: skip


PROGRAM = """
import os, subprocess, sys
from pathlib import Path
from xr_app.runtime.complaints import complaints_logged

with complaints_logged(Path(sys.argv[1])):
    print("by Python", file=sys.stderr)
    os.write(2, b"ERROR [ipc_send] failed!\\nby C\\n")
    subprocess.run(["sh", "-c", "echo by a child >&2"])
    assert os.isatty(2) is False
print("afterwards", file=sys.stderr)
os.write(2, b"ERROR [late] is not theirs\\n")
with complaints_logged(Path(sys.argv[1])):
    os.write(2, b"last words\\n")
    os.abort()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="as the library")
def test_nothing_is_lost_though_the_program_ends_in_the_midst_of_it(tmp_path: Path) -> None:
    log = tmp_path / "cache" / "runtime.log"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(log)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    lines = done.stderr.splitlines()
    assert sorted(lines) == sorted(
        ["by Python", "by C", "by a child", "afterwards", "ERROR [late] is not theirs", "last words"]
    )
    assert log.read_text() == "ERROR [ipc_send] failed!\n"
    assert done.returncode < 0
