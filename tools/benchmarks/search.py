"""Which library finds the nearest of many vectors best: building, searching, memory, recall, file size.

python -m tools.benchmarks.search [--vectors 100000] [--dimensions 768] [--data clusters uniform]

Candidates that are not installed are left out (pip install faiss-cpu hnswlib usearch). Each runs in a process
of its own with at most two threads; recall@10 is against exact search in float32. The queries of "across" lie
beside the vectors, as texts lie beside pictures.
"""

import argparse
import functools
import importlib.util
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.arrays import Floats
from tools.benchmarks.table import machine, show

WANTED, QUERIES, THREADS = 10, 100, 2
RANK, CENTRES, SPREAD, NOISE = 64, 1000, 0.6, 0.02
NEIGHBOURS, BUILD_EFFORT, SEARCH_EFFORT, RESCORED = 16, 128, 128, 100

Find = Callable[[Floats], Any]
"""The ids of the nearest of one query [1, D]."""


@dataclass(frozen=True)
class Built:
    """A candidate that is ready.

    Attributes:
        find: Searches.
        save: Writes a file; None where there is nothing to write.
    """

    find: Find
    save: Callable[[str], object] | None = None


def numpy_exact(vectors: Floats) -> Built:
    """One matrix product over float32."""

    def find(query: Floats) -> Any:
        scores = vectors @ query[0]
        best = np.argpartition(-scores, WANTED)[:WANTED]
        return best[np.argsort(-scores[best])]

    return Built(find)


def codes_exact(vectors: Floats) -> Built:
    """What the service does: int8 codes, all scanned by simsimd; the best compared again in float16."""
    from adapters.index_codes import QuantizedVectors

    codes = QuantizedVectors.empty(vectors.shape[1]).with_appended(np.arange(len(vectors)), vectors)
    kept = vectors.astype(np.float16)

    def find(query: Floats) -> Any:
        ids = codes.nearest(query[0], RESCORED)
        return ids[np.argsort(-(kept[ids].astype(np.float32) @ query[0]))[:WANTED]]

    return Built(find, lambda path: np.save(path, codes.rows[: codes.len]))


def usearch_exact(vectors: Floats) -> Built:
    """The same codes scanned by usearch."""
    from usearch.index import MetricKind, search

    from adapters.index_codes import quantize_int8

    codes, kept = quantize_int8(vectors), vectors.astype(np.float16)

    def find(query: Floats) -> Any:
        found = search(codes, quantize_int8(query), RESCORED, MetricKind.Cos, exact=True, threads=THREADS)
        ids = np.asarray(found.keys, np.int64).ravel()
        return ids[np.argsort(-(kept[ids].astype(np.float32) @ query[0]))[:WANTED]]

    return Built(find, lambda path: np.save(path, codes))


def usearch_graph(vectors: Floats, dtype: str) -> Built:
    """Hierarchical navigable small worlds (HNSW) of usearch."""
    from usearch.index import Index

    index = Index(
        ndim=vectors.shape[1],
        metric="cos",
        dtype=dtype,
        connectivity=NEIGHBOURS,
        expansion_add=BUILD_EFFORT,
        expansion_search=SEARCH_EFFORT,
    )
    index.add(np.arange(len(vectors)), vectors, threads=THREADS)
    return Built(lambda query: index.search(query[0], WANTED).keys, index.save)


def hnswlib_graph(vectors: Floats) -> Built:
    """HNSW of its authors."""
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), ef_construction=BUILD_EFFORT, M=NEIGHBOURS)
    index.add_items(vectors, num_threads=THREADS)
    index.set_ef(SEARCH_EFFORT)
    return Built(lambda query: index.knn_query(query, WANTED)[0], index.save_index)


def faiss_index(vectors: Floats, description: str) -> Built:
    """An index of faiss by its factory string."""
    import faiss

    faiss.omp_set_num_threads(THREADS)
    index = faiss.index_factory(vectors.shape[1], description, faiss.METRIC_INNER_PRODUCT)
    if "HNSW" in description:
        index.hnsw.efConstruction, index.hnsw.efSearch = BUILD_EFFORT, SEARCH_EFFORT
    index.train(vectors[:10_000])
    index.add(vectors)
    return Built(lambda query: index.search(query, WANTED)[1], lambda path: faiss.write_index(index, path))


CANDIDATES: Mapping[str, tuple[str, Callable[[Floats], Built]]] = {
    "numpy, float32": ("numpy", numpy_exact),
    "simsimd, exact, int8, best 100 in float16": ("simsimd", codes_exact),
    "usearch, exact, int8, best 100 in float16": ("usearch", usearch_exact),
    "faiss, exact, float32": ("faiss", functools.partial(faiss_index, description="Flat")),
    "faiss, exact, float16": ("faiss", functools.partial(faiss_index, description="SQfp16")),
    "faiss, exact, int8": ("faiss", functools.partial(faiss_index, description="SQ8")),
    "usearch, graph, float16": ("usearch", functools.partial(usearch_graph, dtype="f16")),
    "usearch, graph, int8": ("usearch", functools.partial(usearch_graph, dtype="i8")),
    "faiss, graph, float32": ("faiss", functools.partial(faiss_index, description="HNSW16")),
    "hnswlib, graph, float32": ("hnswlib", hnswlib_graph),
}


def uniform(count: int, dimensions: int, seed: int) -> Floats:
    """Unit vectors in all directions alike: the hardest there is."""
    return unit(np.random.default_rng(seed).standard_normal((count, dimensions), np.float32))


def clusters(count: int, dimensions: int, seed: int, shift: float = 0.0) -> Floats:
    """Unit vectors about centres in a space of low rank, as pictures have them; `shift` moves them aside."""
    shared, own = np.random.default_rng(1), np.random.default_rng(seed)
    basis = np.linalg.qr(shared.standard_normal((dimensions, RANK)))[0].T.astype(np.float32)
    centres = shared.standard_normal((CENTRES, RANK), np.float32)
    aside = shift * unit(shared.standard_normal((1, dimensions), np.float32)) * RANK**0.5
    low = centres[own.integers(0, CENTRES, count)] + SPREAD * own.standard_normal((count, RANK), np.float32)
    return unit(low @ basis + NOISE * own.standard_normal((count, dimensions), np.float32) + aside)


def unit(vectors: Floats) -> Floats:
    """The same at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def made(data: str, count: int, dimensions: int) -> tuple[Floats, Floats]:
    """Vectors and queries."""
    if data == "uniform":
        return uniform(count, dimensions, 2), uniform(QUERIES, dimensions, 3)
    shift = 1.0 if data == "across" else 0.0
    return clusters(count, dimensions, 2), clusters(QUERIES, dimensions, 3, shift)


def measure(name: str, folder: str) -> list[str]:
    """One row of the table, in a process that does nothing else."""
    vectors, queries, truth = (
        np.load(Path(folder) / f"{part}.npy") for part in ("vectors", "queries", "truth")
    )
    before, start = resident_mb(), time.perf_counter()
    built = CANDIDATES[name][1](vectors)
    build_s = time.perf_counter() - start
    memory = resident_mb() - before
    built.find(queries[:1])
    walls, cpus, hits = [], [], 0
    for query, best in zip(queries, truth, strict=True):
        wall, cpu = time.perf_counter(), time.process_time()
        found = np.asarray(built.find(query[None])).ravel()[:WANTED]
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        hits += len({*found.tolist()} & {*best.tolist()})
    file = Path(folder) / "index.npy"
    if built.save:
        built.save(str(file))
    size = f"{file.stat().st_size / 1e6:.0f}" if built.save else "-"
    times = [f"{value * 1e3:.1f}" for value in (np.median(walls), min(walls), np.median(cpus))]
    return [name, f"{build_s:.1f}", *times, f"{hits / truth.size:.3f}", f"{memory:.0f}", size]


def resident_mb() -> float:
    """Memory of this process now, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--dimensions", type=int, default=768)
    parser.add_argument("--data", nargs="+", default=["clusters", "across", "uniform"])
    parser.add_argument("--only", nargs="+", default=list(CANDIDATES))
    args = parser.parse_args()
    print(machine())
    names = [name for name in args.only if importlib.util.find_spec(CANDIDATES[name][0])]
    head = ["candidate", "build s", "p50 ms", "best ms", "p50 ms of CPU", "recall@10", "memory MB", "file MB"]
    for data in args.data:
        with tempfile.TemporaryDirectory() as folder:
            vectors, queries = made(data, args.vectors, args.dimensions)
            truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :WANTED]
            for part, array in (("vectors", vectors), ("queries", queries), ("truth", truth)):
                np.save(Path(folder) / f"{part}.npy", array)
            with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
                rows = [pool.apply(measure, (name, folder)) for name in names]
            show(f"{data}: {args.vectors:,} vectors of {args.dimensions}", head, rows)


if __name__ == "__main__":
    main()
