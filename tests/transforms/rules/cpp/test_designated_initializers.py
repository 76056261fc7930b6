"""Members of known types are given in their order; those of others are left, or refused."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.aggregates import Aggregate
from transforms.rules.cpp.designated_initializers import RULE, DesignatedInitializers

RAW = RuleTester(RULE)
POINT = Aggregate(name="Point", members=("a", "b", "c"), functions=("draw",))
TESTER = RuleTester(DesignatedInitializers(aggregates=(POINT,), everywhere=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(__nv_bfloat16_raw{.x = 1});", "f(__nv_bfloat16_raw{1});"),
        ("__half_raw{ .x=1 };", "__half_raw{ 1 };"),
        ("__half2_raw{.x = 1, .y = 2};", "__half2_raw{1, 2};"),
        ("__half2_raw{.x = 1};", "__half2_raw{1};"),
        ("vllm::__half_raw r{.x{1}};", "vllm::__half_raw r{{1}};"),
        ("__half_raw r = {.x = f(a, b)};", "__half_raw r = {f(a, b)};"),
    ],
)
def test_knows_cudas_raw_types(before: str, after: str) -> None:
    RAW.assert_changes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Point{.a = 1, .b = 2}", "Point{1, 2}"),
        ("Point{.a = g<x, y>(1), .b{2}, .c = {3},}", "Point{g<x, y>(1), {2}, {3},}"),
        ("draw({.a = 1})", "draw({1})"),
        ("Point{.a = Point{.a = 1}.a}", "Point{Point{1}.a}"),
        (
            "draw({\n    .a = 1,  // first\n    .b = 2,\n});",
            "draw({\n    1,  // first\n    2,\n});",
        ),
    ],
)
def test_knows_the_types_that_it_is_told_of(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


def test_leaves_other_types_alone() -> None:
    RAW.assert_untouched("*match = {.bin = 1};\nOther{.x = 1};\nx.y = {1};\nf(.5);\n")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("Point{.b = 1}", "b are not the first members of Point: a, b, c"),
        ("Point{.a = 1, .c = 3}", "a, c are not the first members of Point: a, b, c"),
        ("Other{.a = 1}", "not told of which type"),
        ("x = {.a = 1};", "not told of which type"),
        ("draw({.a = 1}, 2)", "not told of which type"),
        ("other({.a = 1})", "not told of which type"),
        ("Point{.a /* first */ = 1}", "a comment stands beside a name"),
        ("Point{.a = 1,\n#ifdef B\n.b = 2\n#endif\n}", "directives stand in it"),
    ],
)
def test_refuses_what_may_mean_something_else(code: str, why: str) -> None:
    assert why in TESTER.assert_refused(code).reason


@pytest.mark.parametrize(
    ("definition", "members"),
    [
        ("struct Point { int a; int c; int b; };", "a, c, b"),
        ("struct Point { int z, a; };", "?"),
        ("struct Point : Base { int a; int b; int c; };", "?"),
        ("union Point { int a; };", "?"),
    ],
)
def test_refuses_where_the_tree_defines_other_members(definition: str, members: str) -> None:
    reason = TESTER.assert_refused(definition).reason
    assert reason == f"Point has the members {members}, not a, b, c"


def test_the_trees_definition_may_be_as_it_was_told() -> None:
    TESTER.assert_untouched(
        """
        struct Point;
        struct Point {
          std::optional<map<int, X>> const& a;  // first
          int b = 3;
          float c[4];
        };
        void draw(Point point);
        """
    )
