"""Small screens and large letters: every page at 320 px, with text twice as large, and with a desk's page zoomed to 200 %.

Nothing scrolls sideways but regions that do so themselves and can be reached by the keyboard, and no word is cut off.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from alerts.models import Alert
from tests.journeys.conftest import Stage
from tests.journeys.test_accessibility import pages
from tests.journeys.test_main_job import log_a_fever
from tests.live import eventually

pytestmark = pytest.mark.timeout(1200)
# name: (width, height, the browser's own letter size in px)
VIEWS = {'320 px': (320, 640, 16), 'zoom 200 %': (640, 450, 16), 'text 200 %': (390, 844, 32)}

# What is lost at this size: the page is wider than the screen; words stick out of the screen, or of a box that cuts them off;
# a region scrolls sideways and the keyboard cannot reach it; bars that stay in place leave less than half of the screen.
LOST = """() => {
  const found = [], wide = document.documentElement.scrollWidth - innerWidth;
  const words_of = (at) => at.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60);
  const name = (at) => `<${at.tagName.toLowerCase()} class="${at.className.baseVal ?? at.className}"> ${words_of(at)}`;
  const tiny = (at) => at && at !== document.body && (at.offsetWidth <= 1 || at.offsetHeight <= 1 || tiny(at.parentElement));
  const hidden = (at) => at.closest('.skip, [hidden], [inert]') || tiny(at); // what only a screen reader hears is tiny
  const cuts = (how) => ['hidden', 'clip'].includes(how);
  const scrolls = (how) => ['auto', 'scroll'].includes(how);
  if (wide > 0) found.push(`the page is ${wide} px too wide`);
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const host = node.parentElement;
    if (!node.data.trim() || hidden(host) || host.closest('svg, script, option') || !host.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    for (let at = host; at && at !== document.documentElement; at = at.parentElement) {
      const style = getComputedStyle(at), edge = at.getBoundingClientRect();
      if (scrolls(style.overflowX)) break;
      const beside = box.right > edge.right + 1 || box.left < edge.left - 1;
      const below = box.bottom > edge.bottom + 1 || box.top < edge.top - 1;
      if ((cuts(style.overflowX) && beside) || (cuts(style.overflowY) && below)) { found.push('cut off: ' + name(host)); break; }
      if (at === document.body && (box.right > innerWidth + 1 || box.left < -1)) { found.push('out of the screen: ' + name(host)); }
    }
    let block = host;
    while (block && ['inline', 'contents'].includes(getComputedStyle(block).display)) block = block.parentElement;
    const own = block.getBoundingClientRect();
    const spills = own.width > 0 && (box.right > own.right + 2 || box.left < own.left - 2); // a tick's label has no box
    if (block !== document.body && spills) found.push('spills out of its box: ' + name(block));
  }
  for (const at of document.querySelectorAll('main *')) {
    if (!scrolls(getComputedStyle(at).overflowX) || at.scrollWidth <= at.clientWidth || hidden(at)) continue;
    if (at.matches('input, textarea, select')) continue;
    if (at.tabIndex < 0 && !location.pathname.startsWith('/admin/')) found.push('scrolls, but not by the keyboard: ' + name(at));
  }
  let stays = 0;
  for (const at of document.querySelectorAll('body *')) {
    if (['sticky', 'fixed'].includes(getComputedStyle(at).position) && at.checkVisibility() && !hidden(at)) {
      const box = at.getBoundingClientRect();
      if (box.width > innerWidth / 2) stays += Math.min(box.height, innerHeight);
    }
  }
  if (stays > innerHeight / 2) found.push(`bars that stay take ${Math.round(stays)} of ${innerHeight} px`);
  return found;
}"""

# The browser obeys a little later.
LETTERS = """(size) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.fontSize = 'medium';
  const now = getComputedStyle(probe).fontSize;
  probe.remove();
  return now === size;
}"""


def lost(page: Page, view: str) -> list[str]:
    """What cannot be read or reached of the open page in this view."""
    width, height, letters = VIEWS[view]
    page.set_viewport_size({'width': width, 'height': height})
    session = page.context.new_cdp_session(page)
    session.send('Page.setFontSizes', {'fontSizes': {'standard': letters, 'fixed': letters}})
    page.wait_for_function(LETTERS, arg=f'{letters}px')
    found: list[Any] = page.evaluate(LOST)
    session.send('Page.setFontSizes', {'fontSizes': {'standard': 16, 'fixed': 13}})
    session.detach()
    return [f'{page.url.split("/", 3)[3]} at {view}: {each}' for each in dict.fromkeys(found)]


def test_nothing_is_lost_on_a_small_screen_or_with_large_letters(stage: Stage) -> None:
    log_a_fever(stage.window(stage.ana, 'desk'), stage)
    eventually(lambda: Alert.objects.filter(line='red').exists(), what='the alert')
    found = []
    for who, paths in pages(stage).items():
        page = stage.window(None if who == 'visitor' else getattr(stage, who), 'phone', reduced_motion='reduce')
        for path in paths:
            stage.go(page, path)
            for view in VIEWS:
                found += lost(page, view)
    assert found == []
