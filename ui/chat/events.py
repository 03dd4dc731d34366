"""How the page listens to events: without overlays, and in the visitor's language."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from loccit.ui.text.language import preferred, speaking

# Questions and indexing do not wait for each other.
ASKING: dict[str, Any] = {"concurrency_id": "asking", "concurrency_limit": 2}
INDEXING: dict[str, Any] = {"concurrency_id": "indexing", "concurrency_limit": 1}
LOOKING: dict[str, Any] = {"concurrency_id": "looking", "concurrency_limit": None}
# Gradio shows no overlay on the parts that change, and lists no event on its API page.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
VISITOR = "visitor"  # the parameter by which Gradio passes the request


def listen(
    event: Callable[..., Any],
    function: Callable[..., Any],
    inputs: Any,
    outputs: Any,
    **how: Any,
) -> Any:
    """Answer an event by a function, or by a generator of steps, in the visitor's language."""
    return event(in_visitors_language(function), inputs, outputs, **QUIET, **how)


def in_visitors_language(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a new first parameter, by which Gradio passes the request.

    Gradio reads from the signature what to pass, so the new function has a full signature.
    """
    signature = inspect.signature(function, eval_str=True)

    def steps(visitor: gr.Request, *values: Any) -> Iterator[Any]:
        language = _language_of(visitor)
        with closing(function(*values)) as iterator:
            while True:
                # Each step may run in another thread, which has its own context.
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
