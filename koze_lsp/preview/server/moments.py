"""What has been shown and when: one moment for each event of the poll loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from koze_lsp.preview.html import swap_streamed
from koze_lsp.preview.poll import Tick
from koze_lsp.preview.session import Response

__all__ = ["MAX_MOMENTS", "Event", "History", "Moment"]

MAX_MOMENTS = 5000
Event = Literal["load", "fetch", "hidden", "failed", "edit"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the poll loop. `document` is set when the page was loaded anew; `body` is what the tab shows from
    here on; `statuses` the objects that workflowStatus gave, call by call."""

    index: int
    at_ms: float
    event: Event
    body: str
    document: str | None
    http: int | None
    calls: tuple[Any, ...]
    statuses: tuple[Any, ...]
    directive: str | None
    interval: float | None
    done: bool
    swapped: bool
    ok: bool
    changed: bool
    error: Any = None
    failure: str = ""
    redirect: str | None = None


class History:
    """The moments of a stage, the latest `MAX_MOMENTS` of them; `dropped` says how many came before."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.dropped = 0

    @property
    def last(self) -> Moment | None:
        """The latest moment."""
        return self.moments[-1] if self.moments else None

    def find(self, index: int) -> Moment | None:
        """The moment of that number, if it is still kept."""
        at = index - self.dropped
        return self.moments[at] if 0 <= at < len(self.moments) else None

    def interval(self) -> float:
        """Milliseconds that the client waits between two requests; 0 if it never polled."""
        last = next((moment for moment in reversed(self.moments) if moment.interval is not None), None)
        return last.interval or 0.0 if last is not None else 0.0

    def record(
        self, tick: Tick, response: Response | None, event: Event, at_ms: float, statuses: tuple[Any, ...] = ()
    ) -> None:
        """Keep what a tick of the poll loop brought; `response` is None where nothing was answered."""
        before = self.last
        loaded = event in ("load", "edit") and response is not None
        body = before.body if before is not None else ""
        if response is not None and (loaded or tick.swapped):
            body = swap_streamed(response.body, response.chunks) if loaded else response.body
        self.moments.append(
            Moment(
                index=self.dropped + len(self.moments),
                at_ms=at_ms,
                event=event,
                body=body,
                document=response.html if loaded and response is not None else None,
                http=response.status if response is not None else None,
                calls=response.calls if response is not None else (),
                statuses=statuses,
                directive=response.directive if response is not None else None,
                interval=tick.interval,
                done=response.done if response is not None else False,
                swapped=tick.swapped,
                ok=(response is not None and (response.ok or response.redirect is not None)) or event == "hidden",
                changed=before is None or before.body != body,
                error=response.error if response is not None else None,
                failure=tick.failure,
                redirect=response.redirect if response is not None else None,
            )
        )
        surplus = len(self.moments) - MAX_MOMENTS
        if surplus > 0:
            self.dropped += surplus
            del self.moments[:surplus]
