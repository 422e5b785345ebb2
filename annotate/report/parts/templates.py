"""Render the HTML templates of the pages."""

from typing import Any

import jinja2


def render(template: str, **variables: Any) -> str:
    """Return a template filled in: every value is escaped, and an undefined variable is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("annotate.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # in JSON blocks `tojson` escapes <, >, & and '; letters of all scripts are kept
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}
    environment.tests["contains"] = lambda counts, code: code in counts
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment.get_template(template).render(**variables)
