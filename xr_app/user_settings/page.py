"""docs/settings.md, made from the schema: `visavis settings page > docs/settings.md`."""

from __future__ import annotations

import json
from typing import Any, Final

from conversation.user_settings import Key
from xr_app.user_settings.sections import SCHEMA

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
| `visavis settings show [llm.server]` | every setting, or those of a section, and where each comes from (`--json`) |
| `visavis settings get llm.server.url` | the value of one |
| `visavis settings set llm.server.url http://…` | writes one setting; comments and all else in the file stay |
| `visavis settings reset llm.server.url` | takes one out of the file |
| `visavis settings edit` | your editor, where a new file has all settings as remarks; what is wrong is not saved |
| `visavis settings check` | reads the file; exit code 1 and the line where something is wrong |
| `visavis settings devices` | microphones and loudspeakers of this machine |
| `visavis settings path` | where the file is, or would be |
| `visavis settings page` | this page |
| `visavis run --llm-url http://…` | for this talk alone; also `--llm`, `--avatar`, `--asr`, `--tts`, `--a2bs` … |
| `visavis run --set conversation.welcome=""` | any other setting, for this talk alone |

A setting of an unknown name, or a value out of its bounds, is refused with the file and the line; nothing is guessed.

A new file is complete, and on the disk, before it takes the old one's place; who writes waits for other writers and
reads first what they wrote. Beside it lies `visavis.toml.bak`, the file when it was last right. If `visavis.toml` is no
TOML any more, as when another program wrote half of it, `visavis run` says so in a sentence and goes on with that; the
broken file stays as it is until you correct it. If a setting is written before you do, the broken file is kept as
`visavis.toml.broken` and the setting joins those that were last right.
"""


TAIL: Final = """
## For developers

Settings of the conversation are declared in `conversation/user_settings/schema.py`, those of its engines in
`conversation/engines/options.py`, those of the app in `xr_app/user_settings/sections.py`; the conversation does not
know the app's. A new setting is one field there, whose type has its bounds and its meaning, together with the code
that reads it:

```python
class PanelKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    \"\"\"[panels]: what is written in the room.\"\"\"

    captions: Annotated[bool, Meta(description="Whether what is said is written beside the avatar.")] = True
```

and a new section one more line in `SECTIONS`. This page (`visavis settings page > docs/settings.md`), the file of
`visavis settings edit`, checks and messages follow. To read: `user_settings().values.panels.captions`. To write, at any
time, as a menu does: `set_setting("panels.captions", False)` (`xr_app/user_settings`); it raises `SettingsError`,
returns a sentence for the user or nothing, and waits for the disk, so call it off the thread of the frames.
"""


def page() -> str:
    """The page's text."""
    lines, section = [HEAD], ""
    for key in SCHEMA.keys:
        table, _, name = key.name.rpartition(".")
        if table != section:
            lines.append(f"\n## [{table}]\n\n| setting | default | takes | means |\n|---|---|---|---|\n")
            section = table
        lines.append(f"| `{name}` | {_default(key)} | {key.takes} | {key.meaning} |\n")
    return "".join([*lines, TAIL])


def _default(key: Key) -> str:
    value: Any = key.default
    return "none" if value == {} else f"`{json.dumps(value, ensure_ascii=False)}`"
