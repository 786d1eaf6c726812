"""Prints what it was given: parameters in both forms, and arguments."""

import json
import os
import sys
from pathlib import Path

params = json.loads(Path(os.environ["RUNBAY_PARAMS"]).read_text())
print("json", json.dumps(params, sort_keys=True))
for name in sorted(n for n in os.environ if n.startswith("PARAM_")):
    print("env", name, json.dumps(os.environ[name]))
print("argv", json.dumps(sys.argv[1:]))
