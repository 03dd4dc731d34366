"""Measures during a run how well a network reads given paragraphs, on questions kept back."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer

from loccit.qa.evaluation.measures import area_under_roc, exact_match, f1
from loccit.qa.reading.cross_encoder import Pair, ScoredSpan, best_spans, encode, pad_inputs
from loccit.qa.training.examples import SEED, is_trained_on
from loccit.qa.training.network import Network
from loccit.qa.training.preparing import Prepared, Text

VALIDATION = "squad_validation"
PER_KIND = 400  # questions of each kind

_BATCH = 32


def validate(
    network: Network, questions: Sequence[Prepared], texts: Sequence[Text], tokenizer: Tokenizer
) -> dict[str, float]:
    """Return exact match, F1 and the areas under the ROC curve of "answered here".

    ``squad_*``: the validation articles, ``other_*``: a mixture of the other sets' kept-back
    titles; ``area_impossible``: answerable against not, each with its own paragraph;
    ``area_negative``: answerable against mined negatives.
    """
    kept = [question for question in questions if not is_trained_on(question)]
    squad = [q for q in kept if q.source == VALIDATION and q.paragraph.answers]
    impossible = [q for q in kept if q.source == VALIDATION and not q.paragraph.answers]
    other = [q for q in kept if q.source != VALIDATION and q.paragraph.answers]
    squad, impossible, other = (_sample(group) for group in (squad, impossible, other))
    scores: dict[str, float] = {}
    margins = {}
    for name, group in (("squad", squad), ("other", other)):
        readings = _read(network, tokenizer, [(q.text, texts[q.paragraph.number]) for q in group])
        margins[name] = [margin for _, margin in readings]
        scores |= _text_scores(name, group, texts, [span for span, _ in readings])
    absent = _read(network, tokenizer, [(q.text, texts[q.paragraph.number]) for q in impossible])
    negative = [(q.text, texts[q.negatives[0]]) for q in squad if q.negatives]
    scores["area_impossible"] = area_under_roc(margins["squad"], [m for _, m in absent])
    scores["area_negative"] = area_under_roc(
        margins["squad"], [m for _, m in _read(network, tokenizer, negative)]
    )
    return scores


def _text_scores(
    name: str,
    group: Sequence[Prepared],
    texts: Sequence[Text],
    spans: Sequence[ScoredSpan | None],
) -> dict[str, float]:
    exact, overlap = 0.0, 0.0
    for question, span in zip(group, spans, strict=True):
        text = texts[question.paragraph.number].text
        golds = [text[a:b] for a, b in question.paragraph.answers]
        found = text[span.start : span.end] if span else ""
        exact += exact_match(found, golds)
        overlap += f1(found, golds)
    return {f"{name}_exact": exact / len(group), f"{name}_f1": overlap / len(group)}


def _sample(group: Sequence[Prepared]) -> list[Prepared]:
    return random.Random(SEED).sample(list(group), min(PER_KIND, len(group)))


@torch.inference_mode()
def _read(
    network: Network, tokenizer: Tokenizer, pairs: Sequence[tuple[str, Text]]
) -> list[tuple[ScoredSpan | None, float]]:
    """Return the best span of each, and how much likelier it is than "no answer here"."""
    encoded = encode(tokenizer, [Pair(asked, "", text.text) for asked, text in pairs])
    order = sorted(range(len(encoded)), key=lambda number: len(encoded[number].ids))
    found: dict[int, tuple[ScoredSpan | None, float]] = {}
    for start in range(0, len(order), _BATCH):
        numbers = order[start : start + _BATCH]
        batch = [encoded[number] for number in numbers]
        length = max(len(item.ids) for item in batch)
        inputs = (torch.from_numpy(array) for array in pad_inputs(batch, length))
        logits = network(*inputs).float().numpy()
        for row, number in enumerate(numbers):
            spans, null = best_spans(encoded[number], logits[row, :, 0], logits[row, :, 1])
            best = spans[0] if spans else None
            found[number] = (best, (best.score if best else -1e4) - null)
    return [found[number] for number in range(len(encoded))]
