"""What several tests share: the example study, made and trained once a run, a browser, a Label Studio, a word on what is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from corpus import Study, example

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from models.checkpoint import Checkpoint

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as models/__init__.py does, before any test imports torch
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing comes from a model hub; a test that tried would fail

collect_ignore = ["libreoffice_fill.py"]  # LibreOffice's own Python runs it

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def needs(reason: str) -> NoReturn:
    """Skip the test for a plain reason, or fail where everything is required (SLANTWISE_REQUIRE_ALL=1)."""
    if os.environ.get("SLANTWISE_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, started once."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        needs("this test looks at a page; install playwright: pip install playwright")
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        needs("this test looks at a page in Chromium; install it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--headless=new"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def made_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study as `init --example` makes it; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("example") / "study"
    made, _, _ = example.create(folder)
    made.store.close()
    return folder


@pytest.fixture(scope="session")
def trained_folder(made_example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study with a trained model (a minute of two cores, once a run); copy it, do not change it."""
    from models.checkpoint import train

    folder = tmp_path_factory.mktemp("trained") / "study"
    shutil.copytree(made_example, folder)
    opened = Study.open(folder)
    train(opened)
    opened.store.close()
    return folder


@pytest.fixture(scope="module")
def study(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A trained example study of the module's own."""
    folder = tmp_path_factory.mktemp("own") / "study"
    shutil.copytree(trained_folder, folder)
    opened = Study.open(folder)
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def trained(study: Study) -> Checkpoint:
    """The checkpoint of the module's study."""
    from models.checkpoint import current

    return current(study)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; it is no part of the project."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        needs("the real data is not beside this checkout (../shared); only its owners can put it there")
    return folder


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running Label Studio (its first start takes one to two minutes, once a run).

    SLANTWISE_TEST_STUDIO names a folder whose server is kept from run to run, for those who work on this.
    """
    from annotate.server import EXECUTABLE, Servers
    from annotate.studio import Studio

    if not os.environ.get(EXECUTABLE) and not shutil.which("label-studio"):
        needs(
            "Label Studio is not installed; make it an environment of its own, python3.11 -m venv ls && "
            f"ls/bin/pip install label-studio==1.23.2, and name it: export {EXECUTABLE}=$PWD/ls/bin/label-studio"
        )
    kept = os.environ.get("SLANTWISE_TEST_STUDIO")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("label-studio") / "studio"
    servers = Servers(folder)
    (server,) = servers.start([], port=None, isolate=False, say=lambda message: None)
    with Studio(server.url, server.token) as studio:
        for coder in ("mira", "jon", "kim", "lea"):  # known to every test, since all studies share this server
            account = servers.account(coder)
            studio.sign_up(account.email, account.password)
    servers.keep()
    yield folder
    if not kept:
        servers.stop()


@pytest.fixture
def coded(label_studio: Path, made_example: Path, tmp_path: Path) -> Iterator[Study]:
    """The example study of a test's own, on the running Label Studio."""
    from studios import on_server

    study = on_server(label_studio, Path(shutil.copytree(made_example, tmp_path / "coded")))
    yield study
    study.store.close()
