"""loccit and its peers behind one protocol, each as its own documentation sets it up.

All use the weights of all-MiniLM-L6-v2 that loccit's default model is, from the disk. A peer is
imported by what needs it, so that a system's start is its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from loccit_system import Loccit
from texts import Vectors

from loccit.index.models.default_model import DEFAULT_DIMENSION, default_model_directory
from loccit.qa.reading.own_model import OWN_MODEL

MODEL = str(default_model_directory())
BATCH = 32  # texts in one forward pass, as each peer's documentation has it
CHROMA_BATCH = 5_000  # rows that its client takes at once


class System(Protocol):
    """What is compared; made for a folder of its own."""

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Index texts and write them to the folder; embed them where no vectors are given."""
        ...

    def load(self) -> None:
        """Open what the folder holds."""
        ...

    def search(self, question: str, k: int) -> list[str]:
        """Return the texts nearest to a question, best first."""
        ...


class Answering(System, Protocol):
    """A system that also reads what it finds; `load_reader` is called after ``load``."""

    def load_reader(self) -> None:
        """Make the reader ready."""
        ...

    def ask(self, question: str, k: int) -> str:
        """Return the answer that the ``k`` nearest texts give, or "" where they give none."""
        ...


class ByHand:
    """sentence-transformers and FAISS, as its examples of semantic search put them together."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        self._folder = folder
        self._model = SentenceTransformer(MODEL, device="cpu")

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Embed, and write a flat index beside the texts."""
        import faiss

        if vectors is None:
            vectors = _encode(self._model, texts)
        flat = faiss.IndexFlatIP(DEFAULT_DIMENSION)
        flat.add(vectors)
        self._folder.mkdir(parents=True)
        faiss.write_index(flat, str(self._folder / "vectors"))
        (self._folder / "texts.json").write_text(json.dumps(list(texts)), encoding="utf-8")

    def load(self) -> None:
        """Read both files."""
        import faiss

        self._flat = faiss.read_index(str(self._folder / "vectors"))
        self._texts = json.loads((self._folder / "texts.json").read_text(encoding="utf-8"))

    def search(self, question: str, k: int) -> list[str]:
        """Embed the question and look its neighbours up."""
        row = _encode(self._model, [question])
        return [self._texts[number] for number in self._flat.search(row, k)[1][0]]


class LangChain:
    """langchain-huggingface and langchain-community's FAISS."""

    def __init__(self, folder: Path) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        self._folder = folder
        self._embeddings = HuggingFaceEmbeddings(
            model_name=MODEL,
            model_kwargs={"device": "cpu"},
            encode_kwargs={"batch_size": BATCH, "normalize_embeddings": True},
        )

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Build the store and save it."""
        from langchain_community.vectorstores import FAISS

        if vectors is None:
            store = FAISS.from_texts(list(texts), self._embeddings)
        else:
            pairs = zip(texts, vectors.tolist(), strict=True)
            store = FAISS.from_embeddings(list(pairs), self._embeddings)
        store.save_local(str(self._folder))

    def load(self) -> None:
        """Load the store."""
        from langchain_community.vectorstores import FAISS

        self._store = FAISS.load_local(
            str(self._folder), self._embeddings, allow_dangerous_deserialization=True
        )

    def search(self, question: str, k: int) -> list[str]:
        """Search by similarity."""
        return [found.page_content for found in self._store.similarity_search(question, k)]


class LlamaIndex:
    """llama-index with its FAISS store."""

    def __init__(self, folder: Path) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._folder = folder
        self._model = HuggingFaceEmbedding(
            model_name=MODEL, device="cpu", embed_batch_size=BATCH, normalize=True
        )

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Build the index of nodes and persist it."""
        import faiss
        from llama_index.core import StorageContext, VectorStoreIndex
        from llama_index.core.schema import TextNode
        from llama_index.vector_stores.faiss import FaissVectorStore

        rows = _rows(texts, vectors)
        nodes = [TextNode(text=text, embedding=row) for text, row in zip(texts, rows, strict=True)]
        store = FaissVectorStore(faiss.IndexFlatIP(DEFAULT_DIMENSION))
        context = StorageContext.from_defaults(vector_store=store)
        made = VectorStoreIndex(nodes, storage_context=context, embed_model=self._model)
        made.storage_context.persist(str(self._folder))

    def load(self) -> None:
        """Load the index."""
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.vector_stores.faiss import FaissVectorStore

        store = FaissVectorStore.from_persist_dir(str(self._folder))
        context = StorageContext.from_defaults(vector_store=store, persist_dir=str(self._folder))
        self._index = load_index_from_storage(context, embed_model=self._model)

    def search(self, question: str, k: int) -> list[str]:
        """Ask its retriever."""
        retriever = self._index.as_retriever(similarity_top_k=k)
        return [found.node.get_content() for found in retriever.retrieve(question)]


class Haystack:
    """haystack-ai with its in-memory store, saved to the disk, and sentence-transformers."""

    def __init__(self, folder: Path) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders import sentence_transformers as embedders

        self._folder = folder
        self._store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        options = {"local_files_only": True, "progress_bar": False, "normalize_embeddings": True}
        self._documents = embedders.SentenceTransformersDocumentEmbedder(
            model=MODEL, batch_size=BATCH, **options
        )
        self._questions = embedders.SentenceTransformersTextEmbedder(model=MODEL, **options)

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Embed, write into the store, and save it."""
        from haystack import Document as HaystackDocument

        rows = _rows(texts, vectors)
        documents = [
            HaystackDocument(content=text, embedding=row)
            for text, row in zip(texts, rows, strict=True)
        ]
        if vectors is None:
            self._documents.warm_up()
            documents = self._documents.run(documents)["documents"]
        self._store.write_documents(documents)
        self._folder.mkdir(parents=True)
        self._store.save_to_disk(str(self._folder / "store.json"))

    def load(self) -> None:
        """Read the store."""
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

        self._store = type(self._store).load_from_disk(str(self._folder / "store.json"))
        self._retriever = InMemoryEmbeddingRetriever(self._store)
        self._questions.warm_up()

    def search(self, question: str, k: int) -> list[str]:
        """Embed the question and retrieve."""
        return [document.content for document in self._retrieve(question, k)]

    def load_reader(self) -> None:
        """Give loccit's reader to Haystack's, as a checkpoint of Hugging Face's."""
        from haystack_integrations.components.readers.transformers import (
            TransformersExtractiveReader,
        )

        checkpoint = self._folder / "reader"
        if not checkpoint.exists():
            from loccit.qa.training.network import load
            from loccit.qa.training.stages import export

            export(load(OWN_MODEL), checkpoint)
        self._reader = TransformersExtractiveReader(str(checkpoint), top_k=1)
        self._reader.warm_up()

    def ask(self, question: str, k: int) -> str:
        """Retrieve and read."""
        answers = self._reader.run(query=question, documents=self._retrieve(question, k))["answers"]
        return answers[0].data or ""

    def _retrieve(self, question: str, k: int) -> list[Any]:
        row = self._questions.run(question)["embedding"]
        found: list[Any] = self._retriever.run(query_embedding=row, top_k=k)["documents"]
        return found


class Txtai:
    """txtai with its own storage of texts."""

    def __init__(self, folder: Path) -> None:
        from txtai import Embeddings

        self._folder = folder
        self._embeddings = Embeddings(path=MODEL, content=True, gpu=False, encodebatch=BATCH)

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Index and save."""
        if vectors is not None:
            raise NotImplementedError("txtai stores no vectors made elsewhere beside its model")
        self._embeddings.index((number, text, None) for number, text in enumerate(texts))
        self._embeddings.save(str(self._folder))

    def load(self) -> None:
        """Load the index."""
        self._embeddings.load(str(self._folder))

    def search(self, question: str, k: int) -> list[str]:
        """Search by similarity."""
        return [found["text"] for found in self._embeddings.search(question, k)]


class Chroma:
    """A persistent client with the sentence-transformers embedding function."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

        self._client = chromadb.PersistentClient(
            str(folder), chromadb.config.Settings(anonymized_telemetry=False)
        )
        self._function = SentenceTransformerEmbeddingFunction(
            model_name=MODEL, device="cpu", normalize_embeddings=True
        )

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Add in the largest batches that its client takes."""
        collection = self._client.create_collection(
            "texts", embedding_function=self._function, metadata={"hnsw:space": "ip"}
        )
        for start in range(0, len(texts), CHROMA_BATCH):
            batch = list(texts[start : start + CHROMA_BATCH])
            ids = [str(number) for number in range(start, start + len(batch))]
            rows = None if vectors is None else vectors[start : start + len(batch)]
            collection.add(ids=ids, documents=batch, embeddings=rows)

    def load(self) -> None:
        """Open the collection."""
        self._collection = self._client.get_collection("texts", self._function)

    def search(self, question: str, k: int) -> list[str]:
        """Query by text."""
        found: list[str] = self._collection.query(query_texts=[question], n_results=k)["documents"][
            0
        ]
        return found


class LanceDb:
    """LanceDB with vectors of sentence-transformers; exact search, as without an index."""

    def __init__(self, folder: Path) -> None:
        import lancedb
        from sentence_transformers import SentenceTransformer

        self._database = lancedb.connect(str(folder))
        self._model = SentenceTransformer(MODEL, device="cpu")

    def add(self, texts: Sequence[str], vectors: Vectors | None) -> None:
        """Write a table of texts and vectors."""
        if vectors is None:
            vectors = _encode(self._model, texts)
        rows = [{"vector": r, "text": t} for r, t in zip(vectors, texts, strict=True)]
        self._database.create_table("texts", rows)

    def load(self) -> None:
        """Open the table."""
        self._table = self._database.open_table("texts")

    def search(self, question: str, k: int) -> list[str]:
        """Search by inner product."""
        row = _encode(self._model, [question])[0]
        found = self._table.search(row).distance_type("dot").limit(k).to_list()
        return [item["text"] for item in found]


def _encode(model: Any, texts: Sequence[str]) -> Vectors:
    """Embed as sentence-transformers' documentation does for a search by inner product."""
    rows: Vectors = model.encode(
        list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
    )
    return rows


def _rows(texts: Sequence[str], vectors: Vectors | None) -> Sequence[list[float] | None]:
    """Return a row a text, or none a text where the system is to embed them."""
    return [None] * len(texts) if vectors is None else vectors.tolist()


OURS = "loccit"
ANSWERING = (OURS, "Haystack")  # those that are `Answering`
SYSTEMS: dict[str, Callable[[Path], System]] = {
    OURS: Loccit,
    "by hand": ByHand,
    "LangChain": LangChain,
    "LlamaIndex": LlamaIndex,
    "Haystack": Haystack,
    "txtai": Txtai,
    "Chroma": Chroma,
    "LanceDB": LanceDb,
}
