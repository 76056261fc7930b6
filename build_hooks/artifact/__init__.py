"""An sdist, a wheel or an unpacked sdist as a safe, read-only tree. No code of it is ever run."""

from build_hooks.artifact.opened import Artifact, open_artifact

__all__ = ["Artifact", "open_artifact"]
