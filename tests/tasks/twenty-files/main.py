"""Imports every file of its folder: twenty in all."""

import importlib
import pkgutil

import package

names = [module.name for module in pkgutil.iter_modules(package.__path__)]
total = sum(importlib.import_module(f"package.{name}").NUMBER for name in names)
print(f"{len(names)} modules, sum {total}")
