"""The packages of the job: those that Glue has, and the wheel that it brings along, as it can download nothing."""

import hashlib
import re
import zipfile
from importlib.metadata import version
from pathlib import Path

GLUE = Path(__file__).resolve().parents[1]
[WHEEL] = (GLUE / "vendor").glob("*.whl")


def test_wheel_is_the_pinned_one() -> None:
    pinned = re.search(r"^PyMySQL==(\S+)$", (GLUE / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert WHEEL.name == f"pymysql-{pinned[1]}-py3-none-any.whl"
    assert (
        GLUE / "vendor" / "SHA256SUMS"
    ).read_text() == f"{hashlib.sha256(WHEEL.read_bytes()).hexdigest()}  {WHEEL.name}\n"


def test_wheel_is_pure_python_and_mit() -> None:
    with zipfile.ZipFile(WHEEL) as archive:
        assert not [n for n in archive.namelist() if n.endswith((".so", ".pyd", ".dylib"))]
        [metadata] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        assert re.search(r"^License(-Expression)?: MIT", archive.read(metadata).decode(), re.MULTILINE)


def test_tests_run_with_the_packages_of_the_job() -> None:
    lines = (GLUE / "requirements.txt").read_text().splitlines()
    wanted = dict(line.split("==") for line in lines if "==" in line)
    assert {name: version(name) for name in wanted} == wanted
