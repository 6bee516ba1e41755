"""What `github/codeql-action/upload-sarif` does first: asks for its own run, and reads the file, SARIF 2.1.0 with at least one run."""

from __future__ import annotations

import json
import os
import pathlib

rights = os.environ["RUNNER_RIGHTS"].split()
assert {"actions:read", "security-events:write"} <= set(rights), "in a private repository its own run can't be read without `actions: read`"
document = json.loads(pathlib.Path(os.environ["INPUT_SARIF_FILE"]).read_text("utf-8"))
assert document["version"] == "2.1.0"
assert document["runs"]
print(f"uploaded {len(document['runs'][0]['results'])} results")
