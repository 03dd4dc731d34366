"""Breaks files at random and parses them: each gives a sound document or a reason, never more.

    python tests/fuzzing.py --executions 20000 --seeds some/folder --keep crashes/

Seeds are small files of every format and, with ``--seeds``, a folder's own. What breaks the
promise is kept, to become a fixture. The tests do a few hundred executions.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from parsing_fixtures import check_document, docx_bytes, new_pdf, pdf_bytes, pdf_heading, pdf_lines
from patience import PATIENCE_SECONDS

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing import SUPPORTED_SUFFIXES
from loccit.index.parsing.worker import ParserProcess

MAX_SEED_BYTES = 200_000
TOKENS = (
    b"<", b">", b"&#0;", b"<table>", b"<![CDATA[", b"</p>", b"# ", b"```", b"| a | b |\n|--|--|\n",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r", b"obj", b"endobj", b"stream",
    b"/Kids [1 0 R]", b"/Length 99999999", b"/Parent 3 0 R", b"<w:p>", b"<w:tbl>", b"PK\x03\x04",
)  # fmt: skip


def seeds() -> list[tuple[str, bytes]]:
    """Return a suffix and a small sound file of every format."""
    pdf = new_pdf()
    pdf.add_page()
    pdf_heading(pdf, "A heading", 18)
    pdf_lines(pdf, "The rent is 900 euros", "and is paid by the month.")
    markdown = b"# Lease\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n"
    page = (
        b"<!doctype html><html><head><title>Lease</title><meta charset=utf-8></head><body><nav>x"
        b"</nav><h1>Rent</h1><p>900 <b>euros</b></p><table><tr><td>1<td>2</table></body></html>"
    )
    return [
        (".txt", "The rent is 900 euros.\n\nIt is naïve – isn’t it?".encode()),
        (".txt", "Wide: Straße 東京".encode("utf-16")),
        (".md", markdown),
        (".html", page),
        (".pdf", pdf_bytes(pdf)),
        (".docx", docx_bytes(lambda d: (d.add_heading("Rent"), d.add_table(2, 2)))),
    ]


def folder_seeds(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the folder's own files that are not too large."""
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.lower()
        if suffix in SUPPORTED_SUFFIXES and 0 < path.stat().st_size < MAX_SEED_BYTES:
            yield suffix, path.read_bytes()


def mutate(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """Return the data broken in one to six ways; half of the time inside a ZIP's members."""
    if data[:2] == b"PK" and rng.random() < 0.5:
        return _mutate_members(data, rng)
    broken = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(broken) + 1)
        end = min(len(broken), at + rng.choice((1, 4, 64, 1024)))
        kind = rng.randrange(6)
        if kind == 0:
            broken[at:end] = rng.randbytes(end - at)
        elif kind == 1:
            del broken[at:end]
        elif kind == 2:
            broken[at:at] = broken[at:end] * rng.choice((1, 3, 300))
        elif kind == 3:
            broken[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 50, 5_000))
        elif kind == 4:
            start = rng.randrange(len(other) + 1)
            broken[at:end] = other[start : start + 512]
        else:
            del broken[at:]
    return bytes(broken)


def _mutate_members(data: bytes, rng: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as package:
        names = source.namelist()
        chosen = rng.choice(names)
        for name in names:
            content = source.read(name)
            package.writestr(name, mutate(content, rng, b"<w:p/>") if name == chosen else content)
    return target.getvalue()


def fuzz(
    executions: int, seed: int, extra: Sequence[tuple[str, bytes]] = (), keep: Path | None = None
) -> tuple[Counter[str], list[str]]:
    """Return how many came to which end, and what broke the promise."""
    rng = random.Random(seed)
    corpus = [*seeds(), *extra]
    ends: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as folder, ParserProcess() as parser:
        for _ in range(executions):
            suffix, data = rng.choice(corpus)
            data = mutate(data, rng, rng.choice(corpus)[1])
            if rng.random() < 0.05:
                suffix = rng.choice(SUPPORTED_SUFFIXES)
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(data)
            try:
                check_document(parser.parse(path, timeout=PATIENCE_SECONDS))
                ends["a document"] += 1
                continue
            except UnreadableDocument as error:
                problem = error.reason
            except AssertionError as error:
                problem = f"unsound: {error}"
            if not problem.startswith(("unsound", "the parser crashed", "took longer")):
                ends["a reason"] += 1
                continue
            ends["broken"] += 1
            name = f"{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
            broken.append(f"{name}: {problem}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / name).write_bytes(data)
    return ends, broken


def main() -> None:
    """Fuzz and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    extra = list(folder_seeds(options.seeds)) if options.seeds else []
    ends, broken = fuzz(options.executions, options.seed, extra, options.keep)
    print(f"{options.executions} executions from {len(seeds()) + len(extra)} files: {dict(ends)}")
    for line in broken:
        print(line)


if __name__ == "__main__":
    main()
