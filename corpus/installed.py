"""The version of Slantwise that runs."""


def installed_version() -> str | None:
    """Return the installed version; None where Slantwise runs from a checkout and is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("slantwise")
    except PackageNotFoundError:
        return None
