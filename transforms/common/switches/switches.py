"""Choose between upstream's code and that of each patch once, before anything of vLLM is imported."""

from transforms.edits import AddModule, InsertBefore, Patch

_FOLDER = "vllm/wheelwright_switches"
_CODE = """
# Before anything else: which patches are off is chosen once, for all that is imported below.
from vllm import wheelwright_switches

wheelwright_switches.install()

"""

PATCH = Patch(
    why=(
        "nobody can tell which patch makes an engine fail without building a wheel for each of them: "
        "with switches, VLLM_WHEELWRIGHT_DISABLE gives upstream's code back where the wheel is installed"
    ),
    upstream="none: it chooses between upstream's code and what upstream does not have",
    drop_when="nobody builds with -C switches=on any more",
    versions=">=0.9.2",
    edits=[
        InsertBefore(
            inside="vllm",
            anchor="from .version import __version__, __version_tuple__",
            code=_CODE,
        ),
        *(
            AddModule(path=f"{_FOLDER}/{name}")
            for name in (
                "__init__.py",
                "bisecting.py",
                "choosing.py",
                "command_bisect.py",
                "described.py",
                "loading.py",
                "names.json",
                "running.py",
                "upstream.json",
            )
        ),
    ],
)
