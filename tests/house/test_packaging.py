"""What users install is whole, and a folder of the same name beside them does not hide it."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert built.returncode == 0, built.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_packages_the_codebooks_and_the_example_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"corpus", "models", "annotate", "slantwise-0.1.0.dist-info"}
    assert "corpus/codebook/shipped/territorial-control.yaml" in names
    assert "corpus/example/articles/harbour-post-e1.txt" in names
    assert "corpus/example/codes.csv" in names
    assert "annotate/report/templates/report.html.j2" in names


def test_each_package_is_imported_from_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    # an environment of its own that sees the installed libraries, but not this checkout
    """It is so even where the current folder has packages of the same names."""
    venv.create(tmp_path / "env", system_site_packages=False, with_pip=False)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries))
    zipfile.ZipFile(wheel).extractall(site)
    study = tmp_path / "study"
    (study / "models").mkdir(parents=True)  # a folder that would hide ours, were we installed as a link
    (study / "models" / "weights.txt").write_text("not a package")
    said = subprocess.run(
        [
            tmp_path / "env" / "bin" / "python",
            "-c",
            "import corpus, models, annotate.cli.main as m; print(corpus.__file__, models.__file__, m.__file__)",
        ],
        cwd=study,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert said.returncode == 0, said.stderr
    assert all(str(site) in place for place in said.stdout.split()), said.stdout


def test_the_project_cannot_be_uploaded_by_mistake() -> None:
    assert '"Private :: Do Not Upload"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [d for extra in project["optional-dependencies"].values() for d in extra]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    names = {re.split(r"[<>=!\[ ]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names - pinned == set()
