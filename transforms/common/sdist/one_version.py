"""Let upstream's own build install a patched sdist under the version that the sdist has."""

from transforms.edits import InsertAfter, Patch, Replace

SUFFIX = 'sep = "+" if "+" not in version else "."'
KEEP = """
if "+" in version:
    # A patched sdist: its wheel has the very version that PKG-INFO names (PEP 643).
    return version
"""

PATCH = Patch(
    why=(
        "setup.py appends the device to the version of an sdist, +windows becomes +windows.cu130, and uv "
        "refuses a wheel of another version than its sdist; and it writes the labelled version into "
        "vllm/_version.py, although plugins compare vllm.__version__ with the release"
    ),
    upstream="none: upstream's own sdists have no label, and their wheels one that pip and uv overlook",
    drop_when="setup.py takes the version of an sdist as it is, and leaves vllm/_version.py alone",
    versions=">=0.9.2",
    edits=[
        Replace(
            inside="setup.get_vllm_version",
            find='version = get_version(write_to="vllm/_version.py")',
            replace="version = get_version()",
            versions="<0.31",
        ),
        Replace(
            inside="setup.get_vllm_version",
            find='version = get_version(write_to="vllm/_version.py", git_describe_command=$command)',
            replace="version = get_version(git_describe_command=$command)",
            versions=">=0.31",
        ),
        InsertAfter(inside="setup.get_vllm_version", anchor=SUFFIX, code=KEEP),
    ],
)
