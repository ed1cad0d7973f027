"""Pictures sent inside a request as data URIs."""

from __future__ import annotations

import base64
import binascii
import re

from agent.errors import InputError
from agent.web.workspace import Upload

_DATA = re.compile(r"data:image/([a-z0-9.+-]+);base64,", re.IGNORECASE)


def upload_of(uri: str, number: int) -> Upload:
    """Decode the picture in a data URI and name it by its number in the request.

    Raises:
        InputError: for any other address, and for invalid base64.
    """
    head = _DATA.match(uri)
    if head is None:
        raise InputError(
            f"picture {number} is not a data URI; expected data:image/…;base64,… "
            "since this server fetches nothing from the network or from files"
        )
    try:
        content = base64.b64decode("".join(uri[head.end() :].split()), validate=True)
    except (binascii.Error, ValueError):
        raise InputError(f"picture {number} is not valid base64") from None
    return Upload(f"picture-{number}.{head[1].partition('+')[0].lower()}", content)
