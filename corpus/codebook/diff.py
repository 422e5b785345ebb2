"""List the differences between two codebooks, or two versions of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.annotation import code_text
from corpus.result import Result

from .codebook import Codebook, read_codebook
from .migration import Migration, migrate_answer
from .variables import Variable


@dataclass(frozen=True)
class CodebookChange:
    """One difference: `what` happened to a `part`, which was `before` and is `after`.

    `what` is added, removed, renamed, merged, split, changed or moved. `stated` is true if the later codebook's
    migration lists the rename, merge or split, and false if it is only inferred from equal definitions.
    """

    what: str
    part: str  # variable, code, definition, question, asked_when, terms, label, order, …
    variable: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    stated: bool = True


@dataclass(frozen=True)
class CodebookName:
    """A codebook's name and version."""

    name: str
    version: str


@dataclass(frozen=True)
class CodebookDiff(Result):
    """The changes from one codebook to another: first of its own fields, then of each variable, in their order."""

    a: CodebookName
    b: CodebookName
    changes: tuple[CodebookChange, ...]
    printed = ("same",)
    rows = "changes"

    @property
    def same(self) -> bool:
        """Whether there is no change."""
        return not self.changes


def diff_codebooks(a: Codebook | str | Path, b: Codebook | str | Path) -> CodebookDiff:
    """Compare two codebooks: a study's, earlier versions (`codebook_version`), bundled ones by name, or files.

    Renamed, merged and split codes are taken from the later codebook's `migration:`; otherwise equal definitions only
    suggest them. Raises BadCodebook.

    >>> from corpus.codebook import read_yaml, parse
    >>> old = read_yaml("lexical-bias")
    >>> new = old.replace('version: "1.0"', 'version: "1.1"').replace("non-biased", "neutral")
    >>> changes = diff_codebooks(parse(old), parse(new)).changes
    >>> [(change.what, change.before, change.after, change.stated) for change in changes if change.part == "code"]
    [('renamed', ('non-biased',), ('neutral',), False)]
    """
    a, b = read_codebook(a), read_codebook(b)
    migration = next((m for m in b.migration if a.name == b.name and m.earlier == a.version), Migration(earlier="0"))
    changes = (*_fields(a, b), *_variables(a, b, migration), *_examples(a, b, migration))
    return CodebookDiff(CodebookName(a.name, a.version), CodebookName(b.name, b.version), changes)


def _fields(a: Codebook, b: Codebook) -> Iterator[CodebookChange]:
    for part in ("name", "language", "unit", "unit_rule", "instructions", "warning", "focus"):
        yield from _text_change(part, "", getattr(a, part) or "", getattr(b, part) or "")
    yield from _list_change("terms", "", a.mention_terms, b.mention_terms)
    yield from _list_change("about", "", a.about, b.about)


def _examples(a: Codebook, b: Codebook, migration: Migration) -> Iterator[CodebookChange]:
    """Yield the examples that were added, removed or coded differently; a renamed code is not a difference."""
    before, after = ({example.text: example.answers for example in book.examples} for book in (a, b))
    yield from _list_change("examples", "", tuple(before), tuple(after))
    for text, answers in before.items():
        moved = (migrate_answer(b.by_name, migration, *answer) for answer in answers.items())
        migrated = dict(answer for answer in moved if not isinstance(answer, str))
        if text in after and migrated != after[text]:
            yield from _text_change("example", "", _coded_example(answers, text), _coded_example(after[text], text))


def _coded_example(answers: Mapping[str, tuple[str, ...]], text: str) -> str:
    return f"{text} ({', '.join(f'{name}: {code_text(codes)}' for name, codes in answers.items())})"


def _text_change(part: str, variable: str, before: str, after: str) -> Iterator[CodebookChange]:
    before, after = " ".join(before.split()), " ".join(after.split())
    if before != after:
        yield CodebookChange("changed", part, variable, (before,) if before else (), (after,) if after else ())


def _list_change(part: str, variable: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[CodebookChange]:
    removed, added = tuple(t for t in before if t not in after), tuple(t for t in after if t not in before)
    if removed or added:
        what = "changed" if removed and added else "removed" if removed else "added"
        yield CodebookChange(what, part, variable, removed, added)


def _order_change(part: str, variable: str, before: Iterable[str], after: Iterable[str]) -> Iterator[CodebookChange]:
    before, after = list(before), list(after)
    order_before, order_after = tuple(n for n in before if n in after), tuple(n for n in after if n in before)
    if order_before != order_after:
        yield CodebookChange("moved", part, variable, order_before, order_after)


def _variables(a: Codebook, b: Codebook, migration: Migration) -> Iterator[CodebookChange]:
    stated = {old: new for old, new in migration.variables.items() if old in a.by_name and old != new}
    renamed = dict(stated)
    lost = [v for v in a.variables if v.name not in b.by_name and v.name not in renamed]
    new = [v for v in b.variables if v.name not in a.by_name and v.name not in renamed.values()]
    for old in lost:  # the same codes under another name
        same = [v for v in new if v.code_names == old.code_names and v.name not in renamed.values()]
        renamed |= {old.name: same[0].name} if len(same) == 1 else {}
    for old in a.variables:
        name = renamed.get(old.name, old.name)
        if name not in b.by_name:
            yield CodebookChange("removed", "variable", old.name, (old.name,), ())
            continue
        if name != old.name:
            yield CodebookChange("renamed", "variable", name, (old.name,), (name,), old.name in stated)
        yield from _variable(old, b.by_name[name], renamed, migration)
    for variable in b.variables:
        if variable.name not in renamed.values() and variable.name not in a.by_name:
            yield CodebookChange("added", "variable", variable.name, (), (variable.name,))
    yield from _order_change("variables", "", [renamed.get(v.name, v.name) for v in a.variables], b.by_name)


def _variable(
    old: Variable, new: Variable, renamed: Mapping[str, str], migration: Migration
) -> Iterator[CodebookChange]:
    for part in ("question", "kind", "level"):
        yield from _text_change(part, new.name, getattr(old, part), getattr(new, part))
    conditions = [
        "; ".join(f"{names.get(name, name)} is {', '.join(codes)}" for name, codes in variable.asked_when.items())
        for variable, names in ((old, renamed), (new, {}))
    ]
    yield from _text_change("asked_when", new.name, *conditions)
    before, after = ({code.name: code for code in variable.codes} for variable in (old, new))
    successors: dict[str, tuple[str, ...]] = {
        code: (to,) for code, to in migration.codes.get(new.name, {}).items() if code in before and code != to
    }
    successors |= {code: tuple(to) for code, to in migration.split.get(new.name, {}).items() if code in before}
    stated = set(successors)
    targets = {to for codes in successors.values() for to in codes}
    for code in old.codes:
        if code.name in after or code.name in successors or not code.definition:
            continue
        candidates = [c for c in new.codes if c.name not in before and c.name not in targets]
        same = [c.name for c in candidates if c.definition == code.definition]
        if len(same) == 1:
            successors[code.name] = (same[0],)
            targets.add(same[0])
    merged: dict[str, list[str]] = {}
    for name, to in successors.items():
        if len(to) == 1:
            unchanged = to[0] in before and to[0] not in successors
            merged.setdefault(to[0], [to[0]] if unchanged else []).append(name)
        else:
            yield CodebookChange("split", "code", new.name, (name,), to)
    for name, origins in merged.items():
        what = "merged" if len(origins) > 1 else "renamed"
        yield CodebookChange(what, "code", new.name, tuple(origins), (name,), stated.issuperset(set(origins) - {name}))
    for name in before:
        if name not in after and name not in successors:
            yield CodebookChange("removed", "code", new.name, (name,), ())
    for name in after:
        if name not in before and name not in targets:
            yield CodebookChange("added", "code", new.name, (), (name,))
    origin = {to: names[0] for to, names in merged.items() if len(names) == 1} | {n: n for n in after if n in before}
    for name, old_name in origin.items():
        old_code, new_code = before[old_name], after[name]
        yield from _text_change(f"definition of {name}", new.name, old_code.definition, new_code.definition)
        yield from _text_change(f"label of {name}", new.name, old_code.label or "", new_code.label or "")
        yield from _text_change(f"key of {name}", new.name, old_code.hotkey or "", new_code.hotkey or "")
        yield from _list_change(f"terms of {name}", new.name, old_code.terms, new_code.terms)
    yield from _order_change("codes", new.name, before, after)  # with `first match`, the order is part of a definition
