"""The commands that keep the database up to date: `data update`, `data diff`, `data reconcile`, `quote`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from rotascope.app.refresh import VersionDiff
    from rotascope.app.settings import Settings
    from rotascope.ingest.refresh.outcome import SeriesOutcome, State, UpdateReport
    from rotascope.ingest.refresh.quotes import Quote
    from rotascope.ingest.refresh.reconcile import Pair, Reconciliation, Reported

JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_MOST_ROWS = 40
_MOST_NAMES = 12
_INTERRUPTED = 130


def register(data: typer.Typer) -> None:
    """Add the commands to `rotascope data`."""
    data.command("update")(update_command)
    data.command("diff")(diff_command)
    data.command("reconcile")(reconcile_command)


def update_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE|SERIES]...", help="fred, DGS10, yahoo:SPY; everything by default."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Ask for values from this day on, as a snapshot of their own."),
    ] = None,
    json_: JSON = False,
) -> None:
    """Fetch what is new from the sources. Exit code 1 if something failed; what is stored stays."""
    import json
    import sys

    from rotascope.app.settings import Settings
    from rotascope.cli.app import parse_day

    settings = Settings.from_environment()
    day = parse_day(since, "--since") if since else None
    try:
        report = _update(settings, names or [], day, bar=not json_ and sys.stderr.isatty())
    except KeyboardInterrupt:
        print("Interrupted. Finished tasks are stored; the same command goes on from here.", file=sys.stderr)
        raise typer.Exit(_INTERRUPTED) from None
    print(json.dumps(report.as_json(), indent=2, ensure_ascii=False) if json_ else describe_update(report))
    if not report.ok:
        raise typer.Exit(1)


def _update(settings: Settings, names: list[str], since: date | None, *, bar: bool) -> UpdateReport:
    from rotascope.app.refresh import update_data

    if not bar:
        return update_data(settings, names, since=since)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("updating"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        line = shown.add_task("", total=None)
        return update_data(
            settings,
            names,
            since=since,
            progress=lambda p: shown.update(
                line, completed=p.done, total=p.total, description=f"{p.key} {p.state}"[-50:]
            ),
        )


def describe_update(report: UpdateReport) -> str:
    """Return an update's report for people: totals, then what failed, is stale, was revised, is new."""
    from rotascope.ingest.refresh.outcome import STATES

    told = report.as_json()
    counts = ", ".join(f"{told[state]} {state}" for state in STATES)
    lines = [f"{told['tasks']} tasks in {report.seconds:.1f} s. Series: {counts}."]
    if told["skipped"]:
        lines[0] += f" {told['skipped']} tasks were done before the last update was interrupted."
    for state in ("failed", "stale", "revised", "new"):
        lines += _state_lines(report, state)
    lines += [
        f"  {f.severity:<10} {f.code}: {f.message}"
        for task in report.tasks
        for f in task.findings
        if f.severity == "warning"
    ][:_MOST_ROWS]
    if report.failed:
        lines.append(f"Failed: {', '.join(task.key for task in report.failed)}.")
    return "\n".join(lines)


def _state_lines(report: UpdateReport, state: State) -> list[str]:
    """Return a line for all series and fields of a source of which the same is to be said."""
    groups: dict[tuple[str, str], list[tuple[str, SeriesOutcome]]] = {}
    for task in report.tasks:
        for one in task.series:
            if one.state == state:
                groups.setdefault((task.provider, _said(one)), []).append((task.key, one))
    lines = []
    for (provider, said), members in list(groups.items())[:_MOST_ROWS]:
        tasks = list(dict.fromkeys(key for key, _ in members))
        names = _names([one for _, one in members])
        shown = ", ".join(names[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        label = tasks[0] if len(tasks) == 1 else f"{provider}, {len(tasks)} tasks"
        lines.append(f"  {state:<8} {label:<24} {shown}{more}: {said}")
    if len(groups) > _MOST_ROWS:
        lines.append(f"  {state:<8} and {len(groups) - _MOST_ROWS} more; --json names all")
    return lines


def _names(members: list[SeriesOutcome]) -> list[str]:
    """Return series, each with its fields if it has several."""
    fields: dict[str, list[str]] = {}
    for one in members:
        fields.setdefault(one.series, []).append(one.field)
    return [
        f"{series} ({', '.join(there)})" if len(there) > 1 else f"{series} {there[0]}".strip()
        for series, there in fields.items()
    ]


def _said(one: SeriesOutcome) -> str:
    if one.state == "failed":
        if one.last is None:
            return f"{one.code}: {one.reason} Nothing of it is stored."
        stale = f"stale since {one.due}" if one.late else "not late yet"
        return f"{one.code}: {one.reason} The values to {one.last} are kept ({stale})."
    if one.state == "stale":
        return one.reason
    late = f" (late: more was due on {one.due})" if one.late else ""
    return (one.said or f"to {one.last}") + late


def diff_command(
    series: Annotated[str, typer.Argument(help="A series, such as FF.HML.M.")],
    field: Annotated[str | None, typer.Option(help="close by default, or the series' own.")] = None,
    from_vintage: Annotated[
        str | None, typer.Option("--from-vintage", metavar="V", help="A vintage date, or a snapshot.")
    ] = None,
    to_vintage: Annotated[
        str | None, typer.Option("--to-vintage", metavar="V", help="The same; the newest by default.")
    ] = None,
    json_: JSON = False,
) -> None:
    """Show what changed in a series from one vintage to another; the last two by default."""
    import json

    from rotascope.app.refresh import diff
    from rotascope.app.settings import Settings
    from rotascope.cli.data import _field

    found = diff(
        Settings.from_environment(),
        series,
        _field(field) if field else None,
        from_vintage=from_vintage,
        to_vintage=to_vintage,
    )
    print(json.dumps(found.as_json(), indent=2, ensure_ascii=False) if json_ else describe_diff(found))


def describe_diff(found: VersionDiff) -> str:
    """Return the difference of two versions for people: which they are, what changed, then each date."""
    told = found.as_json()
    lines = [
        f"{name:<5} {told[name]['version']}  {told[name]['source']}  snapshot {told[name]['snapshot'][:12]}  "
        f"{told[name]['first']} to {told[name]['last']}"
        for name in ("from", "to")
    ]
    sentence = found.revision.sentence()
    lines.append(sentence[:1].upper() + sentence[1:] + ".")
    if told["compared"] == "returns" and told["rows"]:
        lines.append(
            "Levels are restated as a whole, so returns are compared; as ratios, 0.01 is one percent."
        )
    if told["rows"]:
        lines.append(f"\n{'date':<10} {'old':>16} {'new':>16} {'difference':>16} {told['difference_unit']}")
    for row in told["rows"][:_MOST_ROWS]:
        cells = " ".join(f"{_cell(row[name]):>16}" for name in ("old", "new", "difference"))
        lines.append(f"{row['date']:<10} {cells}")
    if len(told["rows"]) > _MOST_ROWS:
        lines.append(f"… and {len(told['rows']) - _MOST_ROWS} more; --json prints them.")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.10g}"


def reconcile_command(
    series: Annotated[list[str] | None, typer.Argument(help="Series; all by default.")] = None,
    json_: JSON = False,
) -> None:
    """Compare sources that carry the same series, and printed figures with the database."""
    import json

    from rotascope.app.refresh import reconcile
    from rotascope.app.settings import Settings

    found = reconcile(Settings.from_environment(), series or [])
    print(json.dumps(found.as_json(), indent=2, ensure_ascii=False) if json_ else describe_reconcile(found))
    if not found.agrees:
        raise typer.Exit(1)


def describe_reconcile(found: Reconciliation) -> str:
    """Return all comparisons for people: pairs of sources, then printed figures."""
    lines = [_pair_line(pair) for pair in found.pairs]
    lines.append(f"{len(found.pairs)} pairs of sources, {sum(p.agrees for p in found.pairs)} agree.")
    if found.reported:
        lines.append("")
        lines += [_reported_line(one) for one in found.reported]
        verdicts = [one.verdict for one in found.reported]
        lines.append(
            f"{len(verdicts)} printed figures: {verdicts.count('equal')} are the database's, "
            f"{verdicts.count('within_tolerance')} differ in the last digits, "
            f"{verdicts.count('differs')} differ; {found.unmatched} have no counterpart in the database."
        )
    return "\n".join(lines)


def _pair_line(pair: Pair) -> str:
    between = f"{pair.left.source} and {pair.right.source}"
    head = f"{pair.series} {pair.field}: {between}"
    if pair.why_not:
        return f"  not compared {head}: {pair.why_not}"
    if pair.agrees:
        return f"  agree        {head}: {pair.common:,} common dates"
    worst = pair.largest
    assert worst is not None
    return (
        f"  disagree     {head}: {pair.beyond:,} of {pair.common:,} common dates, "
        f"{pair.first} to {pair.last}; the largest on {worst.day}: {worst.left:,.10g} and {worst.right:,.10g}"
    )


def _reported_line(one: Reported) -> str:
    words = {"equal": "the same", "within_tolerance": "differs in the last digits", "differs": "differs"}
    database = f"{one.database:,.{one.decimals}f}"
    return (
        f"  {one.day} {one.series} {one.field}: {one.publication} printed {one.printed:,.{one.decimals}f}, "
        f"the database has {database} ({one.side.source}): {words[one.verdict]}"
    )


def quote_command(
    tickers: Annotated[list[str], typer.Argument(help="Tickers, such as IWM SPY RUT.")],
    offline: Annotated[bool, typer.Option("--offline", help="Use stored closes only.")] = False,
    json_: JSON = False,
) -> None:
    """Print the last price of tickers, of when it is, and the change since the prior close."""
    import json

    from rotascope.app.refresh import quote
    from rotascope.app.settings import Settings

    found = quote(Settings.from_environment(), tickers, offline=offline)
    if json_:
        print(json.dumps([q.as_json() for q in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(_quote_line(q) for q in found))
        for reason in dict.fromkeys(q.why_not_live for q in found if q.why_not_live and not offline):
            print(f"No live quote: {reason}")


def _quote_line(quote: Quote) -> str:
    change: Any = quote.change
    moved = "change unknown"
    if change is not None and quote.change_percent is not None:
        # the stored close before may be older than a session, as where only some closes were published
        since = f"close of {quote.prior_day}" if quote.prior_day else "prior close"
        moved = f"{change:+,.2f} ({quote.change_percent:+.2f}%) since the {since}"
    return f"{quote.series:<8} {quote.last:>12,.2f} {quote.unit:<7} {moved}; {quote.when()}; {quote.source}"
