from rotascope.api import fact as fact
from rotascope.api import report as report

__version__: str
