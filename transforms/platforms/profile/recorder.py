"""Bring the recorder itself: the package `vllm.wheelwright_profile` that the points call."""

from transforms.edits import AddModule, Patch

# Every file of runtime/vllm/wheelwright_profile, without its folder. `build_hooks` refuses a file there
# that is not listed here, and a line here that has no file: add a module and its line together.
FILES = (
    "__init__.py",
    "arrow_records.py",
    "blocks.py",
    "buffer.py",
    "command/__init__.py",
    "command/arguments.py",
    "command/diagnose/__init__.py",
    "command/diagnose/alive.py",
    "command/diagnose/text.py",
    "command/experts.py",
    "command/export_csv.py",
    "command/export_parquet.py",
    "command/failure.py",
    "command/figures.py",
    "command/finding.py",
    "command/forward.py",
    "command/lanes.py",
    "command/lives.py",
    "command/perfetto.py",
    "command/profilemate/__init__.py",
    "command/profilemate/blocks.py",
    "command/profilemate/csv_file.py",
    "command/profilemate/experts.py",
    "command/profilemate/graphs.py",
    "command/profilemate/scheduling.py",
    "command/profilemate/timing.py",
    "command/report/__init__.py",
    "command/report/columns.py",
    "command/report/heat.py",
    "command/report/markup.py",
    "command/report/page.css",
    "command/report/page.html",
    "command/report/page.js",
    "command/report/plot.py",
    "command/report/plots.py",
    "command/report/sections.py",
    "command/report/upstream.py",
    "command/session.py",
    "command/summary/__init__.py",
    "command/summary/load.py",
    "command/summary/model.py",
    "command/summary/text.py",
    "command/summary/timing.py",
    "command/text_table.py",
    "command/writing.py",
    "device.py",
    "encoders.py",
    "expert_counters.py",
    "experts.py",
    "flushing.py",
    "forward.py",
    "graphs.py",
    "json_records.py",
    "json_texts.py",
    "operations.py",
    "output.py",
    "points.py",
    "processes.py",
    "reading.py",
    "recording.py",
    "requests.py",
    "scheduling.py",
    "session.py",
    "settings.py",
    "streams.py",
    "tables.py",
)

PATCH = Patch(
    why=(
        "nothing in vLLM keeps what each step did: what was scheduled against which budget, on which "
        "blocks and experts, and how long each rank took for it"
    ),
    upstream=(
        "none: vLLM exposes counts and latencies (Prometheus), iteration details and spans, each as an "
        "aggregate or of one request; its profiler hooks record operators, not steps"
    ),
    drop_when="vLLM itself writes a record per step that joins the scheduler's figures to each worker's",
    versions=">=0.14.1",
    edits=[AddModule(path=f"vllm/wheelwright_profile/{name}") for name in FILES],
)
