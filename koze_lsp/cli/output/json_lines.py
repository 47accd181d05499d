"""One JSON object a line and finding, in the shape of the JSON format's ``diagnostics``."""

from __future__ import annotations

import json
from typing import TextIO

from koze_lsp.cli.findings import Report
from koze_lsp.cli.output.json import record


def write(report: Report, stream: TextIO) -> None:
    """Write the findings; nothing at all if there are none."""
    for finding in report.findings:
        stream.write(json.dumps(record(finding), ensure_ascii=False) + "\n")
