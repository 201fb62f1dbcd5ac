"""Which tasks an update has, from the names that a person gives and from what is stored already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rotascope.ingest.providers.base import Provider, Task
from rotascope.ingest.providers.registry import provider_of
from rotascope.model.errors import UnknownNameError
from rotascope.store.blocks import BlockInfo


@dataclass(frozen=True, slots=True)
class Planned:
    """A task and who does it."""

    provider: Provider
    task: Task


def plan(known: Mapping[str, Provider], names: Sequence[str], stored: Iterable[BlockInfo]) -> list[Planned]:
    """Return the tasks for some names, each once.

    Without names: what each source brings by default, and what an update has stored before. A name is a
    source (`fred`), a series (`DGS10`), a series of a source (`yahoo:SPY`) or a task as an update prints it
    (`french:6_Portfolios_2x3`). A series alone is asked from the sources that an update has stored it from,
    or else from the first that brings it. Raises: UnknownNameError.
    """
    keys = _stored_keys(known, stored)
    found: dict[str, Planned] = {}
    for provider, tasks in _chosen(known, names, keys):
        for task in tasks:
            found.setdefault(task.key, Planned(provider, task))
    return list(found.values())


def _chosen(
    known: Mapping[str, Provider], names: Sequence[str], keys: Mapping[str, tuple[str, ...]]
) -> Iterable[tuple[Provider, list[Task]]]:
    if not names:
        for provider in known.values():
            yield provider, _all_of(provider, keys)
    for name in names:
        if name in known:
            tasks = _all_of(known[name], keys)
            if not tasks:
                raise UnknownNameError(
                    f"{name} brings nothing by itself.", fix=f"Name what it should bring, as in {name}:IWM."
                )
            yield known[name], tasks
            continue
        by_key = _by_key(known, name, keys)
        if by_key is not None:
            yield by_key
            continue
        before = [key for key, series in keys.items() if name in series]
        for key in before:
            provider = known[key.partition(":")[0]]
            yield provider, _again(provider, key, (name,)) or _again(provider, key, keys[key])
        if not before:
            provider = known[provider_of(name, known)]
            yield provider, provider.tasks([name])


def _stored_keys(known: Mapping[str, Provider], stored: Iterable[BlockInfo]) -> dict[str, tuple[str, ...]]:
    """Return the series of each task that an update has stored; its snapshots are named by the task."""
    keys: dict[str, dict[str, None]] = {}
    for block in stored:
        provider, colon, _ = block.file.partition(":")
        if colon and provider in known:
            keys.setdefault(block.file, {})[block.series] = None
    return {key: tuple(series) for key, series in sorted(keys.items())}


def _all_of(provider: Provider, keys: Mapping[str, tuple[str, ...]]) -> list[Task]:
    tasks = provider.tasks()
    there = {task.key for task in tasks}
    for key, series in keys.items():
        if key.partition(":")[0] == provider.name and key not in there:
            tasks += _again(provider, key, series)
    return tasks


def _by_key(
    known: Mapping[str, Provider], name: str, keys: Mapping[str, tuple[str, ...]]
) -> tuple[Provider, list[Task]] | None:
    provider = known.get(name.partition(":")[0])
    if provider is None or ":" not in name:
        return None
    tasks = [task for task in provider.tasks() if task.key == name]
    tasks = tasks or _again(provider, name, keys.get(name, ()))
    return (provider, tasks) if tasks else None


def _again(provider: Provider, key: str, series: Sequence[str]) -> list[Task]:
    """Return the stored task, by asking the provider for its series."""
    wanted = [f"{provider.name}:{name}" for name in series]
    return [task for task in provider.tasks(wanted) if task.key == key] if wanted else []
