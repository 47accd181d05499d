"""Which kind of file a path is."""

from __future__ import annotations

import pytest

from koze_lsp.project.document import FileKind
from koze_lsp.project.kinds import kind_of


@pytest.mark.parametrize("extension", ["ts", "js", "mts", "mjs", "cts", "cjs", "tsx", "jsx", "TSX"])
@pytest.mark.parametrize("stem", ["a.workflow", "a.Workflow", "a.workflows"])
def test_a_name_like_a_workflows_is_a_lookalike_with_every_extension(stem: str, extension: str) -> None:
    wanted = FileKind.WORKFLOW if (stem, extension) == ("a.workflow", "ts") else FileKind.WORKFLOW_LOOKALIKE
    assert kind_of(f"src/server/{stem}.{extension}") is wanted
    assert kind_of(f"src/lib/{stem}.{extension}") is FileKind.WORKFLOW_LOOKALIKE


@pytest.mark.parametrize("name", ["a.workflow.test.ts", "a.workflow.ts.snap.ts", "a-workflow.ts", "workflow.tsx"])
def test_other_names_are_plain_modules(name: str) -> None:
    assert kind_of(f"src/server/{name}") is FileKind.SERVER
