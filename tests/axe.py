"""What axe finds on a page: WCAG 2.2 AA and axe's own good practice. Only what is wrong leaves the browser: the rest is long."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Found = list[dict[str, Any]]
WRONG = 'rules => axe.run(document, rules).then((found) => found.violations)'
RULES = {
    'runOnly': ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    'resultTypes': ['violations'],
}
COLOURS = {
    'runOnly': {'type': 'rule', 'values': ['color-contrast', 'link-in-text-block']},
    'resultTypes': ['violations'],
}
# A button goes over to its new colour; axe would read one that nobody sees for longer than a moment. Asked frame by frame: where
# nothing is painted Chromium draws no frame of its own, and never says that an animation is over.
SETTLED = """() => new Promise((done) => {
  const goes = (each) => each.playState === 'running' && each.effect.getComputedTiming().endTime !== Infinity;
  const look = () => document.getAnimations().some(goes) ? requestAnimationFrame(look) : done();
  requestAnimationFrame(() => requestAnimationFrame(look));
})"""


def violations(page: Page) -> list[str]:
    """What axe finds, by all of its rules."""
    page.wait_for_load_state()  # asked in the middle of leaving, a page never answers
    page.evaluate(SETTLED)
    page.evaluate(Axe().axe_script)
    found: Found = page.evaluate(WRONG, RULES)
    if any(one['id'] == 'target-size' for one in found):
        # A bar that sticks to the bottom covers whatever happens to stand there; on a screen as tall as the page it covers nothing.
        size = page.viewport_size
        assert size
        page.set_viewport_size(size | {'height': page.evaluate('document.documentElement.scrollHeight')})
        found = page.evaluate(WRONG, RULES)
        page.set_viewport_size(size)
    return _told(page, found)


def unreadable(page: Page) -> list[str]:
    """What axe finds of colours alone, on a page that `violations` has looked at already: all else is as it was."""
    page.evaluate(SETTLED)
    return _told(page, page.evaluate(WRONG, COLOURS))


def violations_by_day_and_night(page: Page) -> list[str]:
    """What axe finds in the light look by all of its rules, and in the dark one of colours."""
    page.emulate_media(color_scheme='light')
    found = violations(page)
    page.emulate_media(color_scheme='dark')
    return found + unreadable(page)


def _told(page: Page, found: Found) -> list[str]:
    """Each with the first place where it stands, and what axe says of that."""
    firsts = [(one['id'], one['nodes'][0]) for one in found]
    return [f'{name}: {page.url} {node["html"][:160]} {node["failureSummary"]}' for name, node in firsts]
