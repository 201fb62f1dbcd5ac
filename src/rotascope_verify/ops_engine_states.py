"""Engine operations on states by a rule: the current one, and ranks within one. docs/bundle-format.md."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from rotascope_verify.failures import CheckError
from rotascope_verify.ops import Call, operation
from rotascope_verify.ops_engine_grid import check_params, first_inputs, grid_names
from rotascope_verify.ops_windows import rank_windows
from rotascope_verify.reading import as_object

RULES = {"direction": "length band", "percentile": "low high minimum", "hysteresis": "enter leave"}
Rule = tuple[str, float, float, int]


def read_rule(call: Call) -> Rule:
    """Return the rule that the parameters of a call name, and nothing else: its name and three numbers."""
    rule = call.choice("rule", *RULES)
    check_params(call, f"rule {RULES[rule]}")
    if rule == "direction":
        band = call.number("band")
        if band < 0:
            raise CheckError("params.band is less than zero")
        return rule, band, 0.0, call.whole("length", 1)
    if rule == "percentile":
        low, high = call.number("low"), call.number("high")
        if not 0 < low < high < 100:
            raise CheckError("params.low and high are not in order between 0 and 100")
        return rule, low, high, call.whole("minimum", 1)
    enter, leave = call.number("enter"), call.number("leave")
    if leave > enter:
        raise CheckError("params.leave is greater than params.enter")
    return rule, enter, leave, 0


def counts_so_far(x: tuple[float, ...]) -> list[int]:
    """Return for each value how many up to and with it are at most as large (a binary indexed tree).

    >>> counts_so_far((3.0, 1.0, 3.0, 2.0))
    [1, 1, 3, 2]
    """
    place = {v: i + 1 for i, v in enumerate(sorted(set(x)))}
    tree = [0] * (len(place) + 1)
    out = []
    for v in x:
        i = place[v]
        while i < len(tree):
            tree[i] += 1
            i += i & -i
        i, found = place[v], 0
        while i:
            found += tree[i]
            i -= i & -i
        out.append(found)
    return out


def states_of(rule: Rule, x: tuple[float, ...]) -> list[int | None]:
    """Return the state of each row by a rule that looks back only; None where it is unknown."""
    name, first, second, count = rule
    if name == "direction":
        moves = [b - a for a, b in zip(x, x[count:], strict=False)]
        unknown: list[int | None] = [None] * min(count, len(x))
        return unknown + [2 if c > first else 0 if c < -first else 1 for c in moves]
    if name == "percentile":
        shares = [100 * k / (i + 1) for i, k in enumerate(counts_so_far(x))]
        return [
            None if i + 1 < count else 0 if p <= first else 2 if p > second else 1
            for i, p in enumerate(shares)
        ]
    out: list[int | None] = []
    stressed = False
    for v in x:
        stressed = v >= first or (stressed and v >= second)
        out.append(int(stressed))
    return out


def _states(call: Call, rule: Rule) -> list[int | None]:
    """Return the states of the known rows of the one input of a call."""
    return call.remember("states", lambda: states_of(rule, call.rows[0].known()[1]), rule)


@operation("state", "rule length band low high minimum enter leave want", rows=(1, 1))
def op_state(call: Call) -> float:
    """The state of the last known row, and for how many rows it has lasted."""
    want = call.choice("want", "state", "age")
    rule = read_rule(replace(call, params={k: v for k, v in call.params.items() if k != "want"}))
    states = _states(call, rule)
    if not states or states[-1] is None:
        raise CheckError("the state of the last row is unknown")
    if want == "state":
        return states[-1]
    return next((i for i, s in enumerate(reversed(states)) if s != states[-1]), len(states))


@operation("regime_rank", "grid length regime want", rows=(2, 3))
def op_regime_rank(call: Call) -> float:
    """Where the last window stands among the windows that ended in the same state."""
    check_params(call, "regime want", grid_names(call, "sessions", "months"))
    want = call.choice("want", "rank", "percentile", "count", "independent")
    rule = read_rule(replace(call, params=as_object(call.params["regime"], "params.regime")))
    h = call.whole("length", 1) if call.params["grid"] == "sessions" else 1
    days, values, _ = rank_windows(first_inputs(call, len(call.rows) - 1))
    signal = replace(call, wants=call.wants[-1:], rows=call.rows[-1:])
    states, known = _states(signal, rule), signal.rows[0].known()[0]
    places = (bisect_right(known, day) - 1 for day in days)
    found = [states[i] if i >= 0 else None for i in places]
    if found[-1] is None:
        raise CheckError("the state of the current window is unknown")
    inside = [s == found[-1] for s in found]
    mine = [v for v, ok in zip(values, inside, strict=True) if ok]
    if want == "rank":
        return 1 + sum(v > values[-1] for v in mine)
    if want == "percentile":
        return 100 * sum(v <= values[-1] for v in mine) / len(mine)
    if want == "count":
        return len(mine)
    taken, last = 0, -h
    for i, ok in enumerate(inside):
        if ok and i - last >= h:
            taken, last = taken + 1, i
    return taken
