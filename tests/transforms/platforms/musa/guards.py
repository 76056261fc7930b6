"""Ask the guarded functions of an installed wheel, in processes of their own, what they do.

Each run imports vLLM with the stand-in plugin on some platform and answers all questions at once,
as the import takes ten times as long as the answers.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# The first release in the lock, with the V0 engine; one of the middle; the last.
RELEASES = ("0.9.2", "0.14.1", "0.33.0")
# The releases of these that have what 0.9.2 has not.
LATER = RELEASES[1:]
# Platforms on which a guarded function must do what it does without the guard.
OTHERS = ("ascend", "cuda", "rocm", "xpu", "cpu")
_ENTRY_POINTS = """\
[vllm.platform_plugins]
standin = standin_platforms:chosen

[torch.backends]
standin = standin_torch:autoload
"""


@dataclass(frozen=True, slots=True)
class Guards:
    """The environments, and the answers that were got so far.

    Attributes:
        folder: what `environments` made.
        scratch: a folder of this test run.
    """

    folder: Path
    scratch: Path
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def on_musa(
        self, question: str, release: str, *, stock: bool = False, torch: str = "musa"
    ) -> Any:  # noqa: ANN401 - each question has its own kind of answer
        """Give the answer on MUSA, of the wheel or of upstream's own sources."""
        tree = "stock" if stock else "patched"
        return _answer(self._run(release, tree, torch, "musa")["musa"][question])

    def assert_others_are_as_stock(self, question: str, release: str) -> None:
        """Check that on every other platform the wheel answers as upstream's own sources do."""
        patched = self._run(release, "patched", "", *OTHERS)
        stock = self._run(release, "stock", "", *OTHERS)
        for device in OTHERS:
            answer = _answer(patched[device][question])
            assert answer == _answer(stock[device][question]), device

    def elsewhere(self, question: str, release: str, device: str) -> Any:  # noqa: ANN401
        """Give the wheel's answer on another platform."""
        return _answer(self._run(release, "patched", "", *OTHERS)[device][question])

    def _run(self, release: str, tree: str, torch: str, *devices: str) -> Any:  # noqa: ANN401
        key = (release, tree, torch, *devices)
        if key not in self._known:
            self._known[key] = self._ask(release, tree, torch, devices)
        return self._known[key]

    def _ask(self, release: str, tree: str, torch: str, devices: tuple[str, ...]) -> Any:  # noqa: ANN401
        path = [str(self._plugin())]
        if tree == "stock":
            path.insert(0, str(self.folder / release / "stock"))
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("VLLM_")
        }
        environment |= {
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "STANDIN_PLATFORM": devices[0],
            "STANDIN_TORCH": torch,
            "VLLM_LOGGING_LEVEL": "ERROR",
            "VLLM_NO_USAGE_STATS": "1",
        }
        result = self.scratch / "answers.json"
        python = self.folder / release / "env" / "bin" / "python"
        done = subprocess.run(
            [python, HERE / "probes", result, *devices],
            check=False,
            cwd=self.scratch,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(result.read_text("utf-8"))

    def _plugin(self) -> Path:
        """Install the stand-in plugin: two modules and what names their entry points."""
        folder = self.scratch / "plugin"
        if not folder.is_dir():
            metadata = folder / "standin_musa-1.0.dist-info"
            metadata.mkdir(parents=True)
            (metadata / "METADATA").write_text(
                "Metadata-Version: 2.1\nName: standin-musa\nVersion: 1.0\n"
            )
            (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)
            for module in (HERE / "standin").glob("*.py"):
                (folder / module.name).write_text(module.read_text("utf-8"), "utf-8")
        return folder


def _answer(given: dict[str, Any]) -> Any:  # noqa: ANN401
    assert "value" in given, given["traceback"]
    return given["value"]
