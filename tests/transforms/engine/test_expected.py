"""The generated module of expected numbers is Python that says what was counted."""

from __future__ import annotations

from transforms.engine.expected import expected_sites_module

COUNTS = {"0.10.0": 1, "0.9.2": 2, "0.10.1.1": 3, "0.10.1": 0}


def test_says_what_was_counted_in_the_order_of_releases() -> None:
    module: dict[str, dict[str, int]] = {}
    exec(expected_sites_module("annassign", COUNTS), module)  # noqa: S102 - what was just written
    assert list(module["EXPECTED"].items()) == [
        ("0.9.2", 2),
        ("0.10.0", 1),
        ("0.10.1", 0),
        ("0.10.1.1", 3),
    ]


def test_does_not_depend_on_the_order_of_counting() -> None:
    backwards = dict(reversed(COUNTS.items()))
    assert expected_sites_module("annassign", COUNTS) == expected_sites_module(
        "annassign", backwards
    )


def test_names_the_rule_and_how_the_module_is_made() -> None:
    text = expected_sites_module("annassign", COUNTS)
    assert text.startswith('"""How many sites the rule `annassign` has in each release')
    assert "python -m build_hooks expect" in text
