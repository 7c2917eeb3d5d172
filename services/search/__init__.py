"""Search: photographs and their regions by text, by picture, or by another region."""

from services.search.duplicates import Found
from services.search.folder import FolderIndex
from services.search.indexing import Indexed, IndexOptions, IndexService
from services.search.searching import SearchOptions, SearchService
from services.search.space import Space

__all__ = [
    "FolderIndex",
    "Found",
    "IndexOptions",
    "IndexService",
    "Indexed",
    "SearchOptions",
    "SearchService",
    "Space",
]
