"""Its last words end without a newline, and are not lost."""

import sys

sys.stdout.write("first line\nlast words")
sys.stderr.write("complaint")
