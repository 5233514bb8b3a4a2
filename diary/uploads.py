"""Photos on their way in: held in memory up to the limit, never written to a disk, the rest of a large one read past.

A photo that is too large must not take the entry with it, so the request is read to its end.
"""

import re
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from diary.models import MOST_PHOTOS, PHOTO_SYMPTOMS

FIELD = re.compile(r'(?P<symptom>[A-Z]{2,16})\.photo')


def symptom_of(name: str) -> str:
    """The symptom that a field of this name takes photos of; empty for all other fields."""
    field = FIELD.fullmatch(name)
    return field['symptom'] if field and field['symptom'] in PHOTO_SYMPTOMS else ''


class PhotoHandler(FileUploadHandler):
    """Takes the fields named `RASH.photo`; all others go on to Django's own handlers.

    What comes out has the true `size`; its content is empty when that is over `PHOTO_MOST_BYTES`, or after the fourth photo.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = 0
        self.held: BytesIO | None = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's name)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.UPLOAD_MOST_BYTES:
            raise RequestDataTooBig('More was sent at once than this server reads.')

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        self.held = BytesIO() if FIELD.fullmatch(field_name) else None
        if self.held is not None:
            self.count += 1
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.held is None:
            return raw_data
        if self.count <= MOST_PHOTOS and start + len(raw_data) <= settings.PHOTO_MOST_BYTES:
            self.held.write(raw_data)
        else:
            self.held.truncate(0)
        return None

    def file_complete(self, file_size: int) -> 'UploadedFile[Any] | None':
        if self.held is None:
            return None
        self.held.seek(0)
        # The name that the phone gave it is nobody's business.
        return InMemoryUploadedFile(self.held, self.field_name, 'photo', self.content_type, file_size, None)
