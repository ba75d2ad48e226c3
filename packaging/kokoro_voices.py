"""Write assets/data/kokoro/voices.safetensors: the voices of Kokoro-82M, in the little space that they need.

    npm pack kokoro-js@1.2.1
    python packaging/kokoro_voices.py kokoro-js-1.2.1.tgz

A voice is a table of 256 numbers for each length of text up to 510 phonemes. The tables have been smoothed along the
lengths: each is the product of two thin matrices, up to less than TOLERANCE.
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

VOICES = (
    *("zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang"),
    *("af_heart", "af_bella", "af_nicole", "am_michael", "am_fenrir", "bf_emma", "bm_george"),
)
TOLERANCE = 2e-5
FILE = Path(__file__).resolve().parent.parent / "assets" / "data" / "kokoro" / "voices.safetensors"


def main(package: Path) -> None:
    tensors = {}
    with tarfile.open(package) as archive:
        for voice in VOICES:
            member = archive.extractfile(f"package/voices/{voice}.bin")
            assert member is not None
            table = np.frombuffer(member.read(), "<f4").reshape(510, 256)
            left, sizes, right = np.linalg.svd(table.astype(np.float64), full_matrices=False)
            rank = next(
                r for r in range(1, 257) if np.abs((left[:, :r] * sizes[:r]) @ right[:r] - table).max() < TOLERANCE
            )
            tensors[f"{voice}.lengths"] = np.ascontiguousarray(left[:, :rank] * sizes[:rank], np.float32)
            tensors[f"{voice}.style"] = np.ascontiguousarray(right[:rank], np.float32)
    save_file(tensors, FILE, {"source": "kokoro-js 1.2.1, Kokoro-82M", "licence": "Apache-2.0"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
