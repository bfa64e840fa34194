"""Markdown to safe HTML for the page: `render(text)`; pure, without Flask and without files.

What the page's style sheet and script find in the HTML:

=============================================  =====================================================
``section.article-section[data-section=K]``    one per top heading; K is ``symptoms``, ``environment``,
                                               ``cause``, ``steps``, ``verification`` or ``other``
``h2 … h6#h-…``                                headings; ``a.heading-link`` inside links to the section
``div.code-block``                             ``div.code-head`` (``span.code-lang``, which may be
                                               empty, and ``button.code-copy[data-copy=code]``) above
                                               ``pre[tabindex] > code.highlight`` with Pygments' short
                                               classes (``k``, ``s1``, ``nb`` …); the button copies the
                                               block's ``pre code`` text and may be hidden without JS
``div.admonition.kind-K``                      K is ``note``, ``tip``, ``important``, ``warning``,
                                               ``caution`` or ``internal``; starts with
                                               ``p.admonition-title``
``.internal-part``                             each block of an internal section, on its page for the
                                               house; ``.internal-heading > span.internal-mark`` says so
``div.table-scroll[tabindex] > table``         scrolls sideways on a phone; cells have ``align``
``ul.task-list > li.task-item``                ``input.task-box[type=checkbox][disabled]`` first
``sup.footnote-ref#fnref-N > a``               ``section.footnotes > ol > li#fn-N``, ``a.footnote-back``
``a.external``                                 leads to another site (``rel="noopener noreferrer"``)
``a.image-link``                               stands for a picture from elsewhere, which is not loaded
``p.plain-source``                             text beyond a bound, as typed (``white-space: pre-wrap``)
``div.raw-html``                               what is left of a block of raw HTML
``details > summary``                          from ``<details>`` or ``??? note "title"``
``kbd mark ins del sub sup abbr img``          as written
=============================================  =====================================================

There are no inline styles and no scripts. `clean_html` is the last step of
everything, so its output must reach the page unchanged.
"""

from kbserver.rendering.limits import ContentTooComplex
from kbserver.rendering.page import Rendered, RenderedSection, TextProblem, render
from kbserver.rendering.sanitizing import clean_html
from kbserver.rendering.tree_passes import TocEntry

__all__ = [
    "ContentTooComplex",
    "Rendered",
    "RenderedSection",
    "TextProblem",
    "TocEntry",
    "clean_html",
    "render",
]
