"""Sign-in: on which Label Studio a coder of the study works, and with which account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from corpus.errors import NoStudio
from corpus.study import Study

from .client import Studio, open_studio
from .server import Account, Servers, is_running

URL, TOKEN = "SLANTWISE_STUDIO_URL", "SLANTWISE_STUDIO_TOKEN"


@dataclass(frozen=True)
class CoderSession:
    """A coder's place: the server, what the ledger calls it, the coder's accounts there by id, and how they sign in."""

    studio: Studio
    server: str
    accounts: frozenset[int]
    account: Account | None  # known only on a server of the study's own


def local_servers(study: Study) -> Servers:
    """Return the study's own servers."""
    return Servers(study.folder / "studio")


@contextmanager
def sign_in(study: Study, coder: str, url: str | None = None, token: str | None = None) -> Iterator[CoderSession]:
    """Sign in where a coder works: by flags, by SLANTWISE_STUDIO_URL and _TOKEN, by study.toml, or on a local server.

    On a local server the coder gets an account where there is none. Raises NoStudio.
    """
    settings = study.settings.studio
    url = url or os.environ.get(URL) or settings.url
    if url:
        token = token or os.environ.get(TOKEN) or settings.token
        if not token:
            raise NoStudio(f"there is no token for {url}; copy it from Account & Settings into {TOKEN}, or use --token")
        with open_studio(url, token) as studio:
            yield CoderSession(studio, url.rstrip("/"), _account_ids(studio, coder, settings.coders.get(coder)), None)
        return
    servers = local_servers(study)
    server = servers.server_of(coder)
    if server is None or not is_running(server):
        raise NoStudio("no Label Studio runs for this study; start one: slantwise studio start (or name one: --url)")
    account = servers.account(coder)
    with open_studio(server.url, server.token) as studio:
        if studio.sign_up(account.email, account.password):
            servers.save()
        yield CoderSession(studio, server.name, _account_ids(studio, coder, account.email), account)


def _account_ids(studio: Studio, coder: str, email: str | None) -> frozenset[int]:
    """Return the ids of the accounts that are the coder's: by the e-mail address, or by what stands before its @."""
    wanted = {email.lower()} if email else {coder.lower()}
    found = {
        id for address, id in studio.accounts().items() if address in wanted or address.partition("@")[0] in wanted
    }
    if not found:
        raise NoStudio(
            f"{studio.url} has no account for {coder}; make one there and name its e-mail address in study.toml:\n"
            f'[studio.coders]\n{coder} = "name@university.example"'
        )
    return frozenset(found)
