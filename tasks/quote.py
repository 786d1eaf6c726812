# /// script
# requires-python = ">=3.11"
# dependencies = ["rich>=13,<15"]
#
# [tool.runbay]
# description = "Prints a framed quote: a task in one file"
# tags = ["example"]
# timeout = "1m"
# network = "none"
# ///
"""A whole task in one file.

The block above is PEP 723: it names the packages, so `uv run quote.py` works
on any machine, too. What task.toml would say is in its [tool.runbay] table.
"""

import random

from rich.console import Console
from rich.panel import Panel

QUOTES = [
    ("Programs must be written for people to read, and only incidentally for machines to execute.", "Abelson and Sussman"),
    ("Premature optimization is the root of all evil.", "Donald Knuth"),
    ("Simple things should be simple, complex things should be possible.", "Alan Kay"),
    ("The most effective debugging tool is still careful thought, coupled with judiciously placed print statements.", "Brian Kernighan"),
]

text, author = random.choice(QUOTES)
# Colours are asked for, because there is no terminal inside a container.
console = Console(force_terminal=True, width=72)
console.print(Panel(f"[italic]{text}[/]", subtitle=f"[cyan]{author}[/]", padding=(1, 2)))
