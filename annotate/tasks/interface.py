"""Turn a codebook into a Label Studio labelling configuration, in the layouts `unit` and `highlight`."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree as tree

from corpus.annotation import Layout
from corpus.codebook import Code, Codebook, Variable
from corpus.errors import BadCodebook

# names of our own tags; variables cannot use them
PASSAGE, MARK, MEMO, SKIP = "sw_passage", "sw_mark", "sw_memo", "sw_skip"
SKIPS = {"unclear": "unclear", "distressing": "distressing", "not-readable": "not readable"}
KEYS = "1234567890qwertzuiopasdfghjklyxcvbnm"  # assigned in this order to codes without a hotkey
MARK_LABEL = "marked"

# Tested on Label Studio 1.23.2. A grid, since a flex row pushes the second column off the screen. Text and HyperText
# are rendered in `.lsf-htx-richtext`; a Choice with `html` shows the HTML and stores its value. The side panels are
# hidden: coders do not need them and they take a quarter of the screen. Answered questions fold to one line of codes,
# so that all questions fit on a screen of 800 px.
STYLE = """
.lsf-sidepanels__wrapper_align_right,.lsf-sidepanels__wrapper_align_left{display:none!important}
.lsf-sidepanels{padding:0!important;display:block!important}
.lsf-sidepanels__content{width:100%!important;max-width:none!important;padding:0!important;margin:0!important}
.sw-read .htx-highlight area{display:inline-block!important}
.sw-screen{display:grid;grid-template-columns:minmax(0,1fr) minmax(440px,46%);gap:2.5rem;align-items:start;
  max-width:1440px;margin:0 auto;padding:.5rem 1rem 2rem}
.sw-read{position:sticky;top:.75rem}
.sw-read .lsf-htx-richtext,.sw-read .lsf-htx-richtext *{font-family:Charter,"Bitstream Charter","Noto Serif",Cambria,
  Georgia,"DejaVu Serif",serif}
.sw-read .lsf-htx-richtext{white-space:pre-wrap;font-size:1.2rem;line-height:1.7;max-width:62ch;padding:0;border:0}
.sw-read mark{background:#ffe98f;color:#111;padding:.08em .2em;border-radius:3px;font-weight:600;
  box-shadow:0 0 0 1px #d9b93c inset}
.sw-headline h3{font-size:1.15rem!important;line-height:1.35!important;font-weight:650;max-width:56ch;
  margin:0 0 .75rem!important}
.sw-place h4{opacity:.7;font-size:.85rem!important;font-weight:400!important;margin:0!important}
.sw-question{border-left:3px solid #4a6cf7;padding:0 0 0 .8rem;margin:0 0 1rem}
.sw-codes h4{font-size:.95rem!important;line-height:1.3!important;font-weight:650!important;margin:0 0 .35rem!important}
.sw-codes .lsf-choices,.sw-codes .lsf-choice,.sw-codes .lsf-choice__item{margin:0!important;gap:0}
.sw-codes .lsf-choice__item{padding:.1rem 0!important}
.sw-codes label{margin:0!important;line-height:1.3}
.sw-codes .lsf-hint{display:none}
.sw-code{display:grid;grid-template-columns:1.5rem auto;gap:0 .45rem;line-height:1.3}
.sw-code b{font-weight:600}
.sw-key{align-self:start;text-align:center;font:600 .72rem/1.35rem ui-monospace,monospace;opacity:.85;
  border:1px solid currentColor;border-radius:4px;min-width:1.4rem;height:1.4rem}
.sw-def{opacity:.75;font-size:.82rem;font-weight:400;grid-column:2}
.sw-question:has(input:checked){border-left-color:#bbb}
.sw-question:has(input:checked) .lsf-choices{display:flex;flex-wrap:wrap;gap:0 1rem}
.sw-question:has(input:checked) .sw-def{display:none}
.sw-question:has(input:checked) label:not(:has(input:checked)){opacity:.6}
.sw-more{border-top:1px solid #8884;padding-top:.6rem;margin-top:.6rem}
.sw-more .lsf-choices{display:flex;flex-wrap:wrap;gap:0 1rem}
"""


def configuration(book: Codebook, layout: Layout = "unit", *, sides: Mapping[str, str] | None = None) -> str:
    """Return the labelling configuration of a codebook as XML; the same codebook gives the same text.

    `sides` maps codes such as side-a to their names in the study's settings. Raises BadCodebook if a variable has a
    name that the configuration reserves.

    >>> from corpus.codebook import load
    >>> xml = configuration(load("lexical-bias"))
    >>> xml[:26], '<Choice value="biased" hotkey="2"' in xml
    ('<View className="sw-screen', True)
    """
    if reserved := [v.name for v in book.variables if v.name in (PASSAGE, MARK, MEMO, SKIP)]:
        raise BadCodebook(f"the variable name {reserved[0]!r} is reserved for the coders' screen; rename the variable")
    screen = tree.Element("View", className=f"sw-screen sw-{layout}")
    tree.SubElement(screen, "Style").text = STYLE
    passage_view = tree.SubElement(screen, "View", className="sw-read")
    _header(tree.SubElement(passage_view, "View", className="sw-place"), "$sw_place", 6)
    _header(tree.SubElement(passage_view, "View", className="sw-headline"), "$sw_headline", 4)
    codes = tree.SubElement(screen, "View", className="sw-codes")
    keys = hotkeys(book)
    if layout == "unit":
        tree.SubElement(passage_view, "HyperText", name=PASSAGE, value="$sw_html", inline="true")
        questions = tree.SubElement(codes, "View", visibleWhen="choice-unselected", whenTagName=SKIP)
    else:
        marks = tree.SubElement(passage_view, "Labels", name=MARK, toName=PASSAGE, showInline="true")
        key = keys.get((MARK, MARK_LABEL))
        mark_label = tree.SubElement(marks, "Label", value=MARK_LABEL, selected="true", background="#d9a400")
        _with_key(mark_label, key)
        tree.SubElement(passage_view, "Text", name=PASSAGE, value="$sw_text", granularity="symbol")
        _header(
            codes,
            f"Press {key or 'the label'}, mark a {book.unit}, click the mark and code it; Backspace removes it.",
            5,
        )
        questions = tree.SubElement(codes, "View", visibleWhen="region-selected")
    for variable in book.variables:
        _question(
            _conditional_view(questions, book, variable), variable, keys, sides or {}, per_region=layout == "highlight"
        )
    extras = tree.SubElement(codes, "View", className="sw-more")
    _header(extras, "Memo", 5)
    tree.SubElement(
        extras, "TextArea", name=MEMO, toName=PASSAGE, rows="1", maxSubmissions="1", editable="true",
        placeholder="What made this hard? (Enter keeps it)",
    )  # fmt: skip
    _header(extras, "Cannot be coded?", 5)
    skip = tree.SubElement(extras, "Choices", name=SKIP, toName=PASSAGE, choice="single", showInline="true")
    for reason, words in SKIPS.items():
        _choice(skip, reason, Code(name=reason, label=words), keys.get((SKIP, reason)), {})
    tree.indent(screen)
    return tree.tostring(screen, encoding="unicode")


def hotkeys(book: Codebook) -> dict[tuple[str, str], str]:
    """Return the keys for (variable, code), (SKIP, reason) and (MARK, MARK_LABEL), as far as there are enough keys.

    >>> from corpus.codebook import load
    >>> keys = hotkeys(load("lexical-bias"))
    >>> keys["bias", "biased"], keys[SKIP, "unclear"], keys[MARK, MARK_LABEL]
    ('2', '3', '6')
    """
    named = {(v.name, c.name): c.hotkey for v in book.variables for c in v.codes if c.hotkey}
    nameless = [(v.name, c.name) for v in book.variables for c in v.codes if not c.hotkey]
    free = [key for key in KEYS if key not in {hotkey.lower() for hotkey in named.values()}]
    return named | dict(zip([*nameless, *((SKIP, reason) for reason in SKIPS), (MARK, MARK_LABEL)], free, strict=False))


def instructions(book: Codebook, sides: Mapping[str, str] | None = None) -> str:
    """Return the coders' instructions as HTML: the warning, the rules, every definition, the examples."""
    parts = [f"<h3>{escape(book.name)} {escape(book.version)}</h3>"]
    if book.warning:
        parts.append(f'<p style="border:1px solid #c60;padding:.5em"><b>Warning.</b> {escape(book.warning)}</p>')
    parts += [f"<p>{escape(text)}</p>" for text in (book.unit_rule, book.instructions) if text]
    keys = hotkeys(book)
    for variable in book.variables:
        parts.append(f"<h4>{escape(variable.question)}</h4><ul>")
        for code in variable.codes:
            key = keys.get((variable.name, code.name), "")
            parts.append(f"<li>{_code_html(code, key, sides or {})}</li>")
        parts.append("</ul>")
    if book.examples:
        parts.append("<h4>Examples</h4><ul>")
        for example in book.examples:
            before, unit, after = (escape(piece) for piece in example.text.split("*"))
            answers = ", ".join(f"{escape(name)}: {escape(code)}" for name, code in example.codes.items())
            parts.append(f"<li>{before}<b>{unit}</b>{after} <i>{answers}</i></li>")
        parts.append("</ul>")
    return "".join(parts)


def _conditional_view(parent: tree.Element, book: Codebook, variable: Variable) -> tree.Element:
    """Return a view inside `parent` that is visible if the variable and those it depends on are asked."""
    for name, codes in variable.asked_when.items():
        parent = _conditional_view(parent, book, book.by_name[name])
        parent = tree.SubElement(
            parent, "View", visibleWhen="choice-selected", whenTagName=name, whenChoiceValue=",".join(codes)
        )
    return parent


def _question(
    parent: tree.Element,
    variable: Variable,
    keys: Mapping[tuple[str, str], str],
    sides: Mapping[str, str],
    *,
    per_region: bool,
) -> None:
    view = tree.SubElement(parent, "View", className="sw-question")
    _header(view, variable.question, 5)
    choices = tree.SubElement(
        view, "Choices", name=variable.name, toName=PASSAGE,
        choice="multiple" if variable.kind == "multiple" else "single",
    )  # fmt: skip
    if per_region:
        choices.set("perRegion", "true")
    # in a region, Label Studio would require an answer even to hidden questions
    if not (per_region and variable.asked_when):
        choices.set("required", "true")
        choices.set("requiredMessage", f"Please answer: {_escape_variables(variable.question)}")
    for code in variable.codes:
        _choice(choices, code.name, code, keys.get((variable.name, code.name)), sides)


def _choice(choices: tree.Element, value: str, code: Code, key: str | None, sides: Mapping[str, str]) -> None:
    html = f'<span class="sw-code">{_code_html(code, key or "", sides)}</span>'
    _with_key(tree.SubElement(choices, "Choice", value=value), key).set("html", _escape_variables(html))


def _with_key(element: tree.Element, key: str | None) -> tree.Element:
    if key:
        element.set("hotkey", key)
    return element


def _code_html(code: Code, key: str, sides: Mapping[str, str]) -> str:
    label = escape(code.label or sides.get(code.name) or code.name)
    definition = f' <span class="sw-def">{escape(" ".join(code.definition.split()))}</span>' if code.definition else ""
    return f'<kbd class="sw-key">{escape(key)}</kbd> <b>{label}</b>{definition}'


def _header(parent: tree.Element, value: str, size: int) -> None:
    tree.SubElement(
        parent, "Header", value=value if value.startswith("$sw_") else _escape_variables(value), size=str(size)
    )


def _escape_variables(text: str) -> str:
    """Break names such as `$price` with a word joiner, so that Label Studio does not read them as task fields."""
    return text.replace("$", "$\u2060")
