"""The documents that rules cite, and the sentences in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """Where a document stands towards the founding ones. A substitute is always shown as a substitute."""

    SEED = 'seed', _('founding document')
    RECOVERED = 'recovered', _('founding document, list read again on the publisher’s page')
    SUBSTITUTE = 'substitute', _('substitute for a lost list')
    GUIDELINE = 'guideline', _('guideline, label or paper')
    DESIGN = 'design', _('our own choice')


class Document(models.Model):
    """A document of alerts/clinical/sources.yaml."""

    code = models.SlugField(_('code'), max_length=40, unique=True)
    kind = models.CharField(_('kind'), max_length=12, choices=DocumentKind)
    title = models.CharField(_('title'), max_length=200)
    publisher = models.CharField(_('publisher'), max_length=200, blank=True)
    page = models.CharField(_('page'), max_length=200, blank=True)
    verified = models.CharField(_('verified'), max_length=12, blank=True)
    note = models.TextField(_('note'), blank=True)

    class Meta:
        verbose_name = _('document')
        verbose_name_plural = _('documents')
        ordering = ['kind', 'title']

    def __str__(self) -> str:
        return self.title


class Citation(models.Model):
    """One sentence of a document, under the id that rules cite it by. A document cited whole has a citation without text."""

    code = models.SlugField(_('code'), max_length=40, unique=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name='citations')
    text = models.TextField(_('sentence'), blank=True)

    class Meta:
        verbose_name = _('citation')
        verbose_name_plural = _('citations')
        ordering = ['code']

    def __str__(self) -> str:
        return self.code
