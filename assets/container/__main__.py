"""Print the JSON schema of manifest.json: docs/manifest.schema.json."""

import json

from assets.container.manifest import schema

print(json.dumps(schema(), indent=1, ensure_ascii=False))
