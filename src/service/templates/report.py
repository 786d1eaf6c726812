"""Makes a report: what is written to $RUNBAY_ARTIFACTS is kept with the run,
and JSON in $RUNBAY_RESULT becomes its result."""

import json
import os
from datetime import date
from pathlib import Path

from jinja2 import Environment

# The defaults let the script run outside of Runbay, too.
ARTIFACTS = Path(os.environ.get("RUNBAY_ARTIFACTS", "artifacts"))
RESULT = Path(os.environ.get("RUNBAY_RESULT", "result.json"))

PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<title>{{ title }}</title>
<h1>{{ title }}</h1>
<table>
{%- for name, value in rows %}
<tr><th>{{ name }}</th><td>{{ value }}</td></tr>
{%- endfor %}
</table>
"""
)


def collect() -> list[tuple[str, int]]:
    """The figures of the report; take yours from wherever they are."""
    return [("apples", 12), ("pears", 7)]


def main() -> None:
    rows = collect()
    ARTIFACTS.mkdir(exist_ok=True)
    page = ARTIFACTS / "report.html"
    page.write_text(PAGE.render(title=f"Report of {date.today()}", rows=rows))
    RESULT.write_text(json.dumps({"rows": len(rows), "total": sum(n for _, n in rows)}))
    print(f"{len(rows)} rows in {page.name}")


if __name__ == "__main__":
    main()
