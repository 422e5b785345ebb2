"""Errors that users can meet; every message says what was found, what was expected and what to do."""


class SlantwiseError(Exception):
    """The base class: the command line prints the message without a traceback and exits with code 2.

    Where one argument of a verb is at fault, it is given by its name; the command line then names its option.

    >>> error = BadRound("expected 1 to 40, the number of spans that can be drawn", spans=60)
    >>> print(error)
    spans=60: expected 1 to 40, the number of spans that can be drawn
    >>> print(error.for_command())
    --spans 60: expected 1 to 40, the number of spans that can be drawn
    """

    def __init__(self, message: str, **argument: object) -> None:
        super().__init__(message)
        if len(argument) > 1:
            raise TypeError("name the one argument that is at fault")
        self.message, self.argument = message, argument

    def __str__(self) -> str:
        return "".join(f"{name}={value!r}: " for name, value in self.argument.items()) + self.message

    def for_command(self) -> str:
        """Return the message as the command line prints it, with the option in the argument's place."""
        options = (f"--{name.replace('_', '-')} {_typed(value)}" for name, value in self.argument.items())
        return "".join(f"{option}: " for option in options) + self.message


class BadText(SlantwiseError):
    """A text that cannot be stored as it is."""


class BadFile(SlantwiseError):
    """A file that cannot be read in its format."""


class BadCodebook(SlantwiseError):
    """A codebook that is missing, malformed or contradicts itself."""


class BadStudy(SlantwiseError):
    """A study whose folder, settings or store cannot be used."""


class NewerStudy(BadStudy):
    """A study whose store a newer version of Slantwise made."""


class SpansOutOfDate(UserWarning):
    """Spans that are out of date: articles were added or the codebook's terms have changed; `respan` updates them."""


class UnknownCode(SlantwiseError):
    """A code or variable that is not in the codebook."""


class SpanOutOfText(SlantwiseError):
    """A span that is not inside its revision's text."""


class NothingToLearn(SlantwiseError):
    """Too few annotations, outlets or codes for the requested analysis."""


class NoModel(SlantwiseError):
    """A study without a trained model."""


class UnreadableModel(SlantwiseError):
    """A trained model whose files are there but may not be read."""


class BadEncoder(SlantwiseError):
    """An encoder that is missing, was altered or does not cover the language."""


class NothingToCompare(SlantwiseError):
    """Too few annotations to compute agreement from."""


class BadFormula(SlantwiseError):
    """A formula of a model that cannot be read, or that names a covariate that is not known."""


class NoEstimate(SlantwiseError):
    """A study whose draws, answers or predictions do not allow a corrected estimate."""


class BadAddress(SlantwiseError):
    """An address that may not be fetched: it is not http, or is inside a private network."""


class BadFeed(SlantwiseError):
    """A feed that cannot be parsed."""


class NotFetched(SlantwiseError):
    """A page that could not be fetched."""

    def __init__(self, why: str, *, retry: bool = False, asked: bool = True, wait: float = 0.0) -> None:
        super().__init__(why)
        self.retry = retry  # whether the cause is likely to pass, as with a server that is busy
        self.asked = asked  # False if no request was sent, as while its host rests: then it counts as no try
        self.wait = wait  # the seconds for which the server wants not to be asked


class BadPlan(SlantwiseError):
    """A plan that is incomplete, or that does not fit the study."""


class BadRound(SlantwiseError):
    """A round that does not exist or cannot be drawn as requested."""


class NoStudio(SlantwiseError):
    """A Label Studio that cannot be started, found or signed in to."""


class StudioRefused(SlantwiseError):
    """A Label Studio that refused a request."""


class StudioUnsure(SlantwiseError):
    """A request to Label Studio whose outcome is unknown."""


class NotInstalled(SlantwiseError):
    """An optional library that a command needs and that is not installed."""


def _typed(value: object) -> str:
    """Return a value as it is typed after an option."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
