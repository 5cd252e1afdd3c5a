"""Our awsglue has the same signatures as AWS's package, for each supported version of Glue.

AWS's package is parsed, not imported: its wheels are in the folder LOCALAWS_GLUE_WHEELS, one per version. Its license
limits its use to AWS's services, so nothing of it is shipped.
https://pypi.org/project/AWSGlueDataplanePython/
"""

import ast
import inspect
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from awsglue import transforms
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.reader import DynamicFrameReader
from awsglue.utils import getResolvedOptions
from awsglue.writer import DynamicFrameWriter

# Names of parameters without self, and whether they are required.
Parameters = list[tuple[str, bool]]

_WHEELS = sorted(Path(os.environ["LOCALAWS_GLUE_WHEELS"]).glob("*.whl"))
_CLASSES = [GlueContext, DynamicFrame, DynamicFrameReader, DynamicFrameWriter, Job]
# AWS's takes a JVM frame, which scripts do not have: they call fromDF.
_DIFFERENT = {"DynamicFrame.__init__"}


def test_wheels_of_both_versions_exist() -> None:
    assert [wheel.name.split("-")[1] for wheel in _WHEELS] == ["5.1.0", "6.0.0"]


@pytest.mark.parametrize("wheel", _WHEELS, ids=lambda wheel: wheel.name.split("-")[1])
def test_signatures_are_the_same_as_in_aws(wheel: Path) -> None:
    theirs = _functions(wheel)
    ours = dict(_ours())
    assert len(ours) > 40
    assert {name for name in ours if name not in theirs} == set()
    different = [name for name in ours if not _agree(ours[name], theirs[name])]
    assert [f"{name}: {ours[name]}, AWS has {theirs[name]}" for name in different] == []


def _agree(ours: Parameters, theirs: Parameters | None) -> bool:
    """Report whether both functions have the same parameters in the same order.

    Parameters that only one of them has must come last and be optional.
    """
    if theirs is None:
        return True
    shared = min(len(ours), len(theirs))
    return ours[:shared] == theirs[:shared] and not any(required for _, required in ours[shared:] + theirs[shared:])


def _ours() -> Iterator[tuple[str, Parameters]]:
    yield "getResolvedOptions", _parameters(getResolvedOptions)
    for one in _CLASSES:
        for name, function in inspect.getmembers(one, callable):
            own = name in vars(one) and (name == "__init__" or not name.startswith("_"))
            if own and f"{one.__name__}.{name}" not in _DIFFERENT and not _forwards(function):
                yield f"{one.__name__}.{name}", _parameters(function, method=not inspect.ismethod(function))
    for name in transforms.__all__:
        one = getattr(transforms, name)
        method = getattr(one, "method", None)
        after_frame = _parameters(getattr(DynamicFrame, method), method=True) if method else _parameters(one.apply)[1:]
        yield f"{name}.__call__", [(_first_frame(name), True), *after_frame]


def _first_frame(transform: str) -> str:
    return "frame1" if transform == "Union" else "frame"


def _forwards(function: Callable[..., Any]) -> bool:
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    return inspect.Parameter.VAR_POSITIONAL in kinds


def _parameters(function: Callable[..., Any], method: bool = False) -> Parameters:
    named = [p for p in inspect.signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    return [(p.name, p.default is p.empty) for p in named[1 if method else 0 :]]


def _functions(wheel: Path) -> dict[str, Parameters | None]:
    """Return the functions of a wheel, methods with the name of their class. None stands for forwarded arguments."""
    found: dict[str, Parameters | None] = {}
    with zipfile.ZipFile(wheel) as archive:
        for file in archive.namelist():
            if file.endswith(".py") and "/scripts/" not in file:
                _add(found, ast.parse(archive.read(file)).body, "")
    return found


def _add(found: dict[str, Parameters | None], body: list[ast.stmt], prefix: str) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef):
            _add(found, node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            optional = len(node.args.defaults)
            parameters = [(name, i < len(names) - optional) for i, name in enumerate(names)]
            found[prefix + node.name] = None if node.args.vararg else parameters[1 if prefix else 0 :]
