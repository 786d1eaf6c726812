"""Uses a secret, and shows that the log does not.

A secret named in task.toml is there twice: as an environment variable and as
a file in /run/secrets, for what would rather be given a path.
"""

import os
import sys
from pathlib import Path

token = os.environ.get("API_TOKEN")
if not token:
    print(
        "API_TOKEN is not set. Runbay gives it to a run started with\n"
        "    API_TOKEN=… runbay run needs-token --secret API_TOKEN",
        file=sys.stderr,
    )
    sys.exit(2)

from_file = Path("/run/secrets/API_TOKEN").read_text()
print(f"the variable and the file agree: {from_file == token}")
print(f"the token has {len(token)} characters")

# Printing a secret is a mistake that people make; Runbay masks it. It masks
# what it can recognise, so this is a courtesy and no protection.
print(f"the token is {token}")
