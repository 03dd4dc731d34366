"""Bytes to text: which encoding a file is in when nothing, or a liar, says so."""

from __future__ import annotations

import codecs
import re

from loccit.index.errors import UnreadableDocument
from loccit.index.parsing.sniffing import looks_binary, real_kind

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16 LE
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

LEGACY_ENCODINGS = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "cp932", "gb18030", "big5hkscs", "cp949",
)  # fmt: skip
"""What people's old files are in, the likelier first: the order decides between equals."""

DETECTION_BYTES = 256 * 1024  # enough to tell an encoding; the whole file is decoded afterwards
CHAOS_MARGIN = 0.02  # charset-normalizer's scores nearer than these are equal
COHERENCE_MARGIN = 0.05
KANA_SHARE = 0.2  # Japanese has a third to a half of kana; other scripts misread, hardly any
SOUND_PER_DAMAGED = 3  # non-ASCII characters; of a legacy encoding, hardly any is UTF-8 by chance
UTF16_NUL_SHARE = 0.3  # half of the bytes of Latin text in UTF-16 are NUL

_SINGLE_BYTE = ("cp125", "windows-125", "iso-8859", "iso8859", "koi8", "macroman", "macintosh")

_KANA = re.compile("[\u3040-\u30ff]")
_NON_ASCII = re.compile("[^\x00-\x7f]")


def decode(data: bytes, source: str, *, declared: str | None = None) -> str:
    """Return the text of ``data``: its byte order mark, ``declared``, UTF-8 or the likeliest.

    UTF-8 comes first where ``declared`` has one byte a character: its longer characters are hardly
    ever right by chance, and a template's old declaration often lies.

    Raises:
        UnreadableDocument: the data is another kind of file, or no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, errors="replace")
    kind = real_kind(data)
    if kind:
        raise UnreadableDocument(
            source, f"this looks like {kind}, not like text; rename it with its real suffix"
        )
    wide = _utf16_without_bom(data)
    if wide:
        return data.decode(wide, errors="replace")
    if looks_binary(data):
        raise UnreadableDocument(
            source, "this looks like binary data, not like text; save it as text first"
        )
    candidates = ("utf-8", declared) if _is_single_byte(declared) else (declared, "utf-8")
    for candidate in candidates:
        text = _strictly(data, candidate)
        if text is not None:
            return text
    return _nearly_utf8(data) or _decode_legacy(data)


def _is_single_byte(encoding: str | None) -> bool:
    """Tell whether every byte is a character in an encoding, so that none is ever wrong."""
    name = (encoding or "").lower()
    return name.startswith(_SINGLE_BYTE)


def _nearly_utf8(data: bytes) -> str | None:
    """Decode UTF-8 with surrogates in it, or with a few damaged bytes; None for anything else."""
    try:
        # Some programs write the two halves of a character beyond U+FFFF one by one.
        halves = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace")
    except UnicodeError:
        text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    sound = len(_NON_ASCII.findall(text)) - damaged
    return text if sound >= SOUND_PER_DAMAGED * damaged else None


def _strictly(data: bytes, encoding: str | None) -> str | None:
    """Decode without forgiving an error; None when that fails or the encoding is unknown."""
    if encoding is None:
        return None
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _utf16_without_bom(data: bytes) -> str | None:
    """Recognise UTF-16 by its zero bytes, all of them on one side."""
    sample = data[: 4096 - len(data) % 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    for share, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if share / half > UTF16_NUL_SHARE and other == 0 and _strictly(data, encoding) is not None:
            return encoding
    return None


def _decode_legacy(data: bytes) -> str:
    """Decode text that is not Unicode in the encoding it most likely is in."""
    sample = data[:DETECTION_BYTES]
    if len(data) > len(sample):  # don't cut a character in two
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    encoding = _japanese(sample) or _likeliest(sample)
    text = _strictly(data, encoding)
    return data.decode(encoding, errors="replace") if text is None else text


def _japanese(sample: bytes) -> str | None:
    """Tell Shift-JIS and EUC-JP by their kana, which the detector takes for Big5 or Korean."""
    for encoding in ("euc_jp", "cp932"):
        text = _strictly(sample, encoding)
        if text and len(_KANA.findall(text)) > KANA_SHARE * len(_NON_ASCII.findall(text)):
            # Half-width katakana, which any bytes give in Shift-JIS, lie outside of this range.
            return encoding
    return None


def _likeliest(sample: bytes) -> str:
    """Ask charset-normalizer; between equals the first of ``LEGACY_ENCODINGS`` wins."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(LEGACY_ENCODINGS))
    best = matches.best()
    if best is None:
        return LEGACY_ENCODINGS[0]
    equals = {
        match.encoding
        for match in matches
        if match.chaos <= best.chaos + CHAOS_MARGIN
        and match.coherence >= best.coherence - COHERENCE_MARGIN
    }
    return next((name for name in LEGACY_ENCODINGS if name in equals), str(best.encoding))
