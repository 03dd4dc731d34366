"""What must be the same at indexing and at query time; stored in the index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from loccit.index.errors import DamagedIndex, IndexMismatch

# Rises whenever an older loccit could misread what a newer one wrote.
FORMAT_VERSION = 4
READ_FORMATS = (2, 3, FORMAT_VERSION)  # an older index is upgraded when it is opened

DAMAGED = "the settings of the index are damaged: run `loccit doctor --repair`"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """The model and the layout an index was made with.

    ``model_fingerprint`` changes whenever the same text would get another vector;
    ``passage_tokens`` is the most word pieces a passage may have.
    """

    model_name: str
    model_fingerprint: str
    dimension: int
    passage_tokens: int
    format_version: int = FORMAT_VERSION

    def makes_the_same(self, other: IndexSettings) -> bool:
        """Tell whether both make the same passages and vectors, wherever the model is."""
        return replace(self, model_name=other.model_name) == other

    def to_json(self) -> str:
        """Return the settings as the text that the catalogue stores."""
        values = asdict(self)
        return json.dumps({**values, "digest": _digest(values)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> IndexSettings:
        """Read stored settings, of an older format as they are once the index is upgraded.

        Raises:
            IndexMismatch: a later loccit wrote them.
            DamagedIndex: they can't be read.
        """
        try:
            values = json.loads(text)
            digest = values.pop("digest", None)  # an older loccit made none
            settings = cls(**values)
        except (ValueError, TypeError, AttributeError) as error:
            raise DamagedIndex(DAMAGED) from error
        version = settings.format_version
        if version not in READ_FORMATS:
            raise IndexMismatch(
                f"the index has format {version}, this loccit reads format {FORMAT_VERSION}: "
                "use the loccit that made it, or add the files to a new index"
            )
        if digest not in (None, _digest(values)):
            raise DamagedIndex(DAMAGED)
        return replace(settings, format_version=FORMAT_VERSION)


def _digest(values: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
