"""Import the kernels of an unpacked package where neither it nor torch can be imported.

A module that holds kernels is executed statement by statement from its own file, so that
``inspect.getsource`` and line numbers are upstream's. A statement that fails leaves inert names
behind. Every other module is inert, except for what a kernel's module asks it for by name.
"""

# ruff: noqa: ANN401 - a function is an object of whichever Triton runs this

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import sys
from functools import cache, partial, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.triton.runner.census import JitFunction, JitNames, jit_definitions, take_census
from build_hooks.triton.runner.inert import Inert, InertTorch, is_dunder, refuse
from build_hooks.triton.runner.modules import LIBDEVICE, KernelModules, from_triton

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from types import ModuleType

triton: Any = importlib.import_module("triton")


class KernelTree:
    """The jit functions of one tree, as this interpreter's Triton made them."""

    def __init__(self, package: Path, modules: KernelModules) -> None:
        """Load every file below ``package`` that defines a jit function. Once per process."""
        self.package = package
        self.modules = modules
        self.census = take_census(package, modules.handing_on)
        self.notes: list[str] = []
        self.left_out: dict[str, list[str]] = {}
        """For functions the options of their decorator that this Triton lacks."""
        self._by_place = {(one.path, one.first_line): one.ident for one in self.census}
        self._made: dict[tuple[str, int], Any] = {}
        self._take_over_imports()
        for name in sorted(modules.strict):
            if package.joinpath(*name.split(".")[1:]).with_suffix(".py").is_file():
                importlib.import_module(name)
        for path in sorted({function.path for function in self.census}):
            importlib.import_module(self._module_name(path))
        self.functions = {
            function.ident: made
            for function in self.census
            if (made := self._find(function)) is not None
        }
        _parsed.cache_clear()

    def ident_at(self, file: str, first_line: int) -> str | None:
        """Name the function whose first decorator stands there, if it is one of this tree's."""
        place = Path(file)
        if not place.is_relative_to(self.package):
            return None
        key = place.relative_to(self.package).as_posix(), first_line
        return self._by_place.get(key)

    def _take_over_imports(self) -> None:
        sys.meta_path[:0] = [_TreeFinder(self), InertTorch(from_triton(LIBDEVICE))]
        self._plain_jit = triton.jit
        self._jit_options = set(inspect.signature(triton.jit).parameters)
        # Whoever asks which options it takes is to hear Triton's answer.
        recording = update_wrapper(partial(self._recording_jit), self._plain_jit)
        triton.jit = triton.runtime.jit.jit = recording
        for name in ("autotune", "heuristics"):
            setattr(triton, name, _keep_kernel)
            setattr(triton.runtime, name, _keep_kernel)

    def _recording_jit(self, fn: Callable[..., object] | None = None, **options: object) -> Any:
        """Serve as ``triton.jit``; an option that this Triton lacks is left out, with a note."""
        if fn is None:
            return lambda function: self._recording_jit(function, **options)
        code = fn.__code__
        unknown = sorted(options.keys() - self._jit_options)
        if unknown:
            self.notes.append(f"{fn.__qualname__}: jit() has no {', '.join(unknown)}")
            ident = self.ident_at(code.co_filename, code.co_firstlineno)
            self.left_out[ident or fn.__qualname__] = unknown
        known = {name: value for name, value in options.items() if name not in unknown}
        made = self._plain_jit(**known)(fn) if known else self._plain_jit(fn)
        place = Path(code.co_filename)
        if place.is_relative_to(self.package):
            path = place.relative_to(self.package).as_posix()
            self._made.setdefault((path, code.co_firstlineno), made)
        return made

    def _find(self, function: JitFunction) -> Any:
        """Get a function, from a branch that was not taken or a host function's body if need be."""
        made = self._made.get((function.path, function.first_line))
        if made is not None:
            return made
        module = sys.modules[self._module_name(function.path)]
        tree = _parsed(str(module.__file__))
        definitions = jit_definitions(tree, self.modules.handing_on)
        node = next(node for _, node in definitions if node.lineno == function.line)
        names = {"triton": triton, "tl": triton.language, **module.__dict__}
        try:
            bare = _only_jit(node, tree, self.modules.handing_on)
            _execute(bare, names, str(module.__file__))
        except Exception as error:  # noqa: BLE001 - any failure of foreign code is the finding
            self.notes.append(f"{function.ident}: not loaded: {error!r}")
        return self._made.get((function.path, function.first_line))

    def _module_name(self, path: str) -> str:
        parts = Path(path).with_suffix("").parts
        return ".".join([self.modules.package, *parts]).removesuffix(".__init__")


class _TreeFinder(importlib.abc.MetaPathFinder):
    """Find the package and its submodules in the tree."""

    def __init__(self, tree: KernelTree) -> None:
        self.tree = tree

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, *parts = name.split(".")
        if top != self.tree.modules.package:
            return None
        place = self.tree.package.joinpath(*parts)
        is_package = place.is_dir()
        file = place / "__init__.py" if is_package else place.with_suffix(".py")
        if not is_package and not file.is_file():
            return None
        loader = _TolerantLoader(file, self.tree)
        return importlib.machinery.ModuleSpec(name, loader, is_package=is_package)


class _TolerantLoader(importlib.abc.Loader):
    """Execute what a kernel may need of a module, and make the rest inert."""

    def __init__(self, file: Path, tree: KernelTree) -> None:
        self.file = file
        self.tree = tree

    def exec_module(self, module: ModuleType) -> None:
        source = self.file.read_text(encoding="utf-8") if self.file.is_file() else ""
        module.__file__ = str(self.file)
        if self.file.name == "__init__.py":
            module.__path__ = [str(self.file.parent)]
        modules = self.tree.modules
        if module.__name__ in modules.strict:
            code = compile(source, str(self.file), "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 - running the wheel's kernels is the purpose
            return
        if module.__name__ in modules.stand_ins:
            module.__dict__.update(modules.names(module.__name__))
        elif _holds_kernels(source) or module.__name__ in modules.constants:
            self._run(module, _parsed(str(self.file)).body)
        module.__dict__["__getattr__"] = partial(_attribute_on_demand, module)

    def _run(self, module: ModuleType, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            if _is_for_others(statement):
                _bind_inert(module, statement)
                continue
            try:
                _execute(statement, module.__dict__, str(module.__file__))
            except Exception as error:  # noqa: BLE001 - any failure of foreign code is tolerated
                self.tree.notes.append(f"{module.__name__}:{statement.lineno}: {error!r:.200}")
                self._salvage(module, statement)

    def _salvage(self, module: ModuleType, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            self._run(module, statement.body)
            self._run(module, getattr(statement, "orelse", ()))
            return
        if isinstance(statement, ast.FunctionDef):
            parsed = _parsed(str(module.__file__))
            bare = _only_jit(statement, parsed, self.tree.modules.handing_on)
            if bare.decorator_list:
                _execute(bare, module.__dict__, str(module.__file__))
                return
        _bind_inert(module, statement)


@cache
def _parsed(file: str) -> ast.Module:
    path = Path(file)
    return ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")


def _holds_kernels(source: str) -> bool:
    return "constexpr" in source or ("jit" in source and "triton" in source)


def _keep_kernel(*_args: object, **_kwargs: object) -> Callable[[Any], Any]:
    """Serve as ``triton.autotune`` and ``triton.heuristics``: the kernel stays as it is."""
    return lambda kernel: kernel


def _execute(statement: ast.stmt, names: dict[str, Any], file: str) -> None:
    code = compile(
        ast.Module([statement], type_ignores=[]),
        file,
        "exec",
        flags=annotations.compiler_flag if names.get("annotations") is annotations else 0,
        dont_inherit=True,
    )
    exec(code, names)  # noqa: S102 - running upstream's kernels is the purpose


def _only_jit(
    function: ast.FunctionDef, tree: ast.Module, handing_on: Collection[str]
) -> ast.FunctionDef:
    """Copy a function without the decorators that need more than Triton."""
    is_jit = JitNames.of(tree, handing_on).is_jit
    fields = dict(ast.iter_fields(function))
    fields["decorator_list"] = [one for one in function.decorator_list if is_jit(one)]
    return ast.copy_location(ast.FunctionDef(**fields), function)


def _is_for_others(statement: ast.stmt) -> bool:
    """Whether a statement is for type checkers or for the file as a script."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    test = ast.unparse(statement.test)
    return "TYPE_CHECKING" in test or test.startswith("__name__")


def _bind_inert(module: ModuleType, statement: ast.stmt) -> None:
    """Bind what a statement would have bound, as far as it is not bound yet."""
    for name in _bound_names(statement):
        module.__dict__.setdefault(name, Inert())


def _bound_names(statement: ast.stmt) -> Iterable[str]:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).split(".")[0] for alias in statement.names]
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.If):
        return [name for inner in statement.body for name in _bound_names(inner)]
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _attribute_on_demand(module: ModuleType, name: str) -> object:
    """Serve as a module's ``__getattr__``: submodule, import, assignment, or else inert."""
    if is_dunder(name):
        refuse(name)
    if importlib.util.find_spec(f"{module.__name__}.{name}") if _is_package(module) else None:
        return importlib.import_module(f"{module.__name__}.{name}")
    for statement in _parsed(str(module.__file__)).body:
        wanted = isinstance(statement, (ast.ImportFrom, ast.Assign, ast.AnnAssign))
        if wanted and name in _bound_names(statement):
            try:
                _execute(statement, module.__dict__, str(module.__file__))
            except Exception:  # noqa: BLE001 - any failure of foreign code leaves an inert name
                break
            return module.__dict__.get(name, Inert())
    return Inert()


def _is_package(module: ModuleType) -> bool:
    return hasattr(module, "__path__")
