"""Images of a request: uploaded before, or sent in the call."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from api.contract.form_body import SentFile
from api.contract.images import ImageFields, RequestImage
from api.http.context import context
from domain.errors import ServiceError
from services.images.data_url import decode_base64_image
from services.images.photo import Photo
from services.progress import Progress


@contextmanager
def request_images(request: ImageFields, progress: Progress) -> Iterator[list[RequestImage]]:
    """Yield the images that a request names or sends, in order.

    Files are fetched and stored now, so no turn of the admission is held meanwhile. Of several, one that
    cannot be stored raises its error when it is opened. Where the block raises, what was stored is deleted.

    Raises:
        ServiceError: The only image cannot be decoded, fetched or stored.
    """
    images = [RequestImage.uploaded(context().images, file_id) for file_id in request.uploaded_ids]
    files = _sent_files(request, progress)
    try:
        for file in files:
            images.append(_sent_image(file, request.store, len(files) > 1, progress))
        yield images
    except BaseException:
        for stored in filter(None, (image.stored for image in images)):
            context().images.remove(stored)
        raise


def _sent_files(request: ImageFields, progress: Progress) -> Sequence[SentFile]:
    if request.image_url is not None:
        with progress.stage("fetch"):
            return [SentFile(None, context().fetcher.fetch(request.image_url))]
    if isinstance(request.image, str):
        return [SentFile(None, decode_base64_image(request.image))]
    return request.image or ()


def _sent_image(file: SentFile, store: bool, several: bool, progress: Progress) -> RequestImage:
    name = {} if file.name is None else {"name": file.name}
    if not store:
        return RequestImage(name, partial(context().images.sent_photo, file.data))
    try:
        with progress.stage("upload"):
            file_id = context().images.upload(file.data).file_id
    except ServiceError as error:
        if not several:
            raise
        return RequestImage(name, partial(_fail, error))
    return RequestImage({"file_id": file_id, **name}, partial(context().images.photo, file_id), file_id)


def _fail(error: ServiceError) -> Photo:
    raise error
