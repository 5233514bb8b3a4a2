"""Telephone numbers in running words."""

import pytest

from clinic.templatetags.phones import whole_numbers


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('When closed: (212) 555-0199', 'When closed: <span class="nowrap">(212) 555-0199</span>'),
        ('+44 20 7946 0199, or 112', '<span class="nowrap">+44 20 7946 0199</span>, or 112'),
        ('about your life: 911', 'about your life: 911'),
        ('<b>Nobody</b> at 18', '&lt;b&gt;Nobody&lt;/b&gt; at 18'),
        ('', ''),
    ],
)
def test_a_number_stays_in_one_piece_and_nothing_gets_around_escaping(text: str, html: str) -> None:
    assert whole_numbers(text) == html
