"""Write the golden hashes anew, after the sound was meant to change:

.venv/bin/python tests/golden/rewrite.py
.venv/bin/python tests/golden/rewrite.py --same-version "why the version stays as it is"
"""

from __future__ import annotations

import argparse
import json
import sys

from golden_sounds import FILE, hash_of, names

from soundflow_assets.version import ENGINE_VERSION


def main() -> int:
    """Write the file, unless other sounds would pass for those of the same engine version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--same-version", metavar="WHY", help="kept in the file")
    why = parser.parse_args().same_version
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    found = {name: hash_of(name) for name in names()}
    before = kept.get("sha256", {})
    changed = sorted(name for name in found.keys() | before.keys()
                     if found.get(name) != before.get(name))  # fmt: skip
    if not changed:
        print("nothing has changed")
        return 0
    print(f"changed: {', '.join(changed)}")
    if kept.get("engine_version") == ENGINE_VERSION and not why:
        print(
            f"refused: ENGINE_VERSION is still {ENGINE_VERSION!r}. Every audible change bumps it "
            '(soundflow_assets/version.py); if it shall stay, say --same-version "why".',
            file=sys.stderr,
        )
        return 2
    document = {"engine_version": ENGINE_VERSION, "why": why or "a new engine version",
                "sha256": found}  # fmt: skip
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"written: {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
