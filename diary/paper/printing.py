"""A template of ours and plain data make a PDF: tagged, PDF/UA-1, with nothing of the machine or the network in it.

The data go in as JSON, and the template shows its strings as they are: no word of a patient is ever read as markup.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from phonenumbers import region_code_for_country_code, region_code_for_number

from clinic.models import Clinic
from diary.paper.signs import MISSING, printable

TEMPLATES = Path(__file__).parent
# Where CLDR's paper size is US Letter.
_LETTER = frozenset(('BZ', 'CA', 'CL', 'CO', 'CR', 'GT', 'MX', 'NI', 'PA', 'PH', 'PR', 'SV', 'US', 'VE'))


class PrintingError(RuntimeError):
    """A PDF could not be made."""


def pdf_of(template: str, data: dict[str, Any], *, made_at: datetime) -> bytes:
    """The PDF that `template` (a file here) makes of the data, the same bytes for the same call. Raises PrintingError.

    The template also gets `unprinted`: whether a □ stands for something.
    """
    shown = _printable(data)
    shown['unprinted'] = MISSING in json.dumps(shown, ensure_ascii=False)
    try:
        return typst.compile(
            TEMPLATES / template,
            root=TEMPLATES,
            ignore_system_fonts=True,
            format='pdf',
            pdf_standards='ua-1',
            sys_inputs={'data': json.dumps(shown)},
            timestamp=made_at.astimezone(UTC).replace(microsecond=0),  # typst takes whole seconds only
        )
    except BaseException as error:
        # A panic of typst is no Exception to Python and would end the worker; its text may hold what a patient wrote.
        if isinstance(error, typst.TypstError) or type(error).__module__ == 'pyo3_runtime':
            raise PrintingError(f'{template}: {type(error).__name__}') from None
        raise


def _printable(found: Any) -> Any:
    if isinstance(found, str):
        return printable(found)
    if isinstance(found, dict):
        return {key: _printable(value) for key, value in found.items()}
    return [_printable(value) for value in found] if isinstance(found, list | tuple) else found


def paper_of(clinic: Clinic) -> str:
    """The sheet that lies in the printers of the clinic's country, which its telephone number tells."""
    number = clinic.phone_day
    region = region_code_for_number(number) or region_code_for_country_code(number.country_code)
    return 'us-letter' if region in _LETTER else 'a4'
