"""How the page's events are listened to: quietly, and answered in the visitor's language."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from loccit.ui.text.language import preferred, speaking

# Asking goes on while files are indexed, and the other way round.
ASKING: dict[str, Any] = {"concurrency_id": "asking", "concurrency_limit": 2}
INDEXING: dict[str, Any] = {"concurrency_id": "indexing", "concurrency_limit": 1}
LOOKING: dict[str, Any] = {"concurrency_id": "looking", "concurrency_limit": None}
# No overlay of Gradio's on the parts that change, and no entry in its API page.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
VISITOR = "visitor"  # the parameter in which Gradio hands over the request


def listen(
    event: Callable[..., Any],
    function: Callable[..., Any],
    inputs: Any,
    outputs: Any,
    **how: Any,
) -> Any:
    """Answer an event with a function, or a generator of steps, in the visitor's language."""
    return event(in_visitors_language(function), inputs, outputs, **QUIET, **how)


def in_visitors_language(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with one more parameter, the first, by which Gradio passes the request.

    Gradio tells what to pass by a function's signature, so the new one has it in full.
    """
    signature = inspect.signature(function, eval_str=True)

    def steps(visitor: gr.Request, *values: Any) -> Iterator[Any]:
        language = _language_of(visitor)
        with closing(function(*values)) as iterator:
            while True:
                # Each step may run in another thread, with a context of its own.
                with speaking(language):
                    try:
                        step = next(iterator)
                    except StopIteration:
                        return
                yield step

    def answer(visitor: gr.Request, *values: Any) -> Any:
        with speaking(_language_of(visitor)):
            return function(*values)

    made: Any = steps if inspect.isgeneratorfunction(function) else answer
    first = inspect.Parameter(
        VISITOR, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request
    )
    made.__signature__ = signature.replace(parameters=[first, *signature.parameters.values()])
    made.__annotations__ = {
        name: parameter.annotation for name, parameter in made.__signature__.parameters.items()
    }
    return made  # type: ignore[no-any-return]


def _language_of(visitor: gr.Request) -> str:
    return preferred(visitor.headers.get("accept-language", ""))
