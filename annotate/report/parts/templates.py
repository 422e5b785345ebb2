"""Render the HTML templates of the pages."""

import json
from typing import Any

import jinja2

from corpus.result import shown_codes


def render(template: str, **variables: Any) -> str:
    """Return a template filled in: every value is escaped, and an undefined variable is an error.

    Characters in it that change the direction of what follows are shown as codes.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("annotate.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown_codes(value) if type(value) is str else value,
    )
    environment.policies["json.dumps_function"] = lambda value, **options: shown_codes(json.dumps(value, **options))
    # in JSON blocks `tojson` escapes <, >, & and '; letters of all scripts are kept
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}
    environment.tests["contains"] = lambda counts, code: code in counts
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment.get_template(template).render(**variables)
