"""The table of a plugin: one row for everything that it does to vLLM, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.translation.result import Became

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transforms.importers.monkeypatch.documentation import Documentation
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.translation.result import Translated

LEFT_OUT = "left out"
"""The outcome of what was not to be compiled; `import-monkeypatch` leaves nothing out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        place: where the plugin does it.
        target: where what is changed is defined, e.g. ``vllm.v1.request:Request.__init__``; as the
            plugin wrote it, where it belongs to nobody that can be named.
        spelled: the target as the plugin wrote it.
        form: what kind of change it is; for an import hook, what the hook does is behind a colon.
        outcome: ``compiled``, ``needs nothing``, ``needs a hint`` or ``cannot``; `LEFT_OUT` where
            nobody asked for what its file does.
        what: the kinds of edit, which hint, or the reason.
        processes: the kinds of process in which the plugin's own way does it, by name; empty where
            its roots do not tell.
        patch: the stem of the patch that it is part of; empty where it is part of none.
        why: what the plugin's documentation says of it; empty where it says nothing.
        warnings: what is lost, or differs from what the plugin did at run time.
        consumers: the modules that import the definition by name, and have the plugin's now.
        by: the full names of the patches that do it instead of one of the plugin; empty for none.
    """

    place: Place
    target: str
    spelled: str
    form: str
    outcome: str
    what: str
    processes: tuple[str, ...] = ()
    patch: str = ""
    why: str = ""
    warnings: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Give the row as docs/schemas/import-monkeypatch.schema.json describes it."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "target": self.target,
            "spelled": self.spelled,
            "form": self.form,
            "outcome": self.outcome,
            "what": self.what,
            "processes": list(self.processes),
            "patch": self.patch or None,
            "why": self.why,
            "warnings": list(self.warnings),
            "consumers": list(self.consumers),
        }


def table(rows: Iterable[Translated], documentation: Documentation) -> tuple[Row, ...]:
    """Give the table of what became of all mutations; there is one row for each.

    Args:
        rows: what became of each, in the plugin's order.
        documentation: what the plugin says of them.
    """
    return tuple(_row(item, documentation) for item in rows)


def _row(item: Translated, documentation: Documentation) -> Row:
    mutation = item.mutation
    said = documentation.of(mutation)
    inside = f": {mutation.inside.value}" if mutation.inside is not None else ""
    outside = (f"no root imports it: {mutation.outside} does",) if mutation.outside else ()
    return Row(
        place=mutation.place,
        target=mutation.spelled if mutation.target is None else mutation.target.dotted,
        spelled=mutation.spelled,
        form=f"{mutation.form.value}{inside}",
        outcome=item.became.value,
        what=" ".join(item.why.split()),
        processes=tuple(sorted(mutation.processes)),
        patch=item.stem if item.became is Became.COMPILED else "",
        why="" if said is None else " ".join(said.why.split()),
        warnings=(*item.warnings, *outside),
        consumers=item.consumers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows there are of each kind.

    Attributes:
        outcomes: by outcome; all four, also those that no row has.
        forms: by form, and then by outcome; the forms that a row has, in the order of `Form`.
    """

    outcomes: Mapping[str, int]
    forms: Mapping[str, Mapping[str, int]]

    def as_json(self) -> dict[str, object]:
        """Give the counts as the schema describes them."""
        return {
            "by_outcome": dict(self.outcomes),
            "by_form": {form: dict(found) for form, found in self.forms.items()},
        }


def counts(rows: Sequence[Row]) -> Counts:
    """Count the rows by outcome and by form.

    Args:
        rows: the table.
    """
    outcomes = [item.value for item in Became]
    known = [item.value for item in Form]
    # The form of what a hook does begins with the hook's own.
    order = sorted({row.form for row in rows}, key=lambda form: (_rank(form, known), form))
    pairs = Counter((row.form, row.outcome) for row in rows)
    return Counts(
        outcomes={name: sum(pairs[form, name] for form in order) for name in outcomes},
        forms={form: {name: pairs[form, name] for name in outcomes} for form in order},
    )


def _rank(form: str, known: Sequence[str]) -> int:
    return known.index(form.partition(": ")[0])
