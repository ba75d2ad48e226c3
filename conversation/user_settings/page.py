"""docs/settings.md, made from the schema: `python -m conversation.user_settings.page > docs/settings.md`."""

from __future__ import annotations

import json
from typing import Any, Final

from conversation.user_settings.schema import Key, keys

HEAD: Final = """\
# Settings

One file, `visavis.toml`, in the platform's settings folder (`visavis settings path` says which; with `VISAVIS_HOME`, in
that folder). Without it, and for whatever it leaves out, the defaults below hold. Flags of `visavis run` go before it.

```toml
[conversation]
persona = "Your name is Mira, and you know all about birds."

[llm]
engine = "server"

[llm.server]
url = "http://192.168.1.20:8000/v1"
```

| command | does |
|---|---|
| `visavis settings show` | every setting, its value, and where that comes from (`--json` for programs) |
| `visavis settings set llm.server.url http://…` | writes one setting; comments and all else in the file stay |
| `visavis settings reset llm.server.url` | takes one out of the file |
| `visavis settings check` | reads the file; exit code 1 and the line where something is wrong |
| `visavis settings devices` | microphones and loudspeakers of this machine |
| `visavis settings path` | where the file is, or would be |
| `visavis run --llm server --llm-url http://…` | for this talk alone; also `--asr`, `--tts`, `--a2bs`, `--llm-model` |
| `visavis run --set conversation.welcome=""` | any other setting, for this talk alone |

A new file is complete before it takes the old one's place. A setting of an unknown name, or a value out of its bounds,
is refused with its line; nothing is guessed.
"""


def page() -> str:
    """The page's text."""
    lines, section = [HEAD], ""
    for key in keys():
        table, _, name = key.name.rpartition(".")
        if table != section:
            lines.append(f"\n## [{table}]\n\n| setting | default | takes | means |\n|---|---|---|---|\n")
            section = table
        lines.append(f"| `{name}` | {_default(key)} | {key.takes} | {key.meaning} |\n")
    return "".join(lines)


def _default(key: Key) -> str:
    value: Any = key.default
    return "none" if value == {} else f"`{json.dumps(value, ensure_ascii=False)}`"


if __name__ == "__main__":
    print(page(), end="")
