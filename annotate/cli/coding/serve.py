"""The command studio serve: the model answers in Label Studio while people code."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, say

if TYPE_CHECKING:
    from annotate.studio.ml_backend import Score
    from corpus.annotation import Round
    from corpus.study import Study


def serve(
    name: Annotated[str | None, typer.Argument(metavar="[ROUND]", help="The round; without it every round.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to use; without it the one used last, or 9095.")] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="A Label Studio that runs elsewhere (or SLANTWISE_STUDIO_URL).")
    ] = None,
    token: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="Its access token (better in SLANTWISE_STUDIO_TOKEN).")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let Label Studio ask the study's model while people code, until Ctrl+C.

    Assisted spans get the current model's suggestions when they are opened, blind ones nothing; what is answered is
    fetched at once. It listens on this machine only, with a secret of its own; a round pushed meanwhile joins in.
    """
    from annotate.rounds import rounds
    from annotate.studio import backend_connection
    from annotate.studio.accounts import desk
    from annotate.studio.ml_backend import Backend
    from annotate.studio.pull import pull_one
    from corpus.errors import NoStudio, SlantwiseError

    opened = open_study(study)
    queues = _queues(opened, name)
    score = _scorer(opened)

    def take(round: str, coder: str, span: str) -> None:
        with desk(opened, coder, url, token) as place:
            pull_one(opened, rounds.named(opened, round), coder, span, place.studio, place.accounts)

    number = port or backend_connection.port(opened)
    try:
        backend = Backend(opened, backend_connection.secret(opened), port=number, score=score, take=take, say=say)
    except OSError:
        raise NoStudio(
            f"port {number} is taken, perhaps by another `studio serve`; choose another: --port {number + 1}"
        ) from None
    backend_connection.secret(opened, number)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    try:
        for drawn, coder in queues:
            with desk(opened, coder, url, token) as place:
                backend_connection.connect(opened, drawn, coder, place.studio, backend.url)
        connected = [{"round": drawn.name, "coder": coder} for drawn, coder in queues]
        if as_json:
            emit({"url": backend.url, "connected": connected})
        say(f"serving at {backend.url} to {len(connected)} projects; Ctrl+C ends it, and coding goes on without")
        while not ended.wait(1.0):  # a wait without end would not hear Ctrl+C
            pass
    finally:
        for drawn, coder in _queues(opened, name):
            with suppress(SlantwiseError), desk(opened, coder, url, token) as place:
                backend_connection.disconnect(opened, drawn, coder, place.studio)
        backend.shutdown()
        backend.server_close()


def _queues(study: Study, name: str | None) -> list[tuple[Round, str]]:
    from annotate.rounds import rounds

    names = [name] if name else [row["round"] for row in rounds.listing(study) if row["pushed"]]
    return [(rounds.named(study, one), coder) for one in names for coder in rounds.coders(study, one)]


def _scorer(study: Study) -> Score | None:
    from annotate.rounds.shown_suggestions import version
    from corpus.attribution.attribution import RULES

    if version(study) == RULES:
        say("there is no model yet: assisted spans show the attribution by rule (for a model: slantwise train)")
        return None
    from models.suggestions.suggest import scorer

    return scorer(study)
