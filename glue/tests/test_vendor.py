"""The packages of the job: those that Glue has, and the bundled wheel, because the job cannot download packages."""

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
    """The versions are those of the Glue version with this version of Spark."""
    files = [(GLUE / name).read_text() for name in ("requirements.txt", "requirements-glue6.txt")]
    pinned = [dict(line.split("==") for line in text.splitlines() if "==" in line) for text in files]
    assert [set(one) for one in pinned] == [set(pinned[0])] * 2
    [wanted] = [one for one in pinned if one["pyspark"] == version("pyspark")]
    assert {name: version(name) for name in wanted} == wanted
