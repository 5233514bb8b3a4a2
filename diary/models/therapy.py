"""Therapy classes, agents and routes, as the founding documents tell them."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Names that the clinical files ship, so that translators find them. What a clinic adds is said as it wrote it.
SHIPPED = (
    _('Immune checkpoint inhibitor'),
    _('CAR T-cell therapy'),
    _('Monoclonal antibody'),
    _('Cytokine'),
    _('Treatment vaccine'),
    _('Immune system modulator'),
    _('Targeted molecular therapy'),
    _('interferon alfa'),
    _('BCG into the bladder'),
    _('imiquimod cream'),
)


class Route(models.TextChoices):
    """How a treatment is given (Penn Medicine, OncoLink and CTCA sheets name them)."""

    INTRAVENOUS = 'intravenous', _('into a vein (IV)')
    ORAL = 'oral', _('by mouth')
    TOPICAL = 'topical', _('on the skin')
    INTRAVESICAL = 'intravesical', _('into the bladder')
    INJECTION = 'injection', _('injection')


def treatment_name(name: str) -> str:
    """A therapy class or an agent in the reader's language."""
    return gettext(name) if name else name


class Therapy(models.Model):
    """A class of immunotherapy, such as checkpoint_inhibitor or car_t. The rule language names classes by `code`."""

    code = models.SlugField(_('code'), max_length=40, unique=True)
    name = models.CharField(_('name'), max_length=80)
    seen_in = models.JSONField(_('documents that name it'), default=list, blank=True)
    usual_symptoms = models.JSONField(_('usual side effects (symptom codes)'), default=list, blank=True)

    class Meta:
        verbose_name = _('therapy')
        verbose_name_plural = _('therapies')
        ordering = ['name']

    def __str__(self) -> str:
        return treatment_name(self.name)


class Agent(models.Model):
    """One medicine or cell product of a therapy class."""

    therapy = models.ForeignKey(Therapy, models.PROTECT, related_name='agents')
    name = models.CharField(_('name'), max_length=80, unique=True)

    class Meta:
        verbose_name = _('agent')
        verbose_name_plural = _('agents')
        ordering = ['name']

    def __str__(self) -> str:
        return treatment_name(self.name)
