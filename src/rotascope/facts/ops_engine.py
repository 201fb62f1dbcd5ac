"""The operations of the rotation engine. Importing this module registers them all.

docs/bundle-format.md, "Operations of the rotation engine", defines each; here the kernels of
`rotascope.analytics` are handed what the recipe names, and one number is picked from what they return.
"""

from __future__ import annotations

from rotascope.facts import (  # noqa: F401  they register their operations
    ops_engine_history,
    ops_engine_inference,
    ops_engine_lists,
    ops_engine_members,
    ops_engine_regimes,
    ops_engine_rotation,
    ops_engine_signals,
    ops_engine_standing,
)
