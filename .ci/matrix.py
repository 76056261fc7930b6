"""What CI runs, as JSON: every session, the Pythons that it wants, Debian's packages that it needs.

`nox -s matrix` runs it with the names of all sessions. GitHub Actions read the matrix
(`fromJSON`), GitLab a child pipeline, as all JSON is YAML: `nox -s matrix -- gitlab`.
docs/examples has files for both.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# It has uv, and the Python that runs nox. Packages are Debian's.
IMAGE = "ghcr.io/astral-sh/uv:python3.11-trixie"
DEFAULT = "3.11"
ALL = ("3.10", "3.11", "3.12", "3.13")
# Sessions that build on every Python. Others run on the default, or name theirs.
WITH_ALL = ("reproduce", "sdist-windows", "wheel-profile")
CHROMIUM = ("drift", "e2e", "index")
COMPILERS = ("clang-19", "cmake", "g++", "g++-mingw-w64-x86-64")
PACKAGES = {
    **dict.fromkeys(CHROMIUM, ("chromium",)),
    "index": ("chromium", "nginx-light"),
    "windows": COMPILERS,
}
# Asked for by hand: figures, hours of compiling, and what others run on each Python.
BY_HAND = ("bench", "bench-engine", "matrix", "tests", "windows-ptx")


def entries(names: Iterable[str]) -> list[dict[str, str]]:
    """Give one entry for each session that CI runs.

    Args:
        names: those of all sessions, e.g. `lint` or `tests-all-3.10`.
    """
    return [
        {
            "session": name,
            "pythons": " ".join(_pythons(name)),
            "packages": " ".join(["unzip", *PACKAGES.get(name, ())]),
        }
        for name in names
        if name not in BY_HAND
    ]


def _pythons(name: str) -> tuple[str, ...]:
    if name in WITH_ALL:
        return ALL
    last = name.rpartition("-")[2]
    return (last,) if last in ALL else (DEFAULT,)


def gitlab(names: Iterable[str]) -> dict[str, object]:
    """Give a child pipeline with a job for each session.

    Args:
        names: those of all sessions.
    """
    jobs = {
        item["session"]: {
            "variables": {"PYTHONS": item["pythons"], "PACKAGES": item["packages"]},
            "script": [f"uvx nox -s {item['session']}"],
        }
        for item in entries(names)
    }
    return {
        "default": {
            "image": IMAGE,
            "before_script": [
                "apt-get update -qq && apt-get install -y -qq git $PACKAGES",
                "uv python install $PYTHONS",
            ],
            "cache": {"key": "artifacts", "paths": [".cache/"]},
        },
        "variables": {"VLLM_WHEELWRIGHT_CACHE": "$CI_PROJECT_DIR/.cache"},
        **jobs,
    }


def main() -> int:
    """Write the matrix, or the pipeline, in one line."""
    parser = argparse.ArgumentParser(description="What CI runs.")
    parser.add_argument("form", nargs="?", choices=("github", "gitlab"), default="github")
    words = sys.argv[1:]
    # What stands behind the dashes are the names of all sessions.
    at = words.index("--") if "--" in words else len(words)
    form, names = parser.parse_args(words[:at]).form, words[at + 1 :]
    document = gitlab(names) if form == "gitlab" else {"include": entries(names)}
    sys.stdout.write(json.dumps(document) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
