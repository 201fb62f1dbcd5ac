"""Read an Inline XBRL page with Arelle, offline, and print what it says and reads as JSON.

    python arelle_read.py PAGE FOLDER

FOLDER is scratch space for Arelle. The schemas of xbrl.org come with Arelle; nothing is fetched.
"""

from __future__ import annotations

import html
import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")


def fact_as_json(fact: Any) -> dict[str, Any]:
    """Return a fact as Arelle understands it."""
    context = fact.context
    members = {
        dim.dimensionQname.localName: dim.typedMember.stringValue
        if dim.isTyped
        else dim.memberQname.localName
        for dim in context.qnameDims.values()
    }
    notes = fact.modelXbrl.relationshipSet("XBRL-footnotes").fromModelObject(fact)
    return {
        "concept": fact.qname.localName,
        "value": str(fact.xValue),
        "valid": int(fact.xValid),
        "decimals": fact.decimals,
        "unit": None if fact.unit is None else str(fact.unit.measures[0][0]),
        "instant": context.isInstantPeriod,
        "start": None if context.isInstantPeriod else str(context.startDatetime)[:10],
        "end": str(context.endDatetime)[:10],  # midnight at the end of the last day
        "members": members,
        "notes": sorted(html.unescape(link.toModelObject.textValue) for link in notes),  # it escapes them
    }


def main() -> None:
    """Validate and read."""
    from arelle.api.Session import Session
    from arelle.logging.handlers.StructuredMessageLogHandler import StructuredMessageLogHandler
    from arelle.RuntimeOptions import RuntimeOptions

    options = RuntimeOptions(
        entrypointFile=sys.argv[1],
        cacheDirectory=sys.argv[2],
        disablePersistentConfig=True,
        internetConnectivity="offline",
        keepOpen=True,
        logLevel="DEBUG",
        utrValidate=True,
        validate=True,
    )
    with Session() as session:
        session.run(options, logHandler=StructuredMessageLogHandler())
        (model,) = session.get_models()
        out = {
            "messages": [
                (m["levelname"], m["messageCode"], m["msg"])
                for m in session.get_log_messages()
                if m["levelname"] not in ("INFO", "DEBUG")
            ],
            "errors": [str(e) for e in model.errors],
            "facts": [fact_as_json(f) for f in model.facts],
            "labels": {
                c.qname.localName: c.label(fallbackToQname=False)
                for c in model.qnameConcepts.values()
                if "rotascope" in c.qname.namespaceURI and c.isItem
            },
        }
    print(json.dumps(out))


if __name__ == "__main__":
    main()
