"""The page says what the manifest does, needs nothing else, and runs nothing of anybody's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from build_hooks.showing.carried import carried_by
from build_hooks.showing.page import page

if TYPE_CHECKING:
    from pathlib import Path


def test_every_patch_is_there_with_its_reason_its_sites_and_its_diff(wheel: Path) -> None:
    carried = carried_by(wheel)
    text = page(carried)
    for patch in carried.manifest["patches"]:
        assert f'id="{patch["name"].replace("/", "-")}"' in text
    assert "Sites: upstream&#39;s line 4</p>" in text or "upstream's line 4" in text
    assert 'class="changed"' in text
    assert "wheelwright-notice" in text
    assert carried.folder in text
    assert carried.sbom in text


def test_it_needs_nothing_else(wheel: Path) -> None:
    text = page(carried_by(wheel))
    assert "default-src 'none'" in text.replace("&#39;", "'")
    outside = re.findall(r'(?:src|href)="(?!data:|#)([^"]*)"', text)
    assert outside == []


def test_what_others_have_written_is_never_markup(wheel: Path) -> None:
    carried = carried_by(wheel)
    hostile = "</script><img src=x onerror=alert(1)>"
    patches = [{**patch, "why": hostile} for patch in carried.manifest["patches"]]
    diffs = {name: diff.replace(b"cuda", hostile.encode()) for name, diff in carried.diffs.items()}
    manifest = {**carried.manifest, "patches": patches}
    text = page(replace(carried, manifest=manifest, diffs=diffs, name=hostile))
    assert "<img" not in text
    assert text.count("</script>") == 1


def test_without_diffs_it_says_so(wheel: Path) -> None:
    text = page(replace(carried_by(wheel), diffs={}, folder="", sbom=""))
    assert "No diff:" in text
    assert "SBOM" not in text
