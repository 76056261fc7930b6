"""All that a translation reads, and what it has decided about the originals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from transforms.engine.syntax.bindings import bindings
from transforms.engine.syntax.modules import module_file
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.monkeypatch.translation.patching_left_out import patching_left_out

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping

    from transforms.engine.syntax.bindings import Binding
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.resolution import Library, Thing
    from transforms.importers.monkeypatch.values import Target, Value

SUPPORT_PACKAGE = "vllm.wheelwright_plugins"
"""Where the wheel gets the plugin's own helpers; one package for each plugin."""


class LooksUp(Protocol):
    """The reader's answer to what a global name of a plugin's module holds."""

    def __call__(self, module: str, name: str, /) -> Value | None:
        """Give the value; None where the module is not read or has no such name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """How a function of vLLM is reached that a mutation has taken the name of.

    Attributes:
        target: where it was.
        private: the name that it has now, beside its old one; empty where it is inherited, and
            `super()` reaches it.
    """

    target: Target
    private: str = ""

    @property
    def owner(self) -> str:
        """The class that it is a member of, as its module names it; empty for a function."""
        return ".".join(self.target.path[:-1])

    @property
    def name(self) -> str:
        """The name that it had."""
        return self.target.path[-1]

    def expression(self, owner: str) -> str:
        """Write what gives it, as `owner.name` did.

        Args:
            owner: how the class, or the module, is written where this stands; empty where the
                original is a name of the module itself.
        """
        if self.private:
            return f"{owner}.{self.private}" if owner else self.private
        return f"super({owner}, {owner}).{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that a translation reads.

    Attributes:
        plugin: the plugin.
        own: its modules, as far as names go.
        library: the modules of vLLM, as far as names go.
        tree: the pristine tree of vLLM.
        release: its release.
        lookup: what the names of the plugin's modules hold.
        originals: for the targets whose original is still needed, how it is reached.
        placed: for classes of the plugin that became definitions in vLLM, where they are.
        stems: the name of each patch, by the plugin's module.
        compiled: where the plugin does what nobody needs to do any more.
        closures: what functions of the plugin have bound for those that they make; filled while
            names are supplied.
    """

    plugin: Plugin
    own: Library
    library: Library
    tree: Tree = field(repr=False)
    release: str
    lookup: LooksUp
    originals: Mapping[Target, Original] = field(default_factory=dict)
    placed: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    stems: Mapping[str, str] = field(default_factory=dict)
    compiled: frozenset[Place] = frozenset()
    closures: dict[tuple[str, str], Mapping[str, Value]] = field(default_factory=dict, repr=False)
    _sources: dict[str, Source] = field(default_factory=dict, repr=False)
    _supports: dict[tuple[str, frozenset[Place]], Source] = field(default_factory=dict, repr=False)

    def source(self, module: str) -> Source:
        """Give the file of a module of vLLM.

        Raises:
            SourceError: there is none.
        """
        if module not in self._sources:
            path = module_file(module, self.tree)
            if path is None:
                raise SourceError(module, "this release has no such module")
            self._sources[module] = Source(path, self.tree.read(path))
        return self._sources[module]

    def plugin_source(self, module: str) -> Source:
        """Give the file of a module of the plugin.

        Raises:
            SourceError: there is none.
        """
        if module not in self._sources:
            found = self.plugin.source(module)
            if found is None:
                raise SourceError(module, f"{self.plugin.package} has no such module")
            self._sources[module] = found
        return self._sources[module]

    def support_source(self, module: str) -> Source:
        """Give the file of a module of the plugin, without what is compiled in.

        Raises:
            SourceError: there is none.
        """
        if (module, self.compiled) not in self._supports:
            whole = self.plugin_source(module)
            self._supports[module, self.compiled] = patching_left_out(whole, self.compiled)
        return self._supports[module, self.compiled]

    def bindings_of(self, module: str, name: str) -> list[Binding]:
        """Give what binds a name in a module of the plugin, type checkers' imports left out."""
        found = bindings(self.plugin_source(module).module)
        return [item for item in found if item.name == name and not item.for_typing]

    def bound_in_vllm(self, module: str, name: str) -> Thing | None:
        """Find what a name of a module of vLLM stands for when that module runs; None for none."""
        names = self.library.names(module)
        if names is None or name not in names.bound:
            return None
        return self.library.find(module, name)

    def stem(self, module: str) -> str:
        """Name the patch of a module of the plugin."""
        return self.stems.get(module) or stem_of(module)

    def support_module(self, module: str) -> str:
        """Name the module that holds what a module of the plugin defines for its patches."""
        return f"{SUPPORT_PACKAGE}.{self.plugin.package}.{self.stem(module)}"

    def definition(self, owner: str, module: str) -> ast.AST | None:
        """Find a class or function of the plugin by its qualified name."""
        scope: ast.AST = self.plugin_source(module).module
        for name in owner.replace(".<locals>", "").split("."):
            found = [item.node for item in bindings(scope) if item.name == name]
            if not found:
                return None
            scope = found[-1]
        return scope


def stem_of(module: str) -> str:
    """Name the patch of a module of the plugin: ``a.worker.patch_x`` is ``x``."""
    return module.rpartition(".")[2].removeprefix("patch_").lstrip("_")


def stems_of(modules: Iterable[str]) -> dict[str, str]:
    """Name the patches of several modules; of the same names, each gets its package in front."""
    modules = list(dict.fromkeys(modules))
    plain = Counter(map(stem_of, modules))
    found = {}
    for module in modules:
        stem = stem_of(module)
        if plain[stem] > 1:
            stem = f"{stem_of(module.rpartition('.')[0])}_{stem}"
        found[module] = stem
    return found
