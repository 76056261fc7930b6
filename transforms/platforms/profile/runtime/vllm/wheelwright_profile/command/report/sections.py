# SPDX-License-Identifier: Apache-2.0
"""The parts of the page, from top to bottom."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..experts import layer_counts
from ..summary import summary
from ..text_table import shown
from . import markup
from .columns import COUNT, columns_of
from .heat import HeatMap
from .plots import Plots
from .upstream import UPSTREAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..session import Session
    from .plot import Plot

# So many of the most costly operations are shown.
_OPERATIONS = 20


class Body:
    """The page's body, and the data for its script."""

    def __init__(self, session: Session) -> None:
        """Take a session."""
        self._session = session
        self._document = summary(session)
        times = [row.time_ns for table in ("steps", "forward") for row in session.rows(table)]
        self._columns = columns_of(times or [session.started_ns], session.started_ns)
        self._plots: dict[str, dict[str, Any]] = {}
        self._sections: dict[str, tuple[str, Callable[[Any, Plots], Iterator[str]]]] = {
            "steps": ("Steps by phase", self._steps),
            "batches": ("Batch and token budget", self._batches),
            "forward": ("Forward passes", self._forward),
            "kv_cache": ("KV cache", self._kv_cache),
            "preemptions": ("Preemptions", self._preemptions),
            "experts": ("Experts", self._experts),
            "cuda_graphs": ("CUDA graphs", self._graphs),
            "operations": ("Operations of the CPU", self._operations),
            "encoder": ("Encoders and decoders", self._encoder),
        }
        # Drawing fills `_plots`.
        self._markup = "\n".join(self._parts())

    def markup(self) -> str:
        """Give the body's HTML."""
        return self._markup

    def data(self) -> dict[str, Any]:
        """Give what the script needs."""
        columns = self._columns
        where = {"start": columns.start, "width": columns.width, "count": columns.count}
        return {"columns": where, "plots": self._plots}

    def _parts(self) -> Iterator[str]:
        yield from self._header()
        yield "<main>"
        plots = Plots(self._session, self._columns)
        found = self._document["sections"]
        for name, (title, make) in self._sections.items():
            if "empty" in found[name]:
                parts = [markup.empty(found[name]["empty"])]
            else:
                parts = list(make(found[name], plots))
            yield markup.section(name, title, parts)
        yield markup.section("processes", "Processes", [self._processes()])
        yield markup.section("vllm", "What vLLM shows by itself", [UPSTREAM])
        yield "</main>"
        yield (
            "<footer>Made by <code>python -m vllm.wheelwright profile SESSION report</code>,"
            " vllm-wheelwright. Nothing here is fetched from anywhere.</footer>"
        )

    def _header(self) -> Iterator[str]:
        metadata, found = self._document["metadata"], self._document["sections"]
        build = metadata.get("wheel") or metadata.get("vllm") or "unknown"
        about = f"vLLM {build}, Python {metadata.get('python', 'unknown')}"
        width = shown(self._columns.width * 1000)
        yield "<header><h1>Profile</h1>"
        yield f'<p class="about"><code>{escape(self._session.name)}</code><br>{escape(about)}</p>'
        yield markup.facts(
            {
                "seconds": self._columns.end - self._columns.start,
                "processes": len(self._session.processes),
                "steps": found["steps"].get("steps", 0),
                "scheduled tokens": found["steps"].get("scheduled_tokens", 0),
                "requests": found["preemptions"].get("requests", 0),
                "preemptions": found["preemptions"].get("preemptions", 0),
            }
        )
        if self._session.notes:
            notes = "".join(f"<li>{escape(note)}</li>" for note in self._session.notes)
            yield f'<ul class="notes" aria-label="Notes">{notes}</ul>'
        links = {name: title for name, (title, _) in self._sections.items()}
        links |= {"processes": "Processes", "vllm": "vLLM's own metrics"}
        yield '<nav aria-label="Parts">'
        yield "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title in links.items())
        yield "</nav>"
        yield (
            f'<p class="about">Each plot over time has {COUNT} columns of {width} ms from'
            f" {self._columns.moment(0)} to {self._columns.moment(1)} after the session began;"
            " every row is in one of them. Point at a plot, or focus it and use the arrow keys.</p>"
        )
        yield "</header>"

    def _draw(self, plot: Plot) -> str:
        self._plots[plot.name] = plot.data()
        return plot.figure()

    def _steps(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401 - JSON
        first = self._draw(plots.step_time()) if found["step_ms"] else ""
        yield markup.pair([first, self._draw(plots.schedule_time())])
        if not first:
            yield '<p class="empty">No forward pass joins these steps: there is no step time.</p>'
        rows = {f"step, {phase}": one for phase, one in found["step_ms"].items()}
        rows |= {f"schedule(), {phase}": one for phase, one in found["schedule_ms"].items()}
        yield markup.distributions("ms", rows)

    def _batches(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401
        yield markup.pair([self._draw(plots.requests()), self._draw(plots.tokens())])
        rows = {
            "requests": found["requests"],
            "requests, % of the limit": found["request_utilization_pct"],
            "tokens": found["tokens"],
            "tokens, % of the budget": found["token_utilization_pct"],
            "waiting requests": found["waiting"],
        }
        yield markup.distributions("of a step", rows)

    def _forward(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401
        yield self._draw(plots.forward_time())
        rows = dict(found["forward_ms"])
        rows |= {f"rank {rank}": one for rank, one in found["forward_ms_by_rank"].items()}
        yield markup.distributions("ms", rows)

    def _kv_cache(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401
        yield markup.pair([self._draw(plots.blocks()), self._draw(plots.evictions())])
        rows = {
            "blocks in use": found["blocks_used"],
            "% of all": found["usage_pct"],
            "evicted: lived, s": found["lifetime_sec"],
            "evicted: was idle, s": found["idle_sec"],
        }
        yield markup.distributions("after a step", rows)

    def _preemptions(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401
        if not found["preemptions"]:
            yield markup.empty(self._session.why_empty("preemptions"))
            return
        yield self._draw(plots.preemptions())
        keys = ("request", "preemptions", "delay_ms")
        rows = [[one[key] for key in keys] for one in found["most_preempted"]]
        yield markup.table(("most preempted", "times", "out of the batch, ms"), rows)

    def _experts(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401, ARG002
        heat = HeatMap(layer_counts(self._session))
        self._plots["experts"] = heat.data()
        yield heat.figure()
        keys = ("layer", "experts", "tokens", "busiest", "busiest_pct", "imbalance", "idle")
        head = ("layer", "experts", "tokens", "busiest", "its %", "times an even load", "idle")
        table = markup.table(head, [[one.get(key) for key in keys] for one in found["layers"]])
        yield f"<details><summary>Figures</summary>{table}</details>"

    def _graphs(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401, ARG002
        yield markup.facts(
            {
                "captures": found["captures"],
                "seconds of capture": found["capture_time_sec"],
                **{f"{mode} replays": count for mode, count in found["replays"].items()},
            }
        )
        yield markup.distributions("ms on the device", found["replay_ms"], closed=False)

    def _operations(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401, ARG002
        durations = found["duration_ms"]
        figures = ("total", "count", "p50", "p95", "max")
        rows = [[name, *(one[key] for key in figures)] for name, one in durations.items()]
        yield "<p>Times are inclusive: an operation within another counts in both.</p>"
        head = ("ms", *figures)
        yield markup.table(head, rows[:_OPERATIONS], bar=1)
        if len(rows) > _OPERATIONS:
            yield f"<p>And {len(rows) - _OPERATIONS} more: <code>summary --json</code> has all.</p>"

    def _encoder(self, found: Any, plots: Plots) -> Iterator[str]:  # noqa: ANN401, ARG002
        yield markup.distributions("ms", found["duration_ms"], closed=False)

    def _processes(self) -> str:
        rows = [
            [
                process["label"],
                str(process["pid"]),
                process["host"],
                process["stream"],
                sum(process["rows"].values()),
            ]
            for process in self._document["processes"]
        ]
        return markup.table(("process", "pid", "host", "stream", "rows"), rows)
