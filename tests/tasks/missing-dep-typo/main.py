"""Never runs: no index has the package it asks for."""

import requests

print(requests.__version__)
