"""Let any environment say what its vLLM carries, without this project: `python -m vllm.wheelwright`."""

from transforms.edits import AddModule, Patch

PATCH = Patch(
    why="a patched vLLM looks like a stock one: nobody can tell from a crash report what was changed",
    upstream="none: it describes what upstream does not have",
    drop_when="vLLM itself reports the origin of its files",
    versions=">=0.9.2",
    edits=[
        AddModule(path="vllm/wheelwright.py"),
        AddModule(path="vllm/wheelwright_marks.py"),
    ],
)
