"""Compares libraries that find the nearest of many vectors: time, memory, recall and file size.

python -m tools.benchmarks.search [--vectors 100000] [--dimensions 768] [--data clusters uniform]

Candidates that are not installed are left out (pip install faiss-cpu hnswlib usearch). Each runs in a process
of its own with at most two threads. Recall@10 is against exact search in float32. The queries of "across" lie
beside the vectors, as texts lie beside images.
"""

import argparse
import functools
import importlib.util
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.arrays import Floats
from tools.benchmarks.table import machine, show

TOP_K, QUERIES, THREADS = 10, 100, 2
"""Number of vectors that are searched, of queries, and of threads."""

RANK, CENTRES, SPREAD, NOISE = 64, 1000, 0.6, 0.02
"""Dimensions of the subspace of clusters, their number, and their deviations in and around the subspace."""

NEIGHBOURS, BUILD_EFFORT, SEARCH_EFFORT, RESCORED = 16, 128, 128, 100
"""Parameters M, efConstruction and efSearch of HNSW, and number of candidates that are compared again."""

Find = Callable[[Floats], Any]
"""Returns the ids of the nearest vectors of one query, float32 [1, D]."""


@dataclass(frozen=True)
class Built:
    """A candidate with its vectors.

    Attributes:
        find: Searches the nearest vectors.
        save: Writes a file; None where there is nothing to write.
    """

    find: Find
    save: Callable[[str], object] | None = None


def numpy_exact(vectors: Floats) -> Built:
    """Search by one matrix product in float32."""

    def find(query: Floats) -> Any:
        scores = vectors @ query[0]
        best = np.argpartition(-scores, TOP_K)[:TOP_K]
        return best[np.argsort(-scores[best])]

    return Built(find)


def codes_exact(vectors: Floats) -> Built:
    """Search as the service does: scan int8 codes by simsimd, then compare the best again in float16."""
    from adapters.index_codes import QuantizedVectors

    codes = QuantizedVectors.empty(vectors.shape[1]).with_appended(np.arange(len(vectors)), vectors)
    kept = vectors.astype(np.float16)

    def find(query: Floats) -> Any:
        ids = codes.nearest(query[0], RESCORED)
        return ids[np.argsort(-(kept[ids].astype(np.float32) @ query[0]))[:TOP_K]]

    return Built(find, lambda path: np.save(path, codes.rows[: codes.len]))


def usearch_exact(vectors: Floats) -> Built:
    """Search the same codes by usearch."""
    from usearch.index import MetricKind, search

    from adapters.index_codes import quantize_int8

    codes, kept = quantize_int8(vectors), vectors.astype(np.float16)

    def find(query: Floats) -> Any:
        found = search(codes, quantize_int8(query), RESCORED, MetricKind.Cos, exact=True, threads=THREADS)
        ids = np.asarray(found.keys, np.int64).ravel()
        return ids[np.argsort(-(kept[ids].astype(np.float32) @ query[0]))[:TOP_K]]

    return Built(find, lambda path: np.save(path, codes))


def usearch_graph(vectors: Floats, dtype: str) -> Built:
    """Search by the hierarchical navigable small worlds (HNSW) of usearch."""
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
    return Built(lambda query: index.search(query[0], TOP_K).keys, index.save)


def hnswlib_graph(vectors: Floats) -> Built:
    """Search by the HNSW of its authors."""
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), ef_construction=BUILD_EFFORT, M=NEIGHBOURS)
    index.add_items(vectors, num_threads=THREADS)
    index.set_ef(SEARCH_EFFORT)
    return Built(lambda query: index.knn_query(query, TOP_K)[0], index.save_index)


def faiss_index(vectors: Floats, description: str) -> Built:
    """Search by an index of faiss, given its factory string."""
    import faiss

    faiss.omp_set_num_threads(THREADS)
    index = faiss.index_factory(vectors.shape[1], description, faiss.METRIC_INNER_PRODUCT)
    if "HNSW" in description:
        index.hnsw.efConstruction, index.hnsw.efSearch = BUILD_EFFORT, SEARCH_EFFORT
    index.train(vectors[:10_000])
    index.add(vectors)
    return Built(lambda query: index.search(query, TOP_K)[1], lambda path: faiss.write_index(index, path))


DATA = ["clusters", "across", "uniform"]
"""Kinds of data."""

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
"""Module that must be installed, and function that builds the index, by the title of the candidate."""


def uniform(count: int, dimensions: int, seed: int) -> Floats:
    """Return unit vectors [count, dimensions] in uniform directions, which are the hardest to search."""
    return unit(np.random.default_rng(seed).standard_normal((count, dimensions), np.float32))


def clusters(count: int, dimensions: int, seed: int, shift: float = 0.0) -> Floats:
    """Return unit vectors [count, dimensions] around centres in a subspace, as those of images lie.

    Args:
        count: Number of vectors.
        dimensions: Their length.
        seed: Seed of the vectors; the centres are always the same.
        shift: Distance by which all vectors are moved aside.
    """
    shared, own = np.random.default_rng(1), np.random.default_rng(seed)
    basis = np.linalg.qr(shared.standard_normal((dimensions, RANK)))[0].T.astype(np.float32)
    centres = shared.standard_normal((CENTRES, RANK), np.float32)
    aside = shift * unit(shared.standard_normal((1, dimensions), np.float32)) * RANK**0.5
    low = centres[own.integers(0, CENTRES, count)] + SPREAD * own.standard_normal((count, RANK), np.float32)
    return unit(low @ basis + NOISE * own.standard_normal((count, dimensions), np.float32) + aside)


def unit(vectors: Floats) -> Floats:
    """Return the vectors [N, D] at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def vectors_and_queries(data: str, count: int, dimensions: int) -> tuple[Floats, Floats]:
    """Return vectors [count, dimensions] and queries [QUERIES, dimensions] of one kind of data."""
    if data == "uniform":
        return uniform(count, dimensions, 2), uniform(QUERIES, dimensions, 3)
    shift = 1.0 if data == "across" else 0.0
    return clusters(count, dimensions, 2), clusters(QUERIES, dimensions, 3, shift)


def measure(name: str, folder: str) -> list[str]:
    """Measure one candidate in this process, and return its row of the table.

    Args:
        name: Key of CANDIDATES.
        folder: Folder of vectors.npy, queries.npy and truth.npy; the index is written there.
    """
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
        found = np.asarray(built.find(query[None])).ravel()[:TOP_K]
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
    """Return the present memory of this process in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--vectors", type=int, default=100_000, help=f"number of vectors, at least {RESCORED}"
    )
    parser.add_argument("--dimensions", type=int, default=768, help=f"their length, at least {RANK}")
    parser.add_argument("--data", nargs="+", choices=DATA, default=DATA, help="kinds of data")
    parser.add_argument("--only", nargs="+", choices=list(CANDIDATES), default=list(CANDIDATES))
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    print(machine())
    names = [name for name in args.only if importlib.util.find_spec(CANDIDATES[name][0])]
    head = ["candidate", "build s", "p50 ms", "best ms", "p50 ms of CPU", "recall@10", "memory MB", "file MB"]
    for data in args.data:
        rows = measure_all(names, *vectors_and_queries(data, args.vectors, args.dimensions))
        show(f"{data}: {args.vectors:,} vectors of {args.dimensions}", head, rows)


def measure_all(names: Sequence[str], vectors: Floats, queries: Floats) -> list[list[str]]:
    """Measure each candidate in a process of its own, and return the rows of the table."""
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :TOP_K]
    with tempfile.TemporaryDirectory() as folder:
        for part, array in (("vectors", vectors), ("queries", queries), ("truth", truth)):
            np.save(Path(folder) / f"{part}.npy", array)
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            return [pool.apply(measure, (name, folder)) for name in names]


if __name__ == "__main__":
    main()
