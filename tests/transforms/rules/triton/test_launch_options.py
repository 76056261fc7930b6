"""Options that old Triton refuses at a launch: guarded, and kept where a kernel has them."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.launch_options import LaunchOptions

OURS = "from vllm import wheelwright_triton\n"
HEAD = "from vllm.triton_utils import gluon, tl, triton\n"
KERNELS = """

@triton.jit
def without(p, n):
    tl.store(p, n)


@triton.jit
def with_it(p, n, launch_pdl: tl.constexpr):
    tl.store(p, n)


@gluon.jit
def of_gluon(p, n):
    pass


"""
GUARDED = "**wheelwright_triton.launch_options(launch_pdl=early)"


@pytest.fixture(scope="module")
def options() -> RuleTester:
    return RuleTester(LaunchOptions(frozenset({"launch_pdl", "enable_reflect_ftz"})))


def _assert_changes(options: RuleTester, before: str, after: str) -> None:
    options.assert_changes(HEAD + KERNELS + before, OURS + HEAD + KERNELS + after, head="")


def _assert_untouched(options: RuleTester, before: str) -> None:
    options.assert_untouched(HEAD + KERNELS + before, head="")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("without[grid](p, n, launch_pdl=early)", f"without[grid](p, n, {GUARDED})"),
        (
            "without[grid](\n        p,\n        launch_pdl=(early),  # early\n        n=n,\n    )",
            (
                "without[grid](\n        p,\n        **wheelwright_triton.launch_options("
                "launch_pdl=(early)),  # early\n        n=n,\n    )"
            ),
        ),
        (
            "without.warmup(p, n, grid=(1,), launch_pdl=early)",
            f"without.warmup(p, n, grid=(1,), {GUARDED})",
        ),
        (
            "return functools.partial(without[grid], launch_pdl=early)",
            f"return functools.partial(without[grid], {GUARDED})",
        ),
        (
            "without[grid](p, n, launch_pdl=early, enable_reflect_ftz=False)",
            (
                f"without[grid](p, n, {GUARDED}, "
                "**wheelwright_triton.launch_options(enable_reflect_ftz=False))"
            ),
        ),
    ],
)
def test_a_launch_gives_the_option_to_a_triton_that_has_it(
    options: RuleTester, before: str, after: str
) -> None:
    head = "import functools\n\n" if "functools" in before else ""
    launch = "def launch(p, n, grid, early):\n    "
    options.assert_changes(
        f"{head}{HEAD}{KERNELS}{launch}{before}\n",
        f"{head}{OURS}{HEAD}{KERNELS}{launch}{after}\n",
        head="",
    )


@pytest.mark.parametrize(
    "launch",
    [
        "with_it[grid](p, n, launch_pdl=early)",
        "of_gluon[grid](p, n, launch_pdl=early)",
        "with_it.warmup(p, n, grid=(1,), launch_pdl=early)",
        "another(p, n, launch_pdl=early)",
        "self.key(launch_pdl=early)",
        "without[grid](p, n, num_warps=4)  # launch_pdl=True",
    ],
)
def test_leaves_alone_what_takes_the_option(options: RuleTester, launch: str) -> None:
    _assert_untouched(options, f"def launch(self, p, n, grid, early):\n    {launch}\n")


@pytest.mark.parametrize(
    ("kernel", "before"),
    [
        ("elsewhere", "from vllm.kernels import elsewhere\n"),
        ("kernels.elsewhere", "from vllm import kernels\n"),
        ("self._kernel", ""),
        ("chosen", "chosen = with_it if tl else without\n"),
        ("either", "if tl:\n    either = without\nelse:\n    either = with_it\n"),
    ],
)
def test_asks_a_kernel_that_the_file_does_not_show(
    options: RuleTester, kernel: str, before: str
) -> None:
    code = f"def launch(self, p, n, grid, early):\n    {kernel}[grid](p, n, launch_pdl=early)\n"
    asked = f"**wheelwright_triton.launch_options({kernel}, launch_pdl=early)"
    if before.startswith("from"):
        head, first = before + HEAD, OURS + HEAD
        first = (OURS + before + HEAD) if "kernels import" in before else head
        if "import kernels" in before:
            first = "from vllm import kernels, wheelwright_triton\n" + HEAD
    else:
        head, first = HEAD, OURS + HEAD
        code = before + code
    options.assert_changes(
        head + KERNELS + code,
        first + KERNELS + code.replace("launch_pdl=early", asked),
        head="",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "more = {'launch_pdl': True} if early else {}",
            "more = wheelwright_triton.launch_options(launch_pdl=True) if early else {}",
        ),
        (
            "more = {'launch_pdl': (early or None)} if early else {}",
            "more = wheelwright_triton.launch_options(launch_pdl=(early or None)) if early else {}",
        ),
        (
            "more = {} if early else {'launch_pdl': False,}",
            "more = {} if early else wheelwright_triton.launch_options(launch_pdl=False)",
        ),
        (
            "more = {'A': 1, 'launch_pdl': (True)} if early else {'A': 1}",
            (
                "more = {'A': 1, **wheelwright_triton.launch_options(launch_pdl=(True))} "
                "if early else {'A': 1}"
            ),
        ),
        (
            "more = {\n        'launch_pdl': True,  # early\n    } if early else {}",
            (
                "more = {\n        **wheelwright_triton.launch_options(launch_pdl=True),  # early\n"
                "    } if early else {}"
            ),
        ),
    ],
)
def test_an_option_that_only_some_launches_have_is_guarded_in_its_dict(
    options: RuleTester, before: str, after: str
) -> None:
    code = "def options(early):\n    {}\n    return more\n"
    _assert_changes(options, code.format(before), code.format(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "    more = {'A': 1, 'launch_pdl': early}\n",
            "    more = {'A': 1, **wheelwright_triton.launch_options(launch_pdl=early)}\n",
        ),
        ("    more = dict(launch_pdl=early)\n", f"    more = dict({GUARDED})\n"),
        (
            "    more.update({'launch_pdl': early})\n",
            "    more.update(wheelwright_triton.launch_options(launch_pdl=early))\n",
        ),
    ],
)
def test_the_kernels_around_a_dict_decide(options: RuleTester, before: str, after: str) -> None:
    other = "def of_others(p, n):\n    with_it[1](p, n)\n    without[1](p, n)\n\n\n"
    code = other + "def launch(p, n, grid, early, more):\n{}    {}[grid](p, n, **more)\n"
    _assert_changes(options, code.format(before, "without"), code.format(after, "without"))
    _assert_untouched(options, code.format(before, "with_it"))


def test_the_kernel_of_a_class_decides_for_the_dicts_of_its_methods(options: RuleTester) -> None:
    _assert_untouched(
        options,
        "class Launcher:\n"
        "    @staticmethod\n"
        "    @triton.jit\n"
        "    def kernel(p, launch_pdl: tl.constexpr):\n"
        "        pass\n\n"
        "    def dispatch(self, early):\n"
        "        return (1,), dict(launch_pdl=early)\n",
    )


def test_the_kernel_that_a_decorator_names_decides(options: RuleTester) -> None:
    _assert_untouched(
        options,
        "@dispatcher(kernel=with_it)\n"
        "def dispatch(p, early):\n"
        "    return (1,), dict(p=p, launch_pdl=early)\n",
    )


def test_leaves_an_option_alone_that_is_changed_where_it_is_given(options: RuleTester) -> None:
    _assert_untouched(
        options,
        "def launch(key, kwargs):\n"
        "    if key and 'launch_pdl' in kwargs and hasattr(key, 'launch_pdl'):\n"
        "        kwargs['launch_pdl'] = key.launch_pdl\n",
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def f(e):\n    return {'A': 1, 'launch_pdl': e}\n", "this dict"),
        ("def f(e):\n    return dict(launch_pdl=e)\n", "this dict"),
        (
            (
                "def f(p, n, e):\n    more = {'launch_pdl': e}\n"
                "    without[1](p, n, **more)\n    with_it[1](p, n, **more)\n"
            ),
            "this dict",
        ),
        ("def f(e, o):\n    return {'launch_pdl': True} if e else {**o}\n", "this dict"),
        ("def f(o, e):\n    o['launch_pdl'] = e\n", "by its key"),
        (
            "def f(o, e):\n    if 'launch_pdl' in e:\n        o['launch_pdl'] = e\n",
            "by its key",
        ),
        ("def f(p, e):\n    choose(e)[1](p, launch_pdl=e)\n", "is no name"),
        ("def f(a, e):\n    without[1](launch_pdl=e, *a)\n", "takes no `**`"),
    ],
)
def test_refuses_what_one_file_cannot_show(options: RuleTester, code: str, reason: str) -> None:
    problem = options.assert_refused(HEAD + KERNELS + code)
    assert reason in problem.reason
    assert problem.line > 1


def test_what_is_guarded_still_launches() -> None:
    """Python evaluates what is written as it evaluated what was there."""
    tester = RuleTester(LaunchOptions(frozenset({"launch_pdl"})))
    code = "from triton import jit\n\ndef f(k, e):\n    k[1](0, launch_pdl=e, **{'b': 1})\n"
    after, problem = tester.apply(code)
    assert problem is None
    names: dict[str, object] = {}
    body = after.partition("def f")[2]
    seen: list[object] = []

    class Kernel:
        def __getitem__(self, grid: int) -> Kernel:
            return self

        def __call__(self, *args: object, **kwargs: object) -> None:
            seen.append((args, kwargs))

    class Ours:
        @staticmethod
        def launch_options(_kernel: object, **options: object) -> dict[str, object]:
            return options

    names["wheelwright_triton"] = Ours
    exec("def f" + body, names)  # noqa: S102 - the code of this test
    function = names["f"]
    assert callable(function)
    function(Kernel(), True)  # noqa: FBT003 - what upstream's code passes
    assert seen == [((0,), {"launch_pdl": True, "b": 1})]
