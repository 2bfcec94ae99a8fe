"""The buckets' own rules: that a player's page may read them, and that nothing expires by age.

Tokens made for objects alone may not read a bucket's rules; then the finding says what they have to
be, and where to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from soundflow_assets.doctor.finding import Finding
from soundflow_assets.settings import R2
from soundflow_assets.storage.s3_rules import cors_rules, lifecycle_rules

METHODS = ("GET", "HEAD")
EXPOSED = ("ETag", "Content-Length", "Content-Range", "Accept-Ranges")
ASKED = ("Range",)
# What no rule may delete: the truth of the library, and what is derived from it.
KEPT = ("audio/", "catalog/", "requests/", "inbox/", "made/")
_WHERE = "docs/operations.md has the rules to paste"


def check_cors(access: R2, origins: Iterable[str]) -> Iterator[Finding]:
    """See that one rule lets pages of these origins read objects in parts."""
    wanted = f"methods {', '.join(METHODS)}; exposed headers {', '.join(EXPOSED)}"
    rules = cors_rules(access, access.bucket)
    if rules is None:
        yield Finding(
            "CORS", "note", "this token may not read the bucket's rules", f"see to it: {wanted}"
        )
        return
    missing = min((_missing_in_rule(rule, origins) for rule in rules), key=len, default=[wanted])
    if missing:
        found = f"{access.bucket} lets no page of another origin read it as a player must"
        yield Finding("CORS", "problem", found, f"missing: {'; '.join(missing)}; {_WHERE}")
    else:
        yield Finding("CORS", "ok", f"{access.bucket}: {', '.join(METHODS)} with ranges")


def check_lifecycle(access: R2, bucket: str) -> Iterator[Finding]:
    """See that unfinished uploads are given up, and that nothing of the library expires."""
    rules = lifecycle_rules(access, bucket)
    if rules is None:
        yield Finding(
            "lifecycle",
            "note",
            f"{bucket}: this token may not read the bucket's rules",
            "see to it that no rule deletes objects by age",
        )
        return
    active = [rule for rule in rules if rule.get("Status") == "Enabled"]
    deadly = [rule for rule in active if "Expiration" in rule and _touches(rule, access.prefix)]
    if deadly:
        names = ", ".join(str(rule.get("ID", "without a name")) for rule in deadly)
        yield Finding(
            "lifecycle",
            "problem",
            f"{bucket}: rules delete tracks or catalogs by age: {names}",
            "remove them; `soundflow catalog sweep` deletes what may go",
        )
    elif not any("AbortIncompleteMultipartUpload" in rule for rule in active):
        yield Finding("lifecycle", "note", f"{bucket}: no rule gives up unfinished uploads", _WHERE)
    else:
        yield Finding("lifecycle", "ok", f"{bucket}: unfinished uploads are given up")


def _missing_in_rule(rule: Mapping[str, Any], origins: Iterable[str]) -> list[str]:
    parts = (
        ("method", METHODS, rule.get("AllowedMethods", ())),
        ("exposed header", EXPOSED, rule.get("ExposeHeaders", ())),
        ("allowed header", ASKED, rule.get("AllowedHeaders", ())),
        ("origin", tuple(origins), rule.get("AllowedOrigins", ())),
    )
    missing = []
    for what, wanted, given in parts:
        has = {one.lower() for one in given}
        missing += [f"{what} {one}" for one in wanted if not {one.lower(), "*"} & has]
    return missing


def _touches(rule: Mapping[str, Any], prefix: str) -> bool:
    """Whether a rule's prefix covers anything of the library."""
    below = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", "")) or ""
    kept = [f"{prefix}/{folder}" if prefix else folder for folder in KEPT]
    return any(folder.startswith(below) or below.startswith(folder) for folder in kept)
