"""The environment that the pages' templates are filled in."""

import jinja2


def environment() -> jinja2.Environment:
    """Return the templates' environment: everything is escaped, and a name that is not given is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("annotate.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # in JSON blocks `tojson` escapes <, >, & and '; letters of any script stay what they are
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}
    found.tests["contains"] = lambda counts, code: code in counts
    found.filters["number"] = lambda value: f"{value:,}"
    return found
