"""Say what becomes of every patch on a release, without building a wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    add_plugin_options,
    read_releases,
    write_json,
)
from build_hooks.drift.underneath_text import underneath_lines
from build_hooks.errors import PatchFailureError
from build_hooks.lock import read_lock
from build_hooks.plugins.described import plugin_document, plugin_lines
from build_hooks.report import outcome_json, outcome_lines, verdict
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from build_hooks.pipeline import Plan
    from build_hooks.plugins.weaving import Woven
    from build_hooks.settings import Settings
    from transforms.engine.outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser)
    add_plugin_options(parser)
    add_json_option(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="show the good outcomes too")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Match, apply and check in memory, one release after the other."""
    from build_hooks.drift.underneath import Recorder  # noqa: PLC0415 - quick start-up

    documents: list[dict[str, object]] = []
    outcomes: list[Outcome] = []
    failed_checks = 0
    recorder = Recorder()
    releases = list(read_releases(options, settings))
    for chosen in tracked(releases, "checking releases"):
        checked = _check(chosen)
        if len(releases) > 1:
            recorder.add(checked.plan, checked.outcomes)
        documents.append(checked.document())
        outcomes += checked.outcomes
        failed_checks += len(checked.failures)
        if not options.json:
            for line in checked.lines(verbose=options.verbose):
                write_line(line)
    good = not failed_checks and all(outcome.status.is_good for outcome in outcomes)
    underneath = recorder.underneath(_known(releases))
    if options.json:
        changes = underneath.as_json()
        write_json("check", {"good": good, "releases": documents, "upstream_changes": changes})
    elif len(documents) > 1:
        for line in underneath_lines(underneath, verbose=options.verbose):
            write_line(line)
        write_line(f"all {len(documents)} releases: {verdict(outcomes, failed_checks)}")
    return 0 if good else PatchFailureError.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """What became of every patch on one release, and which checks failed after applying."""

    plan: Plan
    outcomes: Sequence[Outcome]
    failures: Sequence[str]

    def document(self) -> dict[str, object]:
        return {
            "release": self.plan.metadata.release,
            "artifact": self.plan.origin.artifact,
            "patches": [outcome_json(item) for item in self.outcomes],
            "checks": list(self.failures),
            **({} if self.plan.woven is None else {"plugin": self._plugin(self.plan.woven)}),
        }

    @staticmethod
    def _plugin(woven: Woven) -> dict[str, object]:
        return {**plugin_document(woven), "notes": list(woven.notes)}

    def lines(self, *, verbose: bool) -> Iterator[str]:
        release = self.plan.metadata.release
        for outcome in self.outcomes:
            if verbose or not outcome.status.is_good:
                yield from outcome_lines(outcome, self.plan.patches[outcome.patch], release)
        if self.plan.woven is not None:
            yield from plugin_lines(self.plan.woven, verbose=verbose)
        yield from self.failures
        yield f"{self._name()}: {verdict(self.outcomes, len(self.failures))}"

    def _name(self) -> str:
        """Name what was checked as `drift` does: a release, and more where it was a wheel."""
        origin = self.plan.origin
        wheel = origin.kind == "wheel"
        return f"{origin.release} {origin.distribution} wheel" if wheel else origin.release


def _known(releases: Sequence[Settings]) -> list[str]:
    """Give all releases of the lock of what was checked."""
    lock = read_lock()
    return [
        known for name in {each.distribution for each in releases} for known in lock.releases(name)
    ]


def _check(settings: Settings) -> _Checked:
    from build_hooks.pipeline import apply_and_check, make_plan, match  # noqa: PLC0415

    plan = make_plan(settings)
    outcomes = match(plan)
    good = all(outcome.status.is_good for outcome in outcomes)
    failures = apply_and_check(plan, outcomes)[1] if good else []
    return _Checked(plan=plan, outcomes=outcomes, failures=failures)
