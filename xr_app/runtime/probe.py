"""`python -m xr_app.runtime.probe`: ask the active OpenXR runtime who it is; prints one line of JSON.

A program of its own because a runtime is a library of somebody else's: one that hangs or crashes must not take the
app along. See `xr_app.runtime.discovery.active_runtime`.
"""

from __future__ import annotations

import json
from typing import Any

from xr_app.errors import XrError
from xr_app.session.instance import extensions, open_instance


def probe() -> dict[str, Any]:
    """runtime, system, extensions; or problem."""
    try:
        with open_instance({}, ()) as instance:
            return {
                "runtime": instance.runtime_name,
                "system": instance.system_name,
                "extensions": sorted(extensions()),
            }
    except XrError as error:
        return {"problem": str(error)}


if __name__ == "__main__":
    print(json.dumps(probe()), flush=True)
