"""Settings: what a study's study.toml says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import BadStudy

FORMAT = 1  # of the study's folder; raised when older versions of the program cannot read it

_TEMPLATE = """\
# A Slantwise study. Lines that start with # are for you; delete or change them as you like.
format = {format}
name = {name}

# Name your outlets here to have any other refused when articles are added: outlets = ["Herald", "Courier"]
outlets = []

# Who the sides in the codebook are, for the reports.
[sides]
{sides}

[model]
encoder = "bundled"   # or a folder with an encoder, or its name on a model hub
context = "{context}"   # read around a span: "0" nothing, "1" a sentence on each side, "passage" all of its paragraph
# epochs = 6          # how often training goes over the annotations; without this line the number of spans decides
# trainings = 3       # that are averaged: steadier, and three times as long
# rounds = ["pilot"]  # pilots and coder training whose answers train too; by default they do not
seed = 1

# How feeds are polled. An address inside your own network is asked only where its host stands in `allow`.
[feeds]
delay = 5.0           # seconds between two requests to one host; a longer pause that a host asks for is kept
allow = []
# contact = "mailto:you@university.example"   # tells the outlets whom to write to, should you be a burden

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
    rounds: tuple[str, ...] = ()  # names of rounds, or purposes, beside those whose answers count
    seed: int = Field(default=1, ge=0, lt=2**32)

    def recipe(self) -> dict[str, object]:
        """Return what decides a training beside its data; which `rounds` train, the data show."""
        return self.model_dump(exclude={"rounds"})


class StoreSettings(_Section):
    """Where the study's store lies."""

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

    format: int = FORMAT
    name: str
    outlets: tuple[str, ...] = ()
    sides: Mapping[str, str] = Field(default_factory=dict)
    model: ModelSettings = ModelSettings()
    feeds: FeedSettings = FeedSettings()
    store: StoreSettings = StoreSettings()
    studio: StudioSettings = StudioSettings()


def new_study_toml(name: str, sides: Mapping[str, str], context: str) -> str:
    """Return the text of a new study.toml."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    keys = {key: key if re.fullmatch("[A-Za-z0-9_-]+", key) else quoted(key) for key in sides}
    lines = "\n".join(f"{keys[key]} = {quoted(value)}" for key, value in sides.items())
    return _TEMPLATE.format(format=FORMAT, name=quoted(name), sides=lines, context=context)


def with_model_setting(text: str, key: str, value: str | Sequence[str]) -> str:
    r"""Return a study.toml with another value of a key of [model], its comments as they were.

    >>> print(with_model_setting('[model]\nencoder = "bundled"   # or a folder\nseed = 1', "encoder", "C:\\models"))
    [model]
    encoder = "C:\\models"   # or a folder
    seed = 1
    """
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    table = re.search(r"^\[model\][^\n]*\n(?:(?!\[).*\n?)*", text, re.M)
    if table is None:
        return f"{text.rstrip()}\n\n[model]\n{line}\n"
    part = table[0]
    known = re.compile(rf"""^{key}\s*=\s*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|\[[^\]\n]*\])""", re.M)
    if known.search(part):
        new = known.sub(lambda _: line, part, count=1)
    else:
        first, rest = part.split("\n", 1) if "\n" in part else (part, "")
        new = f"{first}\n{line}\n{rest}"
    return text[: table.start()] + new + text[table.end() :]


def read(path: Path, text: str | None = None) -> Settings:
    """Read a study.toml, or `text` before it is written there. Raises BadStudy, naming the field and what to do."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig") if text is None else text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadStudy(f"{path}: this is not TOML ({error}); mend that line") from None
    found = content.get("format", FORMAT)
    if isinstance(found, int) and found > FORMAT:
        raise BadStudy(
            f"{path}: the study has format {found} and this Slantwise reads format {FORMAT}; "
            "it was made by a newer Slantwise: update this one"
        )
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadStudy(f"{path}: {said}; compare a new study's study.toml (`slantwise init`)") from None
