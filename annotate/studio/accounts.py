"""Sign in to the Label Studio on which a coder of the study works."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.errors import NoStudio
from corpus.study import Study
from corpus.study.files import alone_in, make_folder

from .server import Account, Servers, is_running

if TYPE_CHECKING:
    from .client import Studio

URL, TOKEN = "SLANTWISE_STUDIO_URL", "SLANTWISE_STUDIO_TOKEN"


@dataclass(frozen=True)
class CoderSession:
    """A connection to a coder's server: its name in the store, the ids of the coder's accounts and their login."""

    studio: Studio
    server: str
    accounts: frozenset[int]
    account: Account | None  # known only for local servers of the study


def local_servers(study: Study) -> Servers:
    """Return the local servers of the study."""
    return Servers(study.folder / "studio")


def alone_on_servers(study: Study) -> AbstractContextManager[None]:
    """Let one command at a time make servers, accounts, projects or tasks for the study: no server refuses a second.

    Raises BadStudy where the study can only be read.
    """
    study.store.check_writable()
    make_folder(study.folder / "studio", mode=0o700)  # of the files with passwords
    waiting = "another command is sending to this study's Label Studio, or starts it; waiting until it has ended"
    return alone_in(study.folder / "studio", waiting)


@contextmanager
def sign_in(study: Study, coder: str, url: str | None = None, token: str | None = None) -> Iterator[CoderSession]:
    """Sign in to a coder's server, as named by options, SLANTWISE_STUDIO_URL and _TOKEN, study.toml, or a local one.

    On a local server the coder gets an account if there is none yet. Raises NoStudio.
    """
    from .client import open_studio  # here, since Label Studio's SDK takes a second to import

    settings = study.settings.studio
    url = url or os.environ.get(URL) or settings.url
    if url:
        token = token or os.environ.get(TOKEN) or settings.token
        if not token:
            raise NoStudio(f"no token is set for {url}; copy it from Account & Settings into {TOKEN}")
        with open_studio(url, token) as studio:
            yield CoderSession(studio, url.rstrip("/"), _account_ids(studio, coder, settings.coders.get(coder)), None)
        return
    servers = local_servers(study)
    server = servers.server_of(coder)
    if server is None or not is_running(server):
        raise NoStudio(
            "this study has no running Label Studio; start one: slantwise studio start (or name the url of another)"
        )
    account = servers.account(coder)
    with open_studio(server.url, server.token) as studio:
        if studio.sign_up(account.email, account.password):
            servers.save()
        yield CoderSession(studio, server.name, _account_ids(studio, coder, account.email), account)


def _account_ids(studio: Studio, coder: str, email: str | None) -> frozenset[int]:
    """Return the ids of the coder's accounts, found by e-mail address or by its part before the @."""
    logins = {email.lower()} if email else {coder.lower()}
    ids = {
        number for email, number in studio.accounts().items() if email in logins or email.partition("@")[0] in logins
    }
    if not ids:
        raise NoStudio(
            f"{studio.url} has no account for {coder}; make one there and name its e-mail address in study.toml:\n"
            f'[studio.coders]\n{coder} = "name@university.example"'
        )
    return frozenset(ids)
