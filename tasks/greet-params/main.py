"""Reads its parameters, in both ways that there are.

Each parameter is an environment variable, PARAM_ and its name in capitals:
always text. All of them together are a JSON file at $RUNBAY_PARAMS, where
numbers are numbers and a bool is true or false. Runbay has checked them
against task.toml before the script starts, so they need no second check.
"""

import json
import os
from datetime import date
from pathlib import Path

# One value, as text.
print(f"PARAM_NAME is {os.environ['PARAM_NAME']!r}")

# All values, with their types.
params = json.loads(Path(os.environ["RUNBAY_PARAMS"]).read_text())
for name, value in sorted(params.items()):
    print(f"{name:9} {type(value).__name__:5} {value!r}")

words = {"en": "Hello", "fr": "Bonjour", "pl": "Cześć"}
greeting = f"{words[params['language']]}, {params['name']}{'!' * round(params['warmth'] * 4)}"
for _ in range(params["times"]):
    print(greeting.upper() if params["shout"] else greeting)

if "birthday" in params:
    born = date.fromisoformat(params["birthday"])
    print(f"You were born on a {born:%A}.")
