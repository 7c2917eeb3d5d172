"""Lists the HTTP cases of the record, in the order in which they are sent."""

from tests.record.case import Case
from tests.record.cases.images import IMAGES
from tests.record.cases.jobs import JOBS
from tests.record.cases.operation import OPERATION
from tests.record.cases.photographs import PHOTOGRAPHS
from tests.record.cases.refused import REFUSED
from tests.record.cases.refused_values import REFUSED_VALUES
from tests.record.cases.search import SEARCH
from tests.record.cases.segment import SEGMENT
from tests.record.cases.vocabularies import VOCABULARIES

CASES: tuple[Case, ...] = (
    *OPERATION,
    *IMAGES,
    *SEGMENT,
    *PHOTOGRAPHS,
    *SEARCH,
    *VOCABULARIES,
    *JOBS,
    *REFUSED,
    *REFUSED_VALUES,
)
