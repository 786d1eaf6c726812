# /// script
# requires-python = ">=3.11"
# dependencies = ["rich>=13,<16"]
#
# [tool.runbay]
# description = "What {name} is for"
# timeout = "10m"
{environment}# ///
"""A task in one file: the block above names its packages (PEP 723), and its
[tool.runbay] table holds what task.toml would say."""

from rich import print

print("[bold green]Hello[/] from {name}")
