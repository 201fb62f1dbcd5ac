"""The independent verifier: recompute a report from the observations in its bundle.

Standard library only; it shares no code with the writer. Both follow docs/bundle-format.md.
"""

from rotascope_verify.bundle import verify
from rotascope_verify.cli import main, supported_ops
from rotascope_verify.failures import Failure, NotABundleError, Report
from rotascope_verify.single import single_file

__all__ = ["Failure", "NotABundleError", "Report", "main", "single_file", "supported_ops", "verify"]
