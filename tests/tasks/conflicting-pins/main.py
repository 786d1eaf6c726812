"""Never runs: its pins cannot hold together.

Each line is right by itself. That requests 2.31.0 needs a newer urllib3 is
something only a resolver can tell.
"""
