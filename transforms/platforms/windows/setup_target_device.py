"""Build the CUDA extensions on Windows where `VLLM_TARGET_DEVICE=cuda` asks for them."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "setup.py sets the target device to 'empty' on every system but Linux and macOS, whatever "
        "VLLM_TARGET_DEVICE says: no extension is built, and the engine finds none."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="setup.py keeps VLLM_TARGET_DEVICE=cuda on Windows",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside="setup",
            find='not (sys.platform.startswith("linux") or sys.platform.startswith("darwin"))',
            replace="""
                not (
                    sys.platform.startswith("linux")
                    or sys.platform.startswith("darwin")
                    # What is asked for by name: the default is "cuda" as well.
                    or (
                        sys.platform == "win32"
                        and os.getenv("VLLM_TARGET_DEVICE", "").lower() == "cuda"
                    )
                )
            """,
            as_written=True,
        ),
    ],
)
