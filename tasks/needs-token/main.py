"""Uses a secret, and shows that the log does not.

A secret named in task.toml is a file, whose path is in API_TOKEN_FILE. As
task.toml asks for it, its value is in a variable too, for what reads no files.

    runbay secret set API_TOKEN --grant needs-token
    runbay run needs-token
"""

import os
from pathlib import Path

token = Path(os.environ["API_TOKEN_FILE"]).read_text()
print(f"the variable and the file agree: {os.environ['API_TOKEN'] == token}")
print(f"the token has {len(token)} characters")

# Printing a secret is a mistake that people make; Runbay masks it. It masks
# what it can recognise, so this is a courtesy and no protection.
print(f"the token is {token}")
