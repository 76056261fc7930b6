"""The words of the pages that `generate.py` makes, with places for what follows from code."""

SETTINGS = """\
# Settings

Made by `python docs/generate.py`. A key goes to any PEP 517 front end, as in
`pip wheel . -C vllm=0.28.0`, or stands in the environment; `-C` wins. Names are joined by `,`.
An unknown key or value is an error that names the closest.

| `-C` key | environment | default | what it sets |
|---|---|---|---|
{rows}

Without `vllm`, the release is the lock's `default-release`. Where the lock does not hold that
release of the distribution, in the kind of file that is built from, it is the newest that it holds.

Platforms whose own kinds of source differ are built from the sdist; `source` says otherwise for all
of them. A wheel that is built from an sdist has no compiled extensions, one that is built from a
wheel is upstream's with some files changed: its requirements, tags and extensions stay.

Whether a front end asks for a wheel or an sdist is its own word (`uv build --wheel`, `--sdist`). An
sdist is made from upstream's sdist, whatever the platform; `build` of the command line makes what
the platform is built to, which is an sdist where native sources change, or what `--wheel` or
`--sdist` says.

A plugin is read, never imported, and is fetched by its name from the index as vLLM is, verified by
the hash in `vendored/plugins.lock.toml`. `define` joins what the lock says of it, name by name;
`root` takes the place of the lock's. A patch of a platform that says what it `replaces` counts
before the plugin's own way; `only` and `skip` take the names of the plugin's patches too, e.g.
`vllm_ascend/kv_cache_utils`. Where no platform is named, none is built for: the version is labelled
with the plugin's package, and where the lock holds no sdist of the release, its wheel is read.

Without `index`, the index is the one that pip or uv are configured with in the environment and in
configuration files, else the index client's own default. One that is named on pip's or uv's own
command line cannot be seen by a build backend. Credentials come from netrc or keyring.
`SOURCE_DATE_EPOCH` sets the time of all members; its default is the artifact's own time.
"""

PLATFORM = """\
# The {name} platform

{summary}. Made by `python docs/generate.py` from the patches themselves;
`python -m build_hooks check -p {name} --vllm all -v` says what becomes of each on every release.

| patch | releases | without it | upstream | drop it when |
|---|---|---|---|---|
{rows}
"""

EDITS = """\
# The kinds of edit

Made by `python docs/generate.py` from the docstrings of `transforms/edits/`, whose examples the
tests run. `inside` is a dotted path; `$x` binds an expression or a name, `$$x` any number of
arguments or statements; `count` is exact. Every kind also takes `versions`, the releases that it
is for. [writing-a-patch.md](writing-a-patch.md) begins at the beginning.

The kinds that begin with `cpp.` and `cmake.` are for native sources, after `from transforms.edits
import cmake, cpp`. They name a file in `path`; their `inside`, a definition in that file, may be
left out.

{sections}
"""

DIALECTS = """\
# Dialects of Triton

Made by `python docs/generate.py` from the rules, from the reviewed numbers of their sites, and
from `docs/triton-measured.json`, which `python -m build_hooks triton-report --record` writes.

vLLM's kernels are written for the newest Triton. A vendor's Triton is often a fork of an older
one: it stops at syntax, names and arguments that came later, and a kernel's launch stops already
at such a name in a branch that is never taken. A *dialect* says, as data, what one line of Triton
lacks; which rules rewrite the kernels of a release follows from it. Rules act inside functions
that Triton compiles, found by where their decorator comes from, never by how it is spelled.

A platform takes a dialect over with all of its patches, beside its own:

```python
PATCH_SET = PatchSet(name="musa", summary="...", source="sdist", dialect="triton-3.1")
```

Where a rewrite can be valid for every Triton, it is: on a newer one the rewritten kernel compiles
to the same code as upstream's. What an old line lacks by name stands in
`vllm/wheelwright_triton.py`, which such a wheel carries: Triton's own object where there is one,
else a kernel that gives equal results, else a function that says what is missing when a kernel
really calls it.

## What a fork makes of a release

    python -m build_hooks triton-report --vllm 0.33.0 --triton 3.1.0
    python -m build_hooks triton-report --vllm 0.33.0 --python /path/to/python --html report.html

`--triton` puts that release of Triton into an environment in the cache (it needs a Python for
which there are wheels of it); `--python` takes an interpreter that has a Triton already, a fork of
your own included. No GPU is needed: kernels are compiled to TTIR, Triton's own intermediate code,
for `cuda:90:32` or what `--target` says. The configurations that a kernel is compiled with (types
of its arguments, values of its constants) are recorded in `vendored/triton/`; a release without
recorded ones takes those of the nearest releases for kernels with the same name and parameters.
The exit code is 1 if the patches take anything away. `--json` is described by
`docs/schemas/triton-report.schema.json`.

## Adding a dialect

1. Describe the line in `transforms/rules/triton/dialect.py`: a `Dialect` with what it lacks. A
   construct that no rule knows needs a rule: a module beside it, an entry in `rules.py`, examples
   in its docstring.
2. Make a package of its name in `transforms/dialects/` (`triton_3_1` for `triton-3.1`), like the
   one that is there, and let `python -m build_hooks expect -p NAME` count the sites, for a person
   to review in the diff.
3. Name it in a platform, and look at `triton-report` with that Triton.

{dialects}

## What stays different on Triton 3.1

Found by holding the IR of 868 configurations on 3.1.0 against 3.9.0; no rule can mend these.

- A Python number beside a narrow integer widens it (int8, uint8 and int16 become int32); newer
  Tritons keep the narrow type since 3.2.0. In the kernels of 0.33.0 that were read, what is stored
  is cut to its width, so the result is the same; where the bits are used, `triton_bitcasts` acts.
- `tl.rand` with 64-bit offsets gives other random numbers, as uniform (`diffusion_gemma`).
- `tl.sort` turns infinities into NaN; the sites that were read in 0.33.0 sort wide integers.
- `%` of floats is floored; sums and maxima of bfloat16 are float32.
- Of `x and C` with a constexpr `C` on the right, 3.1 still compiles the branch.
- libdevice always flushes denormals: `enable_reflect_ftz=False` cannot be had.
- On newer Tritons, a wheel of this dialect leaves out the hints of `tl.range` (`flatten`,
  `loop_unroll_factor`, ...): three kernels of 0.33.0 get other loops there, with equal results.
- Modules that hold Gluon kernels only (`inkling/amd/ops/gluon`) cannot be imported, and say so;
  upstream imports them lazily. Host code for tensor descriptors asks for a Triton that has them.

## What was measured

On upstream's tree / with the patches / of how many. A kernel is *launched* if it also has a
`cache_key`, which Triton computes from its source before it compiles; functions are those that
some kernel was compiled with. Each is compiled by itself: that such a Triton cannot import
`vllm.triton_utils` of 0.28.0 and later at all without the patches is left aside here.

{measured}

### What still stops

{stopped}
"""

COMPATIBILITY = """\
# Which platform works on which release

Made by `python docs/compatibility.py` from what becomes of every patch on every release of the
lock; `nox -s drift` checks that it is up to date. The same words stand in what
`python -m build_hooks drift` writes, for the releases that are asked for. The numbers are patches
that hold, of those that have not ended.

| state | what it means |
|---|---|
{states}

A patch that is declared for later releases only may have nothing to do on an older one: what it
changes is not there yet. Outcomes cannot tell that from one that nobody has written for the older
code, so both count as `partial`.

{table}

## What is not there

{reasons}
"""
