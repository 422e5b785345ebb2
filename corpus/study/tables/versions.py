"""The version of the store's tables, by which another version of Slantwise knows whether it can use them."""

from corpus.errors import BadStudy, NewerStudy

SCHEMA = 6  # raised when tables change so that another version of the program cannot use them
UPGRADABLE = (2, 3, 4, 5)  # the versions whose stores `upgrade` brings up to date, with all that is in them


def read_version(stored: str | None) -> int | None:
    """Return the version that a store bears, None for a new store. Raises BadStudy for one that we cannot use."""
    if stored is None:
        return None
    if not (stored.isascii() and stored.isdigit() and len(stored) < 10):
        raise BadStudy(
            f"this study's store has the version {stored[:40]!r}, expected a number such as {SCHEMA}; it is damaged, "
            "and nothing in it was changed. Take it from a backup: slantwise study restore"
        )
    if int(stored) not in (SCHEMA, *UPGRADABLE):
        raise (NewerStudy if int(stored) > SCHEMA else BadStudy)(_other_schema(int(stored)))
    return int(stored)


def _other_schema(schema: int) -> str:
    mismatch = f"this study's store has version {schema} and this Slantwise reads version {SCHEMA}; "
    if schema > SCHEMA:
        return mismatch + "it was made by a newer Slantwise: update this one, or open the study where it was made"
    return mismatch + (
        "it was made by an earlier Slantwise, and nothing in it was changed. With that one export its answers "
        "(slantwise export DIR --format jsonl); then make a new study with this one (slantwise init), add the same "
        "texts, and take the answers back: slantwise import DIR/annotations.jsonl"
    )
