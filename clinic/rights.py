"""What a patient can let somebody do who helps her. Few rights, in words that people understand; the least is to read.

Every address of the patient's floor names the rights that it needs (`who_may(Who.DIARIST, Right.…)`); the gate asks for them all.
"""

import enum

from clinic.models import Caregiver


class Right(enum.Enum):
    """`SAFETY` and `READ` come with the place itself; `OWN` is the patient's alone, and nobody can be given it."""

    SAFETY = 'safety'  # emergency signs and numbers: never behind a question
    READ = 'read'
    ADVICE = 'advice'
    PHOTOS = 'photos'
    WRITE = 'write'
    OWN = 'own'


ALWAYS = frozenset({Right.SAFETY, Right.READ})
EVERYTHING = frozenset(Right)


def rights_of(caregiver: Caregiver) -> frozenset[Right]:
    """Whoever writes reads the advice too: it says what to do about what was just written."""
    given = {
        Right.WRITE: caregiver.can_write,
        Right.ADVICE: caregiver.can_see_advice or caregiver.can_write,
        Right.PHOTOS: caregiver.can_see_photos,
    }
    return ALWAYS | {right for right, has in given.items() if has}
