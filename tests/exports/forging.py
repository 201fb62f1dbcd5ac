"""Bundles changed by someone who makes every digest anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from rotascope_verify import verify

CRATE = "ro-crate-metadata.json"


def put(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def sealed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with a manifest and a crate that fit them, as a forger would leave them."""
    out = {name: content for name, content in files.items() if name != "manifest.json"}
    if CRATE in out:
        crate = json.loads(out[CRATE])
        for entity in crate["@graph"]:
            if entity["@type"] == "File" and entity["@id"] in out:
                content = out[entity["@id"]]
                entity |= {"contentSize": str(len(content)), "sha256": hashlib.sha256(content).hexdigest()}
        out[CRATE] = dumped(crate)
    old = json.loads(files["manifest.json"])
    listed = {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in sorted(out.items())}
    lines = "".join(f"{name} {entry['sha256']}\n" for name, entry in listed.items())
    old |= {"files": listed, "bundle": hashlib.sha256(lines.encode()).hexdigest()}
    return {**out, "manifest.json": dumped(old)}


def dumped(value: object) -> bytes:
    """Return JSON as a bundle writes it."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def codes(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Return the codes of what the verifier finds in files, sealed before."""
    return [f.code for f in verify(put(sealed(files), folder)).failures]
