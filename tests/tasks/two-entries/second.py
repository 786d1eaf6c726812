"""One of two scripts, neither of which has a name that decides."""
