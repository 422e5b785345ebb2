"""What several tests share: the example study, made and trained once a run, a browser, a Label Studio, a word on what is missing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from corpus import Study, create_example
from corpus.annotations.import_public_data import create_from_data_set

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from servers import Site

    from models.suggestions.checkpoint import Checkpoint

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as models/__init__.py does, before any test imports torch
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing comes from a model hub; a test that tried would fail
if "PYTEST_XDIST_WORKER" in os.environ:  # the processes of one run have a core each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

collect_ignore = ["helpers/libreoffice_fill.py"]  # LibreOffice's own Python runs it

STUDIO_GROUP = "label studio"
LONGEST = (
    STUDIO_GROUP,
    "tests/classifier/test_real_articles.py",
    "tests/evaluation/test_evaluate.py",
    "tests/house/test_docs.py",
    "tests/classifier/test_fine_tuning.py",
    "tests/agreement/test_doubtful.py",
)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give the tests of a file to one process, and to one all files that use the one Label Studio."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return process_group(nodeid)

    config.option.loadscopereorder = False  # the longest come first, not those with most tests
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left alone with it at the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        places = {group: place for place, group in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(process_group(item.nodeid), len(places)))


def process_group(nodeid: str) -> str:
    """Return what a test has in common with those that are to run in the same process: its file, or Label Studio."""
    file = nodeid.partition("::")[0]
    return STUDIO_GROUP if _uses_studio(file) else file


@cache
def _uses_studio(file: str) -> bool:
    source = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    return re.search(r"\b(label_studio|studio_study): ", source) is not None


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a process's own copy of a folder that takes long to make: the first that needs it makes it for all."""
    own = factory.mktemp(name) / "study"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        make(own)
        return own
    place = factory.getbasetemp().parent / name  # of the run
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            make(place / "study")
            (place / "made").touch()
        return Path(shutil.copytree(place / "study", own))


def needs(reason: str) -> NoReturn:
    """Skip the test for a plain reason, or fail where everything is required (SLANTWISE_REQUIRE_ALL=1)."""
    if os.environ.get("SLANTWISE_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Study]:
    """A study that is closed at the end."""
    study = Study.open(folder)
    yield study
    study.store.close()


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


# the example study: coded, never changed where it was made


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the example study; copy it, do not change it."""
    study = create_example(tmp_path_factory.mktemp("example") / "study")
    study.store.close()
    return study.folder


@pytest.fixture(scope="session")
def example_read_only(example_folder: Path) -> Iterator[Study]:
    """The example study where it was made, to be read."""
    with opened(example_folder) as study:
        yield study


@pytest.fixture
def example_copy(example_folder: Path, tmp_path: Path) -> Path:
    """The folder of a test's own copy of the example study."""
    return Path(shutil.copytree(example_folder, tmp_path / "example"))


@pytest.fixture
def example_study(example_copy: Path) -> Iterator[Study]:
    """A test's own copy of the example study."""
    with opened(example_copy) as study:
        yield study


@pytest.fixture
def studio_study(label_studio: Path, example_copy: Path) -> Iterator[Study]:
    """A test's own copy of the example study, on the running Label Studio."""
    from studios import on_server

    study = on_server(label_studio, example_copy)
    yield study
    study.store.close()


# the same with a model


@pytest.fixture(scope="session")
def trained_folder(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study with a trained model (a minute of two cores, once a run); copy it, do not change it."""
    from models.suggestions.checkpoint import train

    def make(folder: Path) -> None:
        with opened(Path(shutil.copytree(example_folder, folder))) as study:
            train(study)

    return made_once(tmp_path_factory, "trained", make)


@pytest.fixture
def trained_study(trained_folder: Path, tmp_path: Path) -> Iterator[Study]:
    """A test's own copy of the trained example study."""
    with opened(Path(shutil.copytree(trained_folder, tmp_path / "trained"))) as study:
        yield study


@pytest.fixture
def checkpoint(trained_study: Study) -> Checkpoint:
    """The model of the test's own copy."""
    from models.suggestions.checkpoint import current_checkpoint

    return current_checkpoint(trained_study)


# small ones


@pytest.fixture
def empty_study(tmp_path: Path) -> Iterator[Study]:
    """A study without an article, whose codebook asks of mentions which wording they have."""
    from stores import study_in

    study = study_in(tmp_path / "study")
    yield study
    study.store.close()


@pytest.fixture
def valley(tmp_path: Path) -> Iterator[Study]:
    """Three articles of one outlet with four mentions, which nobody has coded."""
    from stores import valley_in

    study = valley_in(tmp_path / "valley")
    yield study
    study.store.close()


# the world outside


@pytest.fixture
def site() -> Iterator[Site]:
    """A server on loopback."""
    from servers import serving

    with serving() as one:
        yield one


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Study]:
    """A study without feeds that may ask 127.0.0.1 without pauses."""
    from newsroom import newsroom_study

    study = newsroom_study(tmp_path / "study")
    yield study
    study.store.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; it is no part of the project."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        needs("the real data is not beside this checkout (../shared); only its owners can put it there")
    return folder


@pytest.fixture(scope="session")
def babe_study(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """BABE as `init --from babe` makes it, to be read."""
    made = create_from_data_set(tmp_path_factory.mktemp("babe") / "study", "babe", shared / "data" / "babe.jsonl")
    assert made.refusals == []
    yield made.study
    made.study.store.close()


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running Label Studio (its first start takes one to two minutes, once a run).

    SLANTWISE_TEST_STUDIO names a folder whose server is kept from run to run, for those who work on this.
    """
    from annotate.studio.client import Studio
    from annotate.studio.server import EXECUTABLE, Servers

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
    servers.save()
    yield folder
    if not kept:
        servers.stop()
