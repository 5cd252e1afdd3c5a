"""The wheel that the job brings along is the one that its requirements name."""

import hashlib
import re
import zipfile
from pathlib import Path

GLUE = Path(__file__).resolve().parents[1]
SHA256 = re.compile(r"PyMySQL==(\S+)\s+--hash=sha256:([0-9a-f]{64})")


def test_wheel_is_the_pinned_one() -> None:
    pinned = SHA256.search((GLUE / "requirements-job.txt").read_text())
    assert pinned is not None
    [wheel] = (GLUE / "vendor").glob("*.whl")
    assert wheel.name.lower().startswith(f"pymysql-{pinned[1]}-py3-none-any")
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == pinned[2]


def test_wheel_is_pure_python_and_mit() -> None:
    [wheel] = (GLUE / "vendor").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [n for n in archive.namelist() if n.endswith((".so", ".pyd", ".dylib"))]
        [metadata] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        assert re.search(r"^License(-Expression)?: MIT", archive.read(metadata).decode(), re.MULTILINE)


def test_both_requirements_name_the_same_version() -> None:
    pinned = SHA256.search((GLUE / "requirements-job.txt").read_text())
    assert pinned is not None
    assert f"PyMySQL=={pinned[1]}\n" in (GLUE / "requirements.txt").read_text()
