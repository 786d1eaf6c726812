"""Takes parameters. Each is a variable, PARAM_<NAME>, as text; all of them, with
their types, are in the JSON file that $RUNBAY_PARAMS names."""

import json
import os
from pathlib import Path

params = json.loads(Path(os.environ["RUNBAY_PARAMS"]).read_text())

for _ in range(params["times"]):
    print(f"Hello, {params['who']}")
