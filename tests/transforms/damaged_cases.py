"""Edits of every kind on one module, and in plain text what each of them depends on there."""

from __future__ import annotations

import ast

import libcst as cst

from tests.transforms.damaged_module import DEFINED, UPSTREAM, Case
from tests.transforms.damaged_replacements import REPLACEMENTS
from tests.transforms.trees import RELEASE
from transforms.edits import (
    AddArgument,
    AddImport,
    AddMember,
    ApplyRule,
    DropArgument,
    ExtendLiteral,
    Guard,
    GuardImport,
    InsertAfter,
    InsertBefore,
    Remove,
    ReplaceFunction,
    ReplaceText,
    Rewrite,
    SetConstant,
    SubclassAndRebind,
    Widen,
    WrapFunction,
)
from transforms.engine.syntax.canonical import body_hash
from transforms.rules.triton.annassign import RULE

_SPEED = UPSTREAM[UPSTREAM.index("def speed") : UPSTREAM.index("\n\n@triton")]


def _retries_renamed(call: cst.Call) -> cst.Call:
    arguments = [
        item.with_changes(keyword=cst.Name("attempts"))
        if item.keyword and item.keyword.value == "retries"
        else item
        for item in call.args
    ]
    same = all(item is other for item, other in zip(arguments, call.args, strict=True))
    return call if same else call.with_changes(args=arguments)


CASES = {
    **REPLACEMENTS,
    "insert before": Case(
        InsertBefore(inside="m.Worker.init_device", anchor="gc.collect()", code="flush()"),
        ("gc.collect()",),
        moves=True,
    ),
    "insert after a block": Case(
        InsertAfter(
            inside="m.Worker.load",
            anchor='if not current_platform.is_cuda():\n    logger.info("slow")',
            code="self.loaded = path",
        ),
        ('if not current_platform.is_cuda():\n            logger.info("slow")',),
        moves=True,
        also=(('("slow")\n', '("slow")\n        else:\n            pass\n'),),
    ),
    "insert behind an import": Case(
        InsertAfter(inside="m", anchor="import torch", code="import torch_musa"),
        ("<<import torch>>\n",),
        also=(("import torch\n", "import torch as t\n"), ("import torch\n", "import torch, os\n")),
    ),
    "insert behind imported names": Case(
        InsertAfter(
            inside="m",
            anchor="from vllm.logger import log_level, init_logger",
            code="import torch_musa",
        ),
        ("from vllm.logger import init_logger, log_level",),
        also=(
            ("import init_logger, log_level", "import init_logger as log_level, log_level"),
            ("import init_logger, log_level", "import init_logger, log_level, more"),
            ("from vllm.logger import init", "from .vllm.logger import init"),
        ),
    ),
    "remove a statement": Case(
        Remove(inside="m.Worker.init_device", find='os.environ.pop("NCCL_ASYNC", None)'),
        ('os.environ.pop("NCCL_ASYNC", None)',),
        moves=True,
        may_be_gone=True,
    ),
    "remove a decorator": Case(
        Remove(inside="m.Worker.init_device", find="@torch.inference_mode()"),
        ("@<<torch.inference_mode()>>",),
        may_be_gone=True,
    ),
    "guard a statement": Case(
        Guard(
            inside="m.Worker.init_device",
            find="torch.accelerator.set_device(self.device)",
            condition="not current_platform.is_musa()",
        ),
        ("torch.accelerator.set_device(self.device)",),
        moves=True,
    ),
    "widen a condition": Case(
        Widen(
            inside="m.Worker.load",
            find="current_platform.is_cuda()",
            by="current_platform.is_musa()",
        ),
        ("current_platform.is_cuda()",),
    ),
    "set a constant": Case(
        SetConstant(inside="m", name="MAX_WORKERS", was="4", value="8"),
        ("MAX_WORKERS = 4",),
        also=(("MAX_WORKERS = 4", "MAX_WORKERS: int"), ("MAX_WORKERS = 4", "MAX_WORKERS = True")),
    ),
    "extend a list": Case(
        ExtendLiteral(inside="m", find='["cuda", "rocm"]', add='"musa"'),
        ('["cuda", "rocm"]',),
        also=(('["cuda", "rocm"]', '("cuda", "rocm")'), ('["cuda", "rocm"]', '{"cuda", "rocm"}')),
    ),
    "extend a Literal": Case(
        ExtendLiteral(inside="m.Worker", find='Literal["gpu", "tpu"]', add='"musa"'),
        ('Literal["gpu", "tpu"]',),
    ),
    "add a parameter": Case(
        AddArgument(inside="m.Worker.stop", argument="force: bool = False", after="timeout"),
        ("self, <<timeout>>=10",),
    ),
    "add an argument": Case(
        AddArgument(inside="m.Worker.init_device", call="measure", argument="warm=True"),
        ("= <<measure>>(",),
    ),
    "drop an argument": Case(
        DropArgument(inside="m.Worker.init_device", call="measure", argument="retries"),
        ("= <<measure>>(", "<<retries>>="),
        may_be_gone=True,
    ),
    "drop a parameter": Case(
        DropArgument(inside="m.Worker.load", argument="strict"),
        ("*, <<strict>>=True",),
        may_be_gone=True,
    ),
    "add a method": Case(
        AddMember(inside="m.Worker", after="load", code="def pause(self): return None"),
        (DEFINED["load"],),
        may_repeat=True,
    ),
    "wrap a function": Case(WrapFunction(inside="m.Worker.load", before="path = local(path)")),
    "replace a function": Case(
        ReplaceFunction(
            inside="m.speed",
            code="def speed(batch):\n    return 0",
            bodies={">=0": body_hash(ast.parse(_SPEED).body[0])},
        ),
        (_SPEED.removesuffix("\n"),),
    ),
    "subclass and rebind": Case(
        SubclassAndRebind(inside="m.Worker", code="def stop(self, timeout=10): return 0"),
    ),
    "add an import": Case(AddImport(inside="m", code="import sys")),
    "guard an import": Case(GuardImport(inside="m", find="import uvloop"), ("import uvloop",)),
    "rewrite a node": Case(
        Rewrite(
            inside="m.Worker.init_device",
            node=cst.Call,
            function=_retries_renamed,
            done="measure(self.device, attempts=3)",
        ),
        ("<<retries>>=",),
    ),
    "replace text": Case(
        ReplaceText(path="m.py", find="One process.", replace="One process on any device."),
        also=(
            ("One process.", "One Process."),
            ("One process.", "One  process."),
            ("One process.", "One process. One process."),
            ("One process.", "One process on a device."),
        ),
        is_text=True,
    ),
    "apply a rule": Case(
        ApplyRule(rule=RULE, expected={RELEASE: 1}, folder=""),
        also=(
            ("offset: tl.int32 = tl.", "offset = tl."),
            ("offset: tl.int32 = tl.", "offset: tl.constexpr = tl."),
            ("@triton.jit\n", "@cute.jit\n"),
            ("tl.store(x_ptr + offset, n)", "n: tl.int32 = n + offset"),
        ),
        may_be_gone=True,
    ),
}
