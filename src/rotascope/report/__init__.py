"""The article: facts chosen, ordered and put into sentences whose every number is tagged.

The package can be called: `rotascope.report(...)` is the function of docs/python.md whether or not something
has imported this package, which then stands under the same name.
"""

import importlib
import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return importlib.import_module("rotascope.api").report(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage
