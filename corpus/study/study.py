"""The Study: a folder with settings, codebook and store."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from corpus import codebook as codebooks
from corpus.codebook import Codebook
from corpus.errors import BadCodebook, BadStudy, SpansOutOfDate
from corpus.text.splitting import SPLITTER

from . import database as db
from . import settings as study_settings
from .bookkeeping import has_revisions, pending
from .database import Store, get_meta, set_meta
from .files import alone_in, write_whole
from .upgrading.open_store import make_store, open_store, sqlite_url

if TYPE_CHECKING:
    import pandas as pd

SETTINGS, CODEBOOK, DATABASE = "study.toml", "codebook.yaml", "study.db"
CHECKPOINTS, REPORTS, PAGES = "checkpoints", "reports", "pages"
CODEBOOK_KEY = "codebook "  # in meta, before a codebook's version: its text


class Study:
    """A study's folder: settings and codebook, which people edit, and the store, which commands fill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = study_settings.read(folder / SETTINGS)
        self._codebook_state: tuple[int, int] | None = None

    def __repr__(self) -> str:
        return f"Study.open({str(self.folder)!r})"

    @classmethod
    def create(
        cls,
        folder: str | Path,
        codebook: str | Path = "territorial-control",
        *,
        name: str | None = None,
        sides: Mapping[str, str] | None = None,
    ) -> Study:
        """Make a new study with a codebook: the name of a bundled one, a file, or its YAML.

        Raises BadStudy if the folder holds a study already, BadCodebook.
        """
        folder = Path(folder).expanduser()
        if folder.exists() and not folder.is_dir():
            raise BadStudy(f"{folder} is a file; choose the name of a new folder")
        if not isinstance(codebook, str | Path):
            raise BadCodebook(f"expected the name of a codebook, a file or its YAML, found a {type(codebook).__name__}")
        text = codebook if isinstance(codebook, str) and "\n" in codebook else codebooks.read_yaml(str(codebook))
        checked = codebooks.parse(text)
        # a sentence mostly shows its own wording without context
        context = "passage" if checked.unit == "mention" else "0"
        name = name or folder.resolve().name
        with alone_in(folder, f"another command is making a study in {folder}; waiting"):
            if (folder / SETTINGS).exists():
                raise BadStudy(f"{folder} is already a study; open it, or choose another folder")
            write_whole(folder / CODEBOOK, text)
            id = make_store(folder / DATABASE, {"name": name, "codebook": f"{checked.name} {checked.version}"})
            settings = study_settings.new_study_toml(name, id, sides or checked.sides, context)
            write_whole(folder / SETTINGS, settings)  # last: a folder is a study once it has its settings
        return cls(folder)

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Study:
        """Open the study in a folder; without one, the study that contains the current folder.

        Raises BadStudy if there is none.
        """
        if folder is not None:
            folder = Path(folder).expanduser()
            if not (folder / SETTINGS).is_file():
                if (folder / DATABASE).exists() or (folder / CODEBOOK).exists():
                    raise BadStudy(_without_settings(folder))
                raise BadStudy(
                    f"{folder} is not a study (it has no {SETTINGS}); make one with: slantwise init {folder}"
                )
            return cls(folder)
        current = Path.cwd()
        for candidate in (current, *current.parents):
            if (candidate / SETTINGS).is_file():
                return cls(candidate)
            if (candidate / DATABASE).exists() and (candidate / CODEBOOK).exists():
                raise BadStudy(_without_settings(candidate))
        raise BadStudy(
            "this folder is not inside a study; go to one, name it (slantwise --study DIR status), or make one: "
            "slantwise init DIR"
        )

    def use(self, key: str, value: str | Sequence[str]) -> None:
        """Write a new value of a key of [model] into study.toml, for later trainings. Raises BadStudy."""
        path = self.folder / SETTINGS
        with alone_in(self.folder, f"another command is changing {path}; waiting"):
            text = study_settings.with_model_setting(path.read_text(encoding="utf-8-sig"), key, value)
            try:
                self.settings = study_settings.read(path, text)
            except BadStudy:
                raise BadStudy(
                    f"{path}: the {key} cannot be changed automatically in this [model] section; write it yourself: "
                    f"{key} = {json.dumps(value)}"
                ) from None
            write_whole(path, text, private=study_settings.has_secret(self.settings))

    @cached_property
    def codebook(self) -> Codebook:
        """The study's codebook, checked; it stays the same until `refresh_codebook`. Raises BadCodebook."""
        self._codebook_state = self._state_of_codebook()
        return codebooks.load(str(self.codebook_file))

    @property
    def codebook_file(self) -> Path:
        """The file of the codebook. Raises BadCodebook if it is gone, with how to get it back."""
        file = self.folder / CODEBOOK
        if not file.exists():
            raise BadCodebook(self._without_codebook())
        return file

    def refresh_codebook(self) -> None:
        """Read the codebook again if its file has changed, so that an open notebook sees what was edited."""
        if "codebook" in self.__dict__ and self._state_of_codebook() != self._codebook_state:
            del self.codebook

    def _state_of_codebook(self) -> tuple[int, int] | None:
        file = self.folder / CODEBOOK
        return (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else None

    def _without_codebook(self) -> str:
        with self.store.reading() as connection:
            keys = connection.execute(select(db.meta.c.key).where(db.meta.c.key.like(f"{CODEBOOK_KEY}%"))).scalars()
            versions = sorted(key.removeprefix(CODEBOOK_KEY) for key in keys)
        if not versions:
            return f"{self.folder / CODEBOOK} is gone; take it from a copy, or write it again: slantwise codebook show"
        return (
            f"{self.folder / CODEBOOK} is gone, but its text is in the study's store ({', '.join(versions)}); "
            "write it again with: slantwise study repair"
        )

    def remember_codebook(self) -> None:
        """Store the codebook's text under its version, so that versions can be compared later."""
        key = CODEBOOK_KEY + self.codebook.version
        text = (self.folder / CODEBOOK).read_text(encoding="utf-8-sig")
        with self.store.reading() as connection:
            stored = get_meta(connection, key)
        if stored != text:
            with self.store.writing() as connection:
                set_meta(connection, key, text)

    def remembered_codebook(self, version: str) -> Codebook | None:
        """Return the codebook as it was in a version; None for an unknown version."""
        with self.store.reading() as connection:
            text = get_meta(connection, CODEBOOK_KEY + version)
        return codebooks.parse(text, f"codebook {version}") if text is not None else None

    def codebook_under(self, version: str | None) -> Codebook:
        """Return the codebook of a version; the current one where the version is unknown."""
        current = version in (None, self.codebook.version)
        return self.codebook if current else self.remembered_codebook(str(version)) or self.codebook

    @cached_property
    def store(self) -> Store:
        """The study's store, opened at first use."""
        # `create` made a file; the tables on a server are made at first use, but not where there was a store
        is_file = (url := self.settings.store.url) == "sqlite"
        may_create = not (is_file or self.checkpoints.is_dir() or self.pages.is_dir())
        place = sqlite_url(self.folder / DATABASE) if is_file else url
        return open_store(place, may_create=may_create, id=self.settings.id)

    def close(self) -> None:
        """Close the connections to the store; its next use opens it again."""
        if "store" in self.__dict__:
            self.store.close()
            del self.store

    @property
    def writes(self) -> int:
        """How often this object has written to the store; the log asks whether a function did."""
        return self.store.writes if "store" in self.__dict__ else 0

    @property
    def model(self) -> str | None:
        """The version of the model that the study uses; None before one is trained."""
        with self.store.reading() as connection:
            return get_meta(connection, db.MODEL)

    @property
    def splitting_recipe(self) -> str:
        """The inputs that determine the spans of a text: the version of the splitter, and the codebook's terms."""
        return f"{SPLITTER} {' | '.join(sorted(self.codebook.terms))}"

    @property
    def spans_out_of_date(self) -> bool:
        """Whether texts have no spans yet, or those of earlier codebook terms; `respan` updates them."""
        self.refresh_codebook()
        with self.store.reading() as connection:
            if get_meta(connection, db.SPLITTER) != self.splitting_recipe:
                return has_revisions(connection)  # without any text there is nothing to split
            return bool(pending(connection, "split", 1))

    def _warn_if_out_of_date(self) -> None:
        if self.spans_out_of_date:
            warnings.warn(
                "spans are out of date, because articles were added or the codebook's terms have changed; bring them "
                "up to date: corpus.respan(study), or slantwise respan",
                SpansOutOfDate,
                stacklevel=3,
            )

    @property
    def checkpoints(self) -> Path:
        """The folder of trained models."""
        return self.folder / CHECKPOINTS

    @property
    def reports(self) -> Path:
        """The folder of pages and tables that commands write."""
        return self.folder / REPORTS

    @property
    def pages(self) -> Path:
        """The folder of web pages as they were fetched."""
        return self.folder / PAGES

    def log(self) -> pd.DataFrame:
        """Return one row per command or function that changed the study: `at, version, command, arguments, outcome`."""
        from .history.log import read_log

        return read_log(self).table()

    def articles(self) -> pd.DataFrame:
        """Return one row per article, with the text of its first revision."""
        from . import dataframes

        return dataframes.articles(self.store)

    def spans(self) -> pd.DataFrame:
        """Return one row per span of each article's first revision; warns if they are out of date (SpansOutOfDate)."""
        from . import dataframes

        self._warn_if_out_of_date()
        return dataframes.spans(self.store)

    def eligible(self) -> pd.DataFrame:
        """Return the spans of the codebook's unit that are to be coded, coded or not; warns like `spans`."""
        from . import dataframes

        self._warn_if_out_of_date()
        return dataframes.eligible(self.store, self.codebook)

    def terms(self) -> pd.DataFrame:
        """Return one row per mention of a codebook term, with the term; warns like `spans`."""
        from . import dataframes

        self._warn_if_out_of_date()
        return dataframes.terms(self.store, self.codebook)

    def copies(self) -> pd.DataFrame:
        """Return one row per article that shares its text with others, with its copy group."""
        from . import dataframes

        return dataframes.copies(self.store)

    def events(self) -> pd.DataFrame:
        """Return one row per article with an event, as `list_events` grouped them last."""
        from . import dataframes

        return dataframes.events(self.store)

    def rounds(self) -> pd.DataFrame:
        """Return one row per round."""
        from . import dataframes

        return dataframes.rounds(self.store)

    def draws(self) -> pd.DataFrame:
        """Return one row per span of a round, with its inclusion probability."""
        from . import dataframes

        return dataframes.draws(self.store)

    def assignments(self) -> pd.DataFrame:
        """Return one row per span of a round and coder, with its arm and how the coder dealt with it."""
        from . import dataframes

        return dataframes.assignments(self.store)

    def annotations(self) -> pd.DataFrame:
        """Return one row per annotation."""
        from . import dataframes

        return dataframes.annotations(self.store)

    def answer_changes(self) -> pd.DataFrame:
        """Return one row per change: what was `corrected` before handing in, and answers given `late`, after it."""
        from . import dataframes

        return dataframes.answer_changes(self.store)

    def adjudicated(self) -> pd.DataFrame:
        """Return one row per adjudicated code."""
        from . import dataframes

        return dataframes.adjudicated(self.store)

    def suggestions(self) -> pd.DataFrame:
        """Return one row per suggestion."""
        from . import dataframes

        return dataframes.suggestions(self.store)


def _without_settings(folder: Path) -> str:
    return (
        f"{folder} has a study's files but its {SETTINGS} is gone; take it from a copy, or make a new study "
        f"(slantwise init) and copy its {SETTINGS} here, with the address of the team's database, if there was one, "
        "under [store]"
    )
