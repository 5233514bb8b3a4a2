"""The texts of a page as a browser would show them."""

from html.parser import HTMLParser


class Blocks(HTMLParser):
    """The texts of a page, one for each paragraph, label or button; without what we only quote (`blockquote`, `[data-quote]`)."""

    INLINE = {'a', 'b', 'strong', 'em', 'small', 'abbr', 'time', 'span', 'mark', 'i', 'code', 'svg', 'use', 'br', 'wbr'}
    SILENT = {'script', 'style', 'svg', 'head', 'blockquote', 'q'}
    VOID = {'br', 'wbr', 'img', 'input', 'meta', 'link', 'hr', 'use', 'source', 'col'}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.current: list[str] = []
        self.silent = 0
        self.open: list[tuple[str, bool]] = []
        self.feed(html)
        self.end()

    def end(self) -> None:
        text = ' '.join(''.join(self.current).split())
        if text:
            self.blocks.append(text)
        self.current = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.INLINE:
            self.end()
        if tag in self.VOID:
            return
        quiet = tag in self.SILENT or 'data-quote' in dict(attrs)
        self.open.append((tag, quiet))
        self.silent += quiet

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.end()
        while self.open and tag in {name for name, _quiet in self.open}:
            name, quiet = self.open.pop()
            self.silent -= quiet
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.current.append(data)
