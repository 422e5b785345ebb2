"""Errors: the situations a scholar can get into, each named; every message says what was found, expected, and to do."""


class SlantwiseError(Exception):
    """Something that the command line says in plain words, without a traceback, and ends with exit code 2."""


class BadText(SlantwiseError):
    """A text that cannot be stored as it is."""


class BadFile(SlantwiseError):
    """A file that cannot be read as what it should be."""


class BadCodebook(SlantwiseError):
    """A codebook that does not say what coders are asked."""


class BadStudy(SlantwiseError):
    """A study's folder, settings or store that cannot be used."""


class UnknownCode(SlantwiseError):
    """A code or variable that is not in the codebook."""


class SpanOutOfText(SlantwiseError):
    """A span that does not lie inside its revision's text."""


class NothingToLearn(SlantwiseError):
    """Too few annotations, outlets or codes for what was asked."""


class NoModel(SlantwiseError):
    """A study without a trained model."""


class BadEncoder(SlantwiseError):
    """An encoder that is missing, altered or does not know the language."""


class NothingToCompare(SlantwiseError):
    """No answers that agreement could be computed from."""


class BadAddress(SlantwiseError):
    """An address that is not fetched: not http, or inside a private network."""


class BadFeed(SlantwiseError):
    """A feed that cannot be read as one."""


class NotFetched(SlantwiseError):
    """A page that was asked for and did not come."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.again = again  # whether it may come at the next poll


class BadRound(SlantwiseError):
    """A round that cannot be drawn as asked, or that there is none of."""


class NoStudio(SlantwiseError):
    """A Label Studio that cannot be started, found or signed in to."""


class StudioRefused(SlantwiseError):
    """A Label Studio that answered, and not as asked."""


class StudioUnsure(SlantwiseError):
    """A request of which nobody knows whether Label Studio carried it out."""


class NotInstalled(SlantwiseError):
    """A library that only some commands need, and that is not installed."""
