"""The report as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from build_hooks.triton.features import Stop
    from build_hooks.triton.report import Function, Report, Standing


def document(report: Report) -> dict[str, Any]:
    """Give the report as `triton-report --json` writes it.

    Args:
        report: the report.
    """
    return {
        "good": report.is_good,
        **measured(report),
        "changed": report.changed,
        "functions": [_function(one) for one in report.functions],
    }


def measured(report: Report) -> dict[str, Any]:
    """Give the figures of a report, and what is missing: what `--record` keeps.

    Args:
        report: the report.
    """
    subject = report.subject
    return {
        "release": subject.release,
        "platforms": list(subject.platforms),
        "triton": subject.triton,
        "target": ":".join(map(str, subject.target)),
        "counts": {
            name: {"of": count.every, "before": count.before, "after": count.after}
            for name, count in report.counts.items()
        },
        "missing": [
            {
                "feature": stop.feature,
                "known": stop.known,
                "kernels": _idents([one for one in functions if one.is_kernel]),
                "functions": _idents([one for one in functions if not one.is_kernel]),
            }
            for stop, functions in report.features.items()
        ],
        "lost": _idents(report.lost),
    }


def _idents(functions: Sequence[Function]) -> list[str]:
    return [function.found.ident for function in functions]


def _function(function: Function) -> dict[str, Any]:
    found = function.found
    return {
        "path": found.path,
        "name": found.qualname,
        "line": found.line,
        "configurations": function.configurations,
        "borrowed": function.borrowed or None,
        "verdict": function.verdict.value,
        "before": _standing(function.before),
        "after": _standing(function.after),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "state": standing.state.value,
        "through": standing.through or None,
        "stop": _stop(standing.stop),
        "launch": _stop(standing.launch),
    }


def _stop(stop: Stop | None) -> dict[str, Any] | None:
    return asdict(stop) if stop else None
