"""What two codebooks, or two versions of one, differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .codebook import Codebook
from .migration import Migration, migrate_answer
from .variables import Variable


@dataclass(frozen=True)
class CodebookChange:
    """One difference: `what` happened to a `part`, which was `before` and is `after`.

    `what` is added, removed, renamed, merged, split, changed or moved. A rename, merge or split is `stated` by the
    later codebook's migration; where it is not, equal definitions only suggest it.
    """

    what: str
    part: str  # variable, code, definition, question, asked_when, terms, label, order, …
    variable: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    stated: bool = True

    def json(self) -> dict[str, Any]:
        """Return it as `codebook diff --json` prints it."""
        return {**asdict(self), "before": list(self.before), "after": list(self.after)}


def diff(a: Codebook, b: Codebook) -> list[CodebookChange]:
    """Return what `b` changed in `a`, in the order of a codebook: the whole, then variable by variable.

    >>> from corpus.codebook import read_yaml, parse
    >>> old = read_yaml("lexical-bias")
    >>> new = old.replace('version: "1.0"', 'version: "1.1"').replace("non-biased", "neutral")
    >>> [(c.what, c.before, c.after, c.stated) for c in diff(parse(old), parse(new)) if c.part == "code"]
    [('renamed', ('non-biased',), ('neutral',), False)]
    """
    stated = next((m for m in b.migration if a.name == b.name and m.earlier == a.version), Migration(earlier="0"))
    return [*_whole(a, b), *_variables(a, b, stated), *_examples(a, b, stated)]


def _whole(a: Codebook, b: Codebook) -> Iterator[CodebookChange]:
    for part in ("name", "language", "unit", "unit_rule", "instructions", "warning", "focus"):
        yield from _changed(part, "", getattr(a, part) or "", getattr(b, part) or "")
    yield from _terms("terms", "", a.mention_terms, b.mention_terms)
    yield from _terms("about", "", a.about, b.about)


def _examples(a: Codebook, b: Codebook, stated: Migration) -> Iterator[CodebookChange]:
    """Yield the examples that came, went or are coded otherwise; a code that was only renamed is the same."""
    texts = [{example.text: dict(example.codes) for example in book.examples} for book in (a, b)]
    yield from _terms("examples", "", tuple(texts[0]), tuple(texts[1]))
    for text, codes in texts[0].items():
        read = dict(
            pair
            for pair in (migrate_answer(b.by_name, stated, *one) for one in codes.items())
            if not isinstance(pair, str)
        )
        if text in texts[1] and read != texts[1][text]:
            yield from _changed("example", "", _pairs(codes, text), _pairs(texts[1][text], text))


def _pairs(codes: Mapping[str, str], text: str) -> str:
    return f"{text} ({', '.join(f'{name}: {code}' for name, code in codes.items())})"


def _changed(part: str, variable: str, before: str, after: str) -> Iterator[CodebookChange]:
    before, after = " ".join(before.split()), " ".join(after.split())
    if before != after:
        yield CodebookChange("changed", part, variable, (before,) if before else (), (after,) if after else ())


def _terms(part: str, variable: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[CodebookChange]:
    gone, come = tuple(t for t in before if t not in after), tuple(t for t in after if t not in before)
    if gone or come:
        yield CodebookChange("changed" if gone and come else "removed" if gone else "added", part, variable, gone, come)


def _variables(a: Codebook, b: Codebook, stated: Migration) -> Iterator[CodebookChange]:
    renamed = {old: new for old, new in stated.variables.items() if old in a.by_name and old != new}
    sure = dict(renamed)
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
            yield CodebookChange("renamed", "variable", name, (old.name,), (name,), old.name in sure)
        yield from _variable(old, b.by_name[name], renamed, stated)
    yield from (
        CodebookChange("added", "variable", v.name, (), (v.name,))
        for v in b.variables
        if v.name not in renamed.values() and v.name not in a.by_name
    )
    orders = [renamed.get(v.name, v.name) for v in a.variables], [v.name for v in b.variables]
    common = [[n for n in order if n in orders[0] and n in orders[1]] for order in orders]
    if common[0] != common[1]:
        yield CodebookChange("moved", "variables", "", tuple(common[0]), tuple(common[1]))


def _variable(old: Variable, new: Variable, renamed: Mapping[str, str], stated: Migration) -> Iterator[CodebookChange]:
    for part in ("question", "kind", "level"):
        yield from _changed(part, new.name, getattr(old, part), getattr(new, part))
    waits = [
        "; ".join(f"{names.get(name, name)} is {', '.join(codes)}" for name, codes in variable.asked_when.items())
        for variable, names in ((old, renamed), (new, {}))
    ]
    yield from _changed("asked_when", new.name, *waits)
    before, after = ({code.name: code for code in variable.codes} for variable in (old, new))
    became: dict[str, tuple[str, ...]] = {
        c: (to,) for c, to in stated.codes.get(new.name, {}).items() if c in before and c != to
    }
    became |= {c: tuple(to) for c, to in stated.split.get(new.name, {}).items() if c in before}
    sure = set(became)
    taken = {to for many in became.values() for to in many}
    for code in old.codes:
        if code.name in after or code.name in became or not code.definition:
            continue
        same = [
            c.name
            for c in new.codes
            if c.name not in before and c.name not in taken and c.definition == code.definition
        ]
        if len(same) == 1:
            became[code.name] = (same[0],)
            taken.add(same[0])
    merged: dict[str, list[str]] = {}
    for was, to in became.items():
        if len(to) == 1:
            merged.setdefault(to[0], [to[0]] if to[0] in before and to[0] not in became else []).append(was)
    for was, to in became.items():
        if len(to) > 1:
            yield CodebookChange("split", "code", new.name, (was,), to)
    for name, ones in merged.items():
        what = "merged" if len(ones) > 1 else "renamed"
        yield CodebookChange(what, "code", new.name, tuple(ones), (name,), sure.issuperset(set(ones) - {name}))
    for name in before:
        if name not in after and name not in became:
            yield CodebookChange("removed", "code", new.name, (name,), ())
    for name in after:
        if name not in before and name not in taken:
            yield CodebookChange("added", "code", new.name, (), (name,))
    origin = {to: ones[0] for to, ones in merged.items() if len(ones) == 1} | {n: n for n in after if n in before}
    for name, was in origin.items():
        one, other = before[was], after[name]
        yield from _changed(f"definition of {name}", new.name, one.definition, other.definition)
        yield from _changed(f"label of {name}", new.name, one.label or "", other.label or "")
        yield from _changed(f"key of {name}", new.name, one.hotkey or "", other.hotkey or "")
        yield from _terms(f"terms of {name}", new.name, one.terms, other.terms)
    kept = [[n for n in book if n in before and n in after] for book in (before, after)]
    if kept[0] != kept[1]:  # in a codebook whose first match counts, the order is part of the definitions
        yield CodebookChange("moved", "codes", new.name, tuple(kept[0]), tuple(kept[1]))
