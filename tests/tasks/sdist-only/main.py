"""Asks for a package that comes as source only, and holds no C."""

import docopt

print("docopt", docopt.__version__)
