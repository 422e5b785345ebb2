"""Read and write study.toml, the settings of a study."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import BadStudy

FORMAT = 1  # of the study's folder; raised when older versions of the program cannot read it

_TEMPLATE = """\
# A Slantwise study. Lines that start with # are for you; delete or change them as you like.
format = {format}
name = {name}
id = "{id}"   # by which the study knows its database

# Name your outlets here and articles of any other outlet are refused: outlets = ["Herald", "Courier"]
outlets = []

# Who the sides in the codebook are, for the reports.
[sides]
{sides}

[model]
encoder = "bundled"   # or a folder with an encoder, or its name on a model hub
context = "{context}"   # text around a span: "0" none, "1" one sentence on each side, "passage" its whole paragraph
# epochs = 6          # training passes over the annotations; by default this depends on the number of spans
# trainings = 3       # number of training runs to average: steadier, takes three times as long
# rounds = ["pilot"]  # train on the answers of these pilots and coder training rounds too; by default they are left out
seed = 1

# How feeds are polled. Addresses inside your own network are fetched only if their host is listed in `allow`.
[feeds]
delay = 5.0           # seconds between two requests to one host; a longer pause that a host asks for is respected
allow = []
# contact = "mailto:you@university.example"   # tells the outlets whom to contact about your requests

# A team shares a PostgreSQL database: store = "postgresql+psycopg://user@host/name"
[store]
url = "sqlite"
"""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """How the study's classifier is trained."""

    encoder: str = "bundled"
    context: str = Field(default="passage", pattern="^(0|1|passage)$")
    epochs: int | None = Field(default=None, ge=1, le=100)
    trainings: int = Field(default=1, ge=1, le=20)
    rounds: tuple[str, ...] = ()  # names of further rounds, or purposes, whose answers train
    seed: int = Field(default=1, ge=0, lt=2**32)

    def recipe(self) -> dict[str, object]:
        """Return the settings that affect a training; `rounds` is left out, since it affects only the data."""
        return self.model_dump(exclude={"rounds"})


class StoreSettings(_Section):
    """The address of the study's store."""

    url: str = "sqlite"


class FeedSettings(_Section):
    """How feeds and their pages are fetched: times in seconds, sizes in bytes."""

    delay: float = Field(default=5.0, ge=0, le=3600)
    timeout: float = Field(default=30.0, gt=0, le=600)
    max_bytes: int = Field(default=10_000_000, ge=1000, le=1_000_000_000)
    redirects: int = Field(default=5, ge=0, le=20)
    at_once: int = Field(default=64, ge=1, le=500)
    allow: tuple[str, ...] = ()
    contact: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{3,200}$")


class StudioSettings(_Section):
    """A Label Studio that somebody else runs, and the coders' e-mail addresses there."""

    url: str | None = None
    token: str | None = None
    coders: Mapping[str, str] = Field(default_factory=dict)


class Settings(_Section):
    """A study's settings."""

    format: int = Field(default=FORMAT, ge=1)
    name: str = Field(min_length=1)
    id: str | None = None  # the same as in the store's log; None in studies of earlier versions
    outlets: tuple[str, ...] = ()
    sides: Mapping[str, str] = Field(default_factory=dict)
    model: ModelSettings = ModelSettings()
    feeds: FeedSettings = FeedSettings()
    store: StoreSettings = StoreSettings()
    studio: StudioSettings = StudioSettings()


def new_study_toml(name: str, id: str, sides: Mapping[str, str], context: str) -> str:
    """Return the text of a new study.toml."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    keys = {key: key if re.fullmatch("[A-Za-z0-9_-]+", key) else quoted(key) for key in sides}
    lines = "\n".join(f"{keys[key]} = {quoted(value)}" for key, value in sides.items())
    return _TEMPLATE.format(format=FORMAT, name=quoted(name), id=id, sides=lines, context=context)


def with_model_setting(text: str, key: str, value: str | Sequence[str]) -> str:
    r"""Return a study.toml with a new value for a key of [model]; comments stay as they are.

    >>> print(with_model_setting('[model]\nencoder = "bundled"   # or a folder\nseed = 1', "encoder", "C:\\models"))
    [model]
    encoder = "C:\\models"   # or a folder
    seed = 1
    """
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    table = re.search(r"^\[model\][^\n]*\n(?:(?!\[).*\n?)*", text, re.M)
    if table is None:
        return f"{text.rstrip()}\n\n[model]\n{line}\n"
    section = table[0]
    assignment = re.compile(rf"""^{key}\s*=\s*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|\[[^\]\n]*\])""", re.M)
    if assignment.search(section):
        new = assignment.sub(lambda _: line, section, count=1)
    else:
        first, rest = section.split("\n", 1) if "\n" in section else (section, "")
        new = f"{first}\n{line}\n{rest}"
    return text[: table.start()] + new + text[table.end() :]


def with_store_url(text: str, url: str) -> str:
    r"""Return a study.toml with another address of the store; comments stay as they are. Raises BadStudy.

    >>> print(with_store_url('seed = 1\n\n[store]\nurl = "sqlite"  # in the folder', "postgresql+psycopg://host/name"))
    seed = 1
    <BLANKLINE>
    [store]
    url = "postgresql+psycopg://host/name"  # in the folder
    """
    line = f"url = {json.dumps(url, ensure_ascii=False)}"
    table = re.search(r"^\[store\][^\n]*\n(?:(?!\[).*\n?)*", text, re.M)
    if table is None:
        new = f"{text.rstrip()}\n\n[store]\n{line}\n"
    else:
        section = re.sub(
            r"""^url\s*=\s*("(?:\\.|[^"\\\n])*"|'[^'\n]*')""", lambda _: line, table[0], count=1, flags=re.M
        )
        new = text[: table.start()] + section + text[table.end() :]
    try:
        found = tomllib.loads(new)["store"]["url"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        found = None
    if found != url:
        raise BadStudy("study.toml cannot be changed automatically; write under [store] yourself: url = …")
    return new


def read(path: Path, text: str | None = None) -> Settings:
    """Read a study.toml, or `text` before it is written there. Raises BadStudy, naming the field and what to do."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig") if text is None else text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadStudy(f"{path}: this is not TOML in UTF-8 ({error}); correct that line") from None
    except RecursionError:
        raise BadStudy(f"{path}: this is not TOML (brackets in brackets without end); correct it") from None
    if not content:
        raise BadStudy(
            f"{path} is empty, perhaps since the disk was full; take it from a copy, or write its first lines as in a "
            "new study (slantwise init): format, name and, for a team's database, [store]"
        )
    format = content.get("format", FORMAT)
    if isinstance(format, int) and format > FORMAT:
        raise BadStudy(
            f"{path}: the study has format {format} and this Slantwise reads format {FORMAT}; "
            "it was made by a newer Slantwise: update this one"
        )
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(_fault(e["loc"], e["type"], e["msg"]) for e in error.errors())
        raise BadStudy(f"{path}: {faults}; compare a new study's study.toml (`slantwise init`)") from None


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    """Return in words what is wrong with a key; of an unknown one, which are known where it is."""
    name = ".".join(map(str, place))
    if kind != "extra_forbidden":
        return f"{name}: {message}"
    section: Any = Settings
    for part in place[:-1]:
        section = section.model_fields[str(part)].annotation
    return f"{name}: there is no such key; expected one of {', '.join(section.model_fields)}"


def has_secret(settings: Settings) -> bool:
    """Return whether a study.toml holds a token, or a password in the address of a database.

    >>> [has_secret(Settings(name="s", store=StoreSettings(url=url))) for url in ("sqlite", "postgresql://me:x@host/s")]
    [False, True]
    """
    return bool(settings.studio.token or re.search(r"://[^/@]*:[^/]+@|[?&]password=", settings.store.url))
