"""What a wheel cannot hold is left out where that is right, and refused where it is not."""

from __future__ import annotations

import pytest

from build_hooks.shipping import NATIVE, main_output, not_shipped, without_native
from transforms.engine.outcome import Outcome, Status
from transforms.engine.patch import PatchSet
from transforms.engine.site import Site


def applied(name: str, *paths: str) -> Outcome:
    sites = tuple(Site(path=path, start=0, end=0, replacement=b"x", line=1) for path in paths)
    return Outcome(patch=name, status=Status.APPLIED, sites=sites, edits=1)


@pytest.mark.parametrize(
    ("kinds", "output"),
    [(["wheel"], "wheel"), (["sdist"], "sdist"), (["wheel", "sdist"], "sdist"), ([], "wheel")],
)
def test_one_platform_with_native_sources_makes_an_sdist(kinds: list[str], output: str) -> None:
    platforms = [PatchSet(name="p", summary="", source="sdist", builds=kind) for kind in kinds]
    assert main_output(platforms) == output


def test_native_patches_of_platforms_that_are_built_to_sdists_are_excluded() -> None:
    native = applied("toy/native", "csrc/a.cu", "setup.py")
    others = [
        applied("toy/python", "vllm/a.py"),
        applied("toy/both", "csrc/a.cu", "vllm/a.py"),
        applied("other/native", "csrc/a.cu"),
        Outcome(patch="toy/nothing", status=Status.EXCLUDED),
    ]
    first, *rest = without_native([native, *others], {"toy"})
    assert (first.status, first.sites, first.reason) == (Status.EXCLUDED, (), NATIVE)
    assert rest == others


def test_what_does_nothing_in_a_wheel_is_named() -> None:
    outcomes = [
        applied("toy/native", "csrc/a.cu"),
        applied("toy/python", "vllm/a.py"),
        applied("toy/both", "vllm/b.py", "csrc/a.cu"),
        applied("toy/near", "vllm2/a.py"),
    ]
    rest = "is not below vllm/, and a wheel holds nothing else"
    assert list(not_shipped(outcomes)) == [
        f"toy/native: csrc/a.cu {rest}; to change it has no effect",
        f"toy/both: csrc/a.cu {rest}; split the patch, which changes vllm/b.py too",
        f"toy/near: vllm2/a.py {rest}; to change it has no effect",
    ]
