"""Words that a reader does not see, or sees struck out, are never text; what is seen always is."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from parsing_fixtures import docx_bytes, parse
from typer.testing import CliRunner

from loccit.index.datatypes import Span
from loccit.index.errors import UnreadableDocument
from loccit.index.models.default_model import DefaultEmbedder
from loccit.index.parsing.web.styling import matching, style_sheets
from loccit.index.passage_index import PassageIndex
from loccit.qa.assistant import Assistant
from loccit.ui.chat.views.documents import documents_html
from loccit.ui.chat.views.source import source_html
from loccit.ui.command_line.main import app

BEFORE, AFTER = "The rent is agreed.", "It is due on the first."
WORDS = "900 euros"
TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in WORDS)  # drawn as nothing
SPACES = nsdecls("w", "a") + "".join(
    f' xmlns:{prefix}="{space}"'
    for prefix, space in (
        ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
        ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
        ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
        ("w14", "http://schemas.microsoft.com/office/word/2010/wordml"),
        ("v", "urn:schemas-microsoft-com:vml"),
        ("new", "urn:of-a-later-program"),
    )
)


def html(style: str, body: str) -> tuple[str, bytes]:
    """Return a page with something between two paragraphs."""
    page = f"<!doctype html><style>{style}</style><p>{BEFORE}</p>{body}<p>{AFTER}</p>"
    return "page.html", page.encode()


def markdown(middle: str) -> tuple[str, bytes]:
    return "notes.md", f"{BEFORE}\n\n{middle}\n\n{AFTER}\n".encode()


def plain(middle: str) -> tuple[str, bytes]:
    return "notes.txt", f"{BEFORE}\n\n{middle}\n\n{AFTER}\n".encode()


def word(middle: str, styles: str = "", defaults: str = "", page: str = "") -> tuple[str, bytes]:
    """Return a Word document with the XML of blocks between two paragraphs."""

    def build(document: WordDocument) -> None:
        for style in parse_xml(f"<w:styles {SPACES}>{styles}</w:styles>"):
            document.styles.element.append(style)
        properties = document.styles.element.find(".//{*}rPrDefault/{*}rPr")
        for element in parse_xml(f"<w:rPr {SPACES}>{defaults}</w:rPr>"):
            properties.append(element)
        if page:
            document.element.insert(0, parse_xml(f'<w:background {SPACES} w:color="{page}"/>'))
            document.settings.element.append(parse_xml(f"<w:displayBackgroundShape {SPACES}/>"))
        body = document.element.body
        blocks = parse_xml(f"<w:body {SPACES}>{para(BEFORE)}{middle}{para(AFTER)}</w:body>")
        for number, block in enumerate(list(blocks)):
            body.insert(number, block)

    return "lease.docx", docx_bytes(build)


def para(words: str = WORDS, run: str = "", own: str = "") -> str:
    """Return a paragraph with properties of its own and of its run."""
    return f"<w:p><w:pPr>{own}</w:pPr>{of_run(words, run)}</w:p>"


def of_run(words: str = WORDS, run: str = "") -> str:
    return f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def table(words: str = WORDS, run: str = "", row: str = "", cell: str = "", own: str = "") -> str:
    return (
        f"<w:tbl><w:tblPr>{own}</w:tblPr><w:tr><w:trPr>{row}</w:trPr>"
        f"<w:tc><w:tcPr>{cell}</w:tcPr>{para(words, run)}</w:tc></w:tr></w:tbl>"
    )


def style(kind: str, properties: str, extra: str = "") -> str:
    return (
        f'<w:style w:type="{kind}" w:styleId="Mine"><w:name w:val="Mine"/>{extra}'
        f"<w:rPr>{properties}</w:rPr></w:style>"
    )


def box(content: str, fill: str = "", at: str = "0", name: str = "", size: str = "9999") -> str:
    """Return a paragraph with a text box."""
    place = "".join(
        f"<wp:position{way}><wp:posOffset>{at}</wp:posOffset></wp:position{way}>" for way in "HV"
    )
    return (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        f'{place}<wp:extent cx="{size}" cy="9999"/><wp:docPr id="1" name="x"{name}/>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:spPr>{fill}</wps:spPr>"
        f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>"
        "</w:r></w:p>"
    )


def solid(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


STYLED_MINE = '<w:pStyle w:val="Mine"/>'
WHITE_RUN = '<w:color w:val="FFFFFF"/>'

HIDING: dict[str, tuple[tuple[str, bytes], str]] = {
    "hidden attribute": (html("", f"<p hidden>{WORDS}</p>"), "invisible"),
    "display none in a style": (html("", f"<p style='display: none'>{WORDS}</p>"), "invisible"),
    "display none by class": (html(".x{display:none}", f"<p class=x>{WORDS}</p>"), "invisible"),
    "display none by id": (html("#x{display:none}", f"<p id=x>{WORDS}</p>"), "invisible"),
    "display none by attribute": (
        html("[data-x^=a]{display:none}", f"<p data-x=ab>{WORDS}</p>"),
        "invisible",
    ),
    "display none by combinators": (
        html("div > p ~ p:last-child {display:none}", f"<div><p></p><p>{WORDS}</p></div>"),
        "invisible",
    ),
    "display none by a nested rule": (
        html(".x { & p { display: none } }", f"<div class=x><p>{WORDS}</p></div>"),
        "invisible",
    ),
    "a later rule wins": (
        html(".x{display:block} .y{display:none}", f"<p class='x y'>{WORDS}</p>"),
        "invisible",
    ),
    "an important rule wins": (
        html("p.x{display:none!important}", f"<p class=x style='display:block'>{WORDS}</p>"),
        "invisible",
    ),
    "what is wrong in CSS changes nothing": (
        html("", f"<p style='display:none;display:shown'>{WORDS}</p>"),
        "invisible",
    ),
    "display none on a screen": (
        html("@media screen and (min-width: 600px) {.x{display:none}}", f"<p class=x>{WORDS}</p>"),
        "invisible",
    ),
    "display none where it is supported": (
        html("@supports (display: grid) {.x{display:none}}", f"<p class=x>{WORDS}</p>"),
        "invisible",
    ),
    "visibility": (html("", f"<p style='visibility:hidden'>{WORDS}</p>"), "invisible"),
    "opacity": (html("", f"<p style='opacity:0'><b>{WORDS}</b></p>"), "invisible"),
    "opacity by a filter": (html("", f"<p style='filter:opacity(0%)'>{WORDS}</p>"), "invisible"),
    "an animation that ends unseen": (
        html("@keyframes go{to{opacity:0}} p.x{animation:go 1s forwards}", f"<p class=x>{WORDS}"),
        "invisible",
    ),
    "transparent": (html("", f"<p style='color:transparent'>{WORDS}</p>"), "invisible"),
    "white": (html("", f"<p style='color:white'>{WORDS}</p>"), "faint"),
    "white in hsl": (html("", f"<p style='color:hsl(0 0% 99%)'>{WORDS}</p>"), "faint"),
    "white in oklch": (html("", f"<p style='color:oklch(1 0 0)'>{WORDS}</p>"), "faint"),
    "white by a variable": (
        html(":root{--paper:#fff} p.x{color:var(--paper)}", f"<p class=x>{WORDS}</p>"),
        "faint",
    ),
    "white by <font>": (html("", f"<p><font color=#FFFFFF>{WORDS}</font></p>"), "faint"),
    "black on black": (
        html(".x{background:#000}", f"<div class=x><p>{WORDS}</p></div>"),
        "faint",
    ),
    "the colour of a table's cell": (
        html("", f"<table><tr><td bgcolor=navy><font color=#000080>{WORDS}</font></table>"),
        "faint",
    ),
    "a shadow as white as the rest": (
        html("", f"<p style='color:#fff;text-shadow:0 0 1px white'>{WORDS}</p>"),
        "faint",
    ),
    "font-size 0": (html("", f"<p style='font-size:0'>{WORDS}</p>"), "tiny"),
    "a font of one pixel": (html("p.x{font:1px/1 serif}", f"<p class=x>{WORDS}</p>"), "tiny"),
    "a small part of a small font": (
        html("", f"<div style='font-size:25%'><p style='font-size:.5em'>{WORDS}</p></div>"),
        "tiny",
    ),
    "scaled to nothing": (html("", f"<p style='transform:scale(0)'>{WORDS}</p>"), "tiny"),
    "turned away": (html("", f"<p style='transform:rotateY(90deg)'>{WORDS}</p>"), "tiny"),
    "to the left of the page": (
        html(".x{position:absolute;left:-9999px}", f"<p class=x>{WORDS}</p>"),
        "outside",
    ),
    "above the page": (
        html("", f"<p style='position:fixed;inset:-999em 0 auto'>{WORDS}</p>"),
        "outside",
    ),
    "indented out of the page": (
        html("", f"<p style='text-indent:-9999px'>{WORDS}</p>"),
        "outside",
    ),
    "moved out of the page": (
        html("", f"<p style='transform:translateX(-9999px)'>{WORDS}</p>"),
        "outside",
    ),
    "a margin out of the page": (
        html("", f"<p style='margin:0 0 0 calc(-1 * 9999px)'>{WORDS}</p>"),
        "outside",
    ),
    "clip": (
        html("", f"<p style='position:absolute;clip:rect(0 0 0 0)'>{WORDS}</p>"),
        "clipped",
    ),
    "clip-path": (html("", f"<p style='clip-path:inset(100%)'>{WORDS}</p>"), "clipped"),
    "a circle of nothing": (html("", f"<p style='clip-path:circle(0)'>{WORDS}</p>"), "clipped"),
    "no height": (html("", f"<p style='height:0;overflow:hidden'>{WORDS}</p>"), "clipped"),
    "for screen readers": (html("", f"<p class=sr-only>{WORDS}</p>"), "clipped"),
    "<del>": (html("", f"<p><del>{WORDS}</del></p>"), "struck"),
    "<s>": (html("", f"<p><s>{WORDS}</s></p>"), "struck"),
    "<strike>": (html("", f"<p><strike>{WORDS}</strike></p>"), "struck"),
    "line-through": (html("b{text-decoration:red line-through}", f"<b>{WORDS}</b>"), "struck"),
    "a line through all around": (
        html(".x{text-decoration-line:line-through}", f"<div class=x><p>{WORDS}</p></div>"),
        "struck",
    ),
    "a comment": (html("", f"<!-- it was {WORDS} before -->"), "invisible"),
    "turned round": (html("", f"<p><bdo dir=rtl>{WORDS}</bdo></p>"), "altered"),
    "tags in a page": (html("", f"<p>{TAGS}</p>"), "invisible"),
    "~~ in Markdown": (markdown(f"~~{WORDS}~~"), "struck"),
    "<del> in Markdown": (markdown(f"<del>{WORDS}</del>"), "struck"),
    "a style in Markdown": (markdown(f"<p style='color:#fff'>{WORDS}</p>"), "faint"),
    "hidden in Markdown": (markdown(f"<div hidden>\n\n{WORDS}\n\n</div>"), "invisible"),
    "a comment in Markdown": (markdown(f"<!-- it was {WORDS} -->"), "invisible"),
    "a remark in Markdown": (markdown(f"[//]: # (it was {WORDS})"), "invisible"),
    "tags in Markdown": (markdown(TAGS), "invisible"),
    "tags in plain text": (plain(TAGS), "invisible"),
    "turned round in plain text": (plain(f"\u202e{WORDS}\u202c"), "altered"),
    "vanish": (word(para(run="<w:vanish/>")), "invisible"),
    "vanish by style of the paragraph": (
        word(para(own=STYLED_MINE), style("paragraph", "<w:vanish/>")),
        "invisible",
    ),
    "vanish by style of the run": (
        word(para(run='<w:rStyle w:val="Mine"/>'), style("character", "<w:vanish/>")),
        "invisible",
    ),
    "vanish by a style's base": (
        word(
            para(own='<w:pStyle w:val="Child"/>'),
            style("paragraph", "<w:vanish/>")
            + '<w:style w:type="paragraph" w:styleId="Child"><w:basedOn w:val="Mine"/></w:style>',
        ),
        "invisible",
    ),
    "specVanish": (word(para(run="<w:specVanish/>")), "invisible"),
    "white in Word": (word(para(run=WHITE_RUN)), "faint"),
    "white by theme": (
        word(para(run='<w:color w:val="000000" w:themeColor="background1"/>')),
        "faint",
    ),
    "black on a black cell": (
        word(table(run='<w:color w:val="000000"/>', cell='<w:shd w:val="clear" w:fill="000000"/>')),
        "faint",
    ),
    "as its highlight": (
        word(para(run='<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>')),
        "faint",
    ),
    "as the page": (word(para(run='<w:color w:val="203040"/>'), page="203040"), "faint"),
    "white in a white box": (word(box(para(run=WHITE_RUN), solid("FFFFFF"))), "faint"),
    "no fill": (word(para(run="<w14:textFill><w14:noFill/></w14:textFill>")), "invisible"),
    "size 1": (word(para(run='<w:sz w:val="2"/>')), "tiny"),
    "one per cent wide": (word(para(run='<w:w w:val="1"/>')), "tiny"),
    "strike": (word(para(run="<w:strike/>")), "struck"),
    "double strike by style": (
        word(para(own=STYLED_MINE), style("paragraph", "<w:dstrike/>")),
        "struck",
    ),
    "deleted by a tracked change": (
        word(f"<w:p><w:del><w:r><w:delText>{WORDS}</w:delText></w:r></w:del></w:p>"),
        "struck",
    ),
    "moved away": (word(f"<w:p><w:moveFrom>{of_run()}</w:moveFrom></w:p>"), "struck"),
    "a deleted row": (word(table(row="<w:del/>")), "struck"),
    "a hidden row": (word(table(row="<w:hidden/>")), "invisible"),
    "a row without height": (
        word(table(row='<w:trHeight w:val="1" w:hRule="exact"/>')),
        "clipped",
    ),
    "a line without height": (
        word(para(own='<w:spacing w:line="1" w:lineRule="exact"/>')),
        "clipped",
    ),
    "raised out of sight": (word(para(run='<w:position w:val="3000"/>')), "outside"),
    "a frame off the page": (word(para(own='<w:framePr w:x="-20000" w:y="1"/>')), "outside"),
    "an indent off the page": (word(para(own='<w:ind w:left="-20000"/>')), "outside"),
    "a box off the page": (word(box(para(), at="-9999999")), "outside"),
    "a hidden box": (word(box(para(), name=' hidden="1"')), "invisible"),
    "a box without width": (word(box(para(), size="0")), "clipped"),
    "an old box that is hidden": (
        word(
            '<w:p><w:r><w:pict><v:shape style="position:absolute;visibility:hidden"><v:textbox>'
            f"<w:txbxContent>{para()}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
        ),
        "invisible",
    ),
    "an alternative that Word does not know": (
        word(
            f'<w:p><mc:AlternateContent><mc:Choice Requires="new">{of_run()}</mc:Choice>'
            "<mc:Fallback/></mc:AlternateContent></w:p>"
        ),
        "invisible",
    ),
    "the code of a field": (
        word(
            f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{of_run()}'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        ),
        "invisible",
    ),
    "tags in Word": (word(para(TAGS)), "invisible"),
}


BLACK_CELL = '<w:shd w:val="clear" w:color="auto" w:fill="000000"/>'

HONEST: dict[str, tuple[str, bytes]] = {
    "closed details": html("", f"<details><summary>More</summary>{WORDS}</details>"),
    "aria-hidden": html("", f"<p aria-hidden=true>{WORDS}</p>"),
    "hidden until found": html("", f"<p hidden=until-found>{WORDS}</p>"),
    "hidden, and shown by a rule": html("[hidden]{display:block}", f"<p hidden>{WORDS}</p>"),
    "a rule of no element": html(".x{display:none}", f"<p class=y>{WORDS}</p>"),
    "a rule that loses": html("#x{display:block} .y{display:none}", f"<p id=x class=y>{WORDS}"),
    "a style that wins": html(".x{display:none}", f"<p class=x style='display:block'>{WORDS}"),
    "a later rule": html(".x{color:#fff} .x{color:#000}", f"<p class=x>{WORDS}</p>"),
    "a rule for paper": html("@media print{p.x{display:none}}", f"<p class=x>{WORDS}</p>"),
    "a rule for small windows": html(
        "@media (max-width:600px){.x{display:none}}", f"<p class=x>{WORDS}"
    ),
    "dark mode": html(
        "@media (prefers-color-scheme:dark){body{background:#111}.x{color:#fff}}",
        f"<p class=x>{WORDS}</p>",
    ),
    "a rule for the mouse": html(".x:hover{display:none}", f"<p class=x>{WORDS}</p>"),
    "a rule for what stands before": html(".x::before{display:none}", f"<p class=x>{WORDS}</p>"),
    "a rule in a comment": html("/* .x{display:none} */", f"<p class=x>{WORDS}</p>"),
    "wrong in CSS": html("", f"<p style='color:#fffff;opacity:none'>{WORDS}</p>"),
    "flex order": html(".x{display:flex} p{order:-1}", f"<div class=x><p>{WORDS}</p></div>"),
    "right to left": html("", f"<p dir=rtl>{WORDS}</p>"),
    "seen in what is not": html(
        ".x{visibility:hidden} .x b{visibility:visible}", f"<p class=x><b>{WORDS}</b></p>"
    ),
    "large in what is tiny": html("", f"<p style='font-size:0'><b style='font-size:1rem'>{WORDS}"),
    "white on black": html("body{background:#000;color:#fff}", f"<p>{WORDS}</p>"),
    "white on a dark cell": html(
        "", f"<table><tr><td bgcolor=black><font color=white>{WORDS}</table>"
    ),
    "white on a picture": html(".x{background:url(sea.jpg);color:#fff}", f"<p class=x>{WORDS}</p>"),
    "white on a gradient": html(
        "", f"<p style='background:linear-gradient(red,blue);color:#fff'>{WORDS}"
    ),
    "white over a picture": html(
        "", f"<div><img src=a.jpg><p style='position:absolute;color:#fff'>{WORDS}</p></div>"
    ),
    "white with a dark shadow": html("", f"<p style='color:#fff;text-shadow:1px 1px #000'>{WORDS}"),
    "a picture through letters": html(
        ".x{background:linear-gradient(red,blue);background-clip:text;color:transparent}",
        f"<p class=x>{WORDS}</p>",
    ),
    "black by a variable": html(":root{--ink:#111} .x{color:var(--ink)}", f"<p class=x>{WORDS}"),
    "a variable that is missing": html(".x{color:var(--no,black)}", f"<p class=x>{WORDS}</p>"),
    "light grey": html("", f"<p style='color:#ccc'>{WORDS}</p>"),
    "yellow on white": html("", f"<p style='color:yellow'>{WORDS}</p>"),
    "half transparent": html("", f"<p style='opacity:.5'>{WORDS}</p>"),
    "an animation that ends seen": html(
        "@keyframes in{from{opacity:0}to{opacity:1}} .x{opacity:0;animation:in 1s both}",
        f"<p class=x>{WORDS}</p>",
    ),
    "small print": html("", f"<p style='font-size:6px'>{WORDS}</p>"),
    "a link in white": html("", f"<div style='color:#fff'><a href=x>{WORDS}</a></div>"),
    "a little to the left": html("", f"<p style='position:relative;left:-20px'>{WORDS}</p>"),
    "left, but not placed": html("", f"<p style='left:-9999px'>{WORDS}</p>"),
    "an indent that a line ignores": html("", f"<p><b style='text-indent:-9999px'>{WORDS}</b>"),
    "a height that a line ignores": html("", f"<p><b style='height:0;overflow:hidden'>{WORDS}</b>"),
    "no height, but not cut": html("", f"<p style='height:0'>{WORDS}</p>"),
    "cut at a height": html("", f"<p style='height:200px;overflow:hidden'>{WORDS}</p>"),
    "clip without a place": html("", f"<p style='clip:rect(0,0,0,0)'>{WORDS}</p>"),
    "rounded corners": html("", f"<p style='clip-path:inset(5% round 10px)'>{WORDS}</p>"),
    "underlined": html("", f"<p style='text-decoration:underline'>{WORDS}</p>"),
    "inserted": html("", f"<p><ins>{WORDS}</ins></p>"),
    "a style in a template": html(
        "", f"<template><style>p{{color:#fff}}</style></template>{WORDS}"
    ),
    "without scripts": html("", f"<noscript><style>p{{display:none}}</style></noscript>{WORDS}"),
    "a tilde in Markdown": markdown(f"about ~{WORDS}"),
    "tildes in code": markdown(f"`~~{WORDS}~~`"),
    "a comment in code": markdown(f"`<!-- {WORDS} -->`"),
    "a title of a link": markdown(f'[{WORDS}][1]\n\n[1]: https://example.org "{WORDS}"'),
    "the flag of Wales": plain(
        f"\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f {WORDS}"
    ),
    "zero width": plain("9\u200b00 eu\u00adros"),
    "Hebrew that is turned as it is": plain(f"{WORDS} \u202eשלום\u202c"),
    "an isolate": plain(f"\u2067{WORDS}\u2069"),
    "vanish turned off": word(para(run='<w:vanish w:val="0"/>')),
    "vanish twice": word(
        para(run='<w:rStyle w:val="Other"/>', own=STYLED_MINE),
        style("paragraph", "<w:vanish/>")
        + '<w:style w:type="character" w:styleId="Other"><w:rPr><w:vanish/></w:rPr></w:style>',
    ),
    "vanish on a screen of the web": word(para(run="<w:webHidden/>")),
    "the mark of a paragraph": word(para(own="<w:rPr><w:vanish/></w:rPr>")),
    "a style that turns it off": word(
        para(own='<w:pStyle w:val="Child"/>'),
        style("paragraph", "<w:vanish/>")
        + '<w:style w:type="paragraph" w:styleId="Child"><w:basedOn w:val="Mine"/>'
        '<w:rPr><w:vanish w:val="false"/></w:rPr></w:style>',
    ),
    "automatic colour": word(para(run='<w:color w:val="auto"/>')),
    "automatic on black": word(table(run='<w:color w:val="auto"/>', cell=BLACK_CELL)),
    "white on a black cell": word(table(run=WHITE_RUN, cell=BLACK_CELL)),
    "white on a black table": word(table(run=WHITE_RUN, own=BLACK_CELL)),
    "white on a black paragraph": word(para(run=WHITE_RUN, own=BLACK_CELL)),
    "white on a black run": word(para(run=WHITE_RUN + BLACK_CELL)),
    "white on a style's black": word(
        para(run=WHITE_RUN, own=STYLED_MINE), style("paragraph", "", f"<w:pPr>{BLACK_CELL}</w:pPr>")
    ),
    "white in a highlight": word(para(run=WHITE_RUN + '<w:highlight w:val="darkBlue"/>')),
    "white on a dark page": word(para(run=WHITE_RUN), page="203040"),
    "white in a dark box": word(box(para(run=WHITE_RUN), solid("203040"))),
    "white in a box of the theme": word(box(para(run=WHITE_RUN))),
    "white on a table's style": word(
        table(run=WHITE_RUN, own='<w:tblStyle w:val="Mine"/>'),
        style("table", "", f"<w:tcPr>{BLACK_CELL}</w:tcPr>"),
    ),
    "small print in Word": word(para(run='<w:sz w:val="8"/>')),
    "strike turned off": word(para(run='<w:strike w:val="0"/>')),
    "inserted by a tracked change": word(f"<w:p><w:ins>{of_run()}</w:ins></w:p>"),
    "raised a little": word(para(run='<w:position w:val="12"/>')),
    "a frame on the page": word(para(own='<w:framePr w:x="1200" w:y="900"/>')),
    "a box on the page": word(box(para(), at="914400")),
    "a known alternative": word(
        f'<w:p><mc:AlternateContent><mc:Choice Requires="wps">{of_run()}</mc:Choice>'
        f"<mc:Fallback>{of_run()}</mc:Fallback></mc:AlternateContent></w:p>"
    ),
    "the result of a field": word(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        "<w:r><w:instrText>REF rent</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{of_run()}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    ),
}


@pytest.mark.parametrize("way", HIDING)
def test_what_is_not_seen_is_kept_apart_at_its_place(way: str) -> None:
    (name, data), reason = HIDING[way]
    document = parse(data, name)
    assert document.text == f"{BEFORE}\n\n{AFTER}"
    places = {(document.text[: item.at].rstrip(), item.reason) for item in document.hidden}
    assert places == {(BEFORE, reason)}
    assert WORDS in " ".join(item.text for item in document.hidden)


@pytest.mark.parametrize("way", HONEST)
def test_what_is_seen_is_text(way: str) -> None:
    name, data = HONEST[way]
    document = parse(data, name)
    assert WORDS in document.text
    assert document.hidden == ()


@pytest.mark.parametrize(
    ("name", "content", "text", "hidden"),
    [
        (
            "a.html",
            "The rent is <s>900</s> 950 euros",
            "The rent is 950 euros",
            [(12, "900", "struck")],
        ),
        (
            "a.html",
            "The rent is <s>900 </s>950 euros",
            "The rent is 950 euros",
            [(12, "900", "struck")],
        ),
        ("a.html", "The rent is<s> 900 </s>950", "The rent is 950", [(11, "900", "struck")]),
        ("a.html", "9<s>0</s>50 euros", "950 euros", [(1, "0", "struck")]),
        (
            "a.html",
            "9<i style='visibility:hidden'>5</i>00 <!-- no more than that --> euros",
            "9 00 euros",  # what is not seen takes its place all the same
            [(1, "5", "invisible"), (5, "no more than that", "invisible")],
        ),
        (
            "a.html",
            "<ol><li>one<li hidden>two<li>three <s>four</s></ol>",
            "1. one\n2. three",
            [(6, "two", "invisible"), (15, "four", "struck")],
        ),
        (
            "a.html",
            "<table><tr><th>a<th>b<tr><td>1 <s>2</s><td>3<tr><td><s>4</s><tr hidden><td>5</table>",
            "a | b\n1 | 3",
            [(7, "2", "struck"), (11, "4", "struck"), (11, "5", "invisible")],
        ),
        (
            "a.html",
            "<table><caption><s>Old</s> Fees</caption><tr><td>1<td hidden>2<td>3</table>x",
            "Fees\n1 | 3\n\nx",
            [(0, "Old", "struck"), (9, "2", "invisible")],
        ),
        ("a.html", "10<sup>6<s>7</s></sup> m", "10⁶ m", [(3, "7", "struck")]),
        ("a.html", "<pre>a <s>b</s>\n  c</pre>", "a\n  c", [(1, "b", "struck")]),
        (
            "a.md",
            "- one\n- ~~two~~\n- three ~~four~~\n",
            "- one\n- three",
            [(5, "two", "struck"), (13, "four", "struck")],
        ),
        ("a.txt", f"The rent is {TAGS} 950", "The rent is 950", [(12, WORDS, "invisible")]),
        (
            "a.txt",
            "is \u202e009\u202c 950 \u202e\u05d0\u202c",
            "is 950 \u05d0",
            [(3, "009", "altered")],
        ),
    ],
)
def test_the_words_around_stay_as_they_stand(
    name: str, content: str, text: str, hidden: list[tuple[int, str, str]]
) -> None:
    document = parse(content.encode(), name)
    assert document.text == text
    assert [(item.at, item.text, item.reason) for item in document.hidden] == hidden


def test_the_words_around_stay_as_they_stand_in_word() -> None:
    gone, white = of_run("900 ", "<w:strike/>"), of_run("5", WHITE_RUN)
    words = f"{of_run('The rent is ')}{gone}{of_run('950 or 9')}{white}{of_run('00')}"
    name, data = word(f"<w:p>{words}</w:p>{table(f'one</w:t></w:r>{gone}<w:r><w:t>')}")
    document = parse(data, name)
    assert document.text == f"{BEFORE}\n\nThe rent is 950 or 9 00\n\none\n\n{AFTER}"
    at = len(BEFORE) + 2
    assert [(item.at - at, item.text, item.reason) for item in document.hidden] == [
        (12, "900", "struck"),
        (20, "5", "faint"),
        (28, "900", "struck"),
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<h1 style='color:white'>Secret</h1><h1>Open</h1><p>x"),
        ("a.html", b"<h2 hidden>Secret</h2><h2>Open</h2><p>x"),
        ("a.md", b"# ~~Secret~~\n\n# Open\n\nx"),
        word(
            para("Secret", "<w:vanish/>", '<w:outlineLvl w:val="0"/>')
            + para("Open", "", '<w:outlineLvl w:val="0"/>')
        ),
        ("a.txt", f"{TAGS}Open\n\nAll else is said below.".encode()),
    ],
)
def test_a_hidden_heading_is_no_title(name: str, data: bytes) -> None:
    assert parse(data, name).title == "Open"


def test_a_note_whose_mark_is_hidden_is_hidden() -> None:
    # A reader never sees it: Word prints notes for the marks that it prints.
    mark = "<w:footnoteReference w:id='7'/>"
    looks = word(f"<w:p>{of_run('x')}<w:r><w:rPr><w:vanish/></w:rPr>{mark}</w:r></w:p>")
    document = parse(looks[1], looks[0])
    assert [item.text for item in document.hidden] == ["[7]"]


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_a_file_of_hidden_words_alone_is_refused(name: str) -> None:
    with pytest.raises(UnreadableDocument, match="hidden from its readers"):
        parse(f"<p hidden>{WORDS}</p>".encode(), name)


def test_many_rules_are_applied_to_many_elements() -> None:
    began = time.process_time()
    rules = "".join(f".c{number} {{ color: #{number % 900:03} }}" for number in range(10_000))
    words = "".join(f"<b class=c{number % 10_000}>word </b>" for number in range(100_000))
    document = parse(f"<style>{rules}.c7{{display:none}}</style><p>{words}".encode(), "a.html")
    assert len(document.hidden) == 10
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("module", "limit"), [(matching, "MAX_STEPS"), (style_sheets, "MAX_CHARACTERS")]
)
def test_style_sheets_beyond_a_limit_are_refused(
    module: object, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = b"<style>p b { color: #111 } b b { color: red }</style><p>" + b"<b>x" * 50
    assert parse(page, "a.html").text == "x" * 50
    monkeypatch.setattr(module, limit, 30)
    with pytest.raises(UnreadableDocument, match=r"save its text as \.txt"):
        parse(page, "a.html")


def test_a_sheet_is_not_taken_for_what_it_is_not() -> None:
    # What is left out of a sheet before it is read must not change what the rest says.
    for before in (
        'a{background:url("data:)")}',
        "a{content:'} .y{margin:0}'}",
        "/* .y{x:y} { */",
        ".y{x:y}",
        "@media screen{.y{x:y}}",
    ):
        name, data = html(f"{before} .x{{display:none}}", f"<p class=x>{WORDS}</p>")
        document = parse(data, name)
        assert [item.text for item in document.hidden] == [WORDS], before


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents with a rent that stands there, and another that is hidden or struck out."""
    folder = tmp_path_factory.mktemp("leases")
    rent = "The monthly rent of the {} is {} euros."
    hidden = "The monthly rent of the {} is 777 euros from now on."
    (folder / "mill.html").write_text(
        f"<style>.x{{opacity:0}}</style><p>{rent.format('mill', '<s>777</s> 950')}</p>"
        f"<p class=x>{hidden.format('mill')}</p>"
    )
    (folder / "barn.md").write_text(
        f"{rent.format('barn', '~~777~~ 350')}\n\n<!-- {hidden.format('barn')} -->\n"
    )
    name, data = word(para(rent.format("farm", "550")) + para(hidden.format("farm"), WHITE_RUN))
    (folder / name).write_bytes(data)
    (folder / "plain.txt").write_text(rent.format("forge", "150"))
    return folder


def test_hidden_rents_answer_nothing(
    embedder: DefaultEmbedder,
    folder: Path,
    tmp_path: Path,
) -> None:
    with PassageIndex.open(tmp_path / "index", create=True, embedder=embedder) as index:
        index.add(folder)
        assistant = Assistant(index)
        for place, rent in (("mill", "950"), ("barn", "350"), ("farm", "550"), ("forge", "150")):
            answer = assistant.ask(f"What is the monthly rent of the {place}?")
            assert [sentence.short for sentence in answer.sentences] == [f"{rent} euros"]
            assert "777" not in str(answer)
        hits = index.search("777 euros from now on", 20)
        assert not any("777" in hit.passage.text for hit in hits)
        told = {one.title: one.num_hidden_words for one in index.summaries()}
        assert told == {"mill": 13, "barn": 13, "lease": 12, "plain": 0}
        listed = documents_html(index.summaries(), ())
    assert listed.count("13 hidden words are left out") == 2
    assert listed.count("hidden words are left out") == 3
    place = ["--index", str(tmp_path / "index")]
    assert (
        "1 passage; 12 hidden words are left out)"
        in CliRunner().invoke(app, ["list", *place]).output
    )
    told_each = CliRunner().invoke(app, ["list", "--hidden", *place]).output
    assert "struck out, at character 32: 777" in told_each
    assert "in the colour of what is behind it, at character 63: The monthly rent of" in told_each
    assert "forge" not in told_each
    as_json = CliRunner().invoke(app, ["list", "--hidden", "--json", *place]).output
    assert {one["reason"] for one in json.loads(as_json)} == {"struck", "invisible", "faint"}


def test_the_pane_tells_of_hidden_words_and_of_recognised_pages() -> None:
    document = parse(b"<p>Rent: <s>900 euros</s> 950 <i hidden>or <b>more</b></i></p>", "a.html")
    pane = source_html(document, Span(6, 9))
    assert "<summary>4 hidden words are left out</summary>" in pane
    assert "<li><q>900 euros</q> <span>struck out · at character 6</span></li>" in pane
    assert "<li><q>or more</q> <span>not shown · at character 9</span></li>" in pane
    scan = replace(document, hidden=(), recognised_pages=(1, 2, 3, 7), page_starts=(0,) * 7)
    told = "Pages 1–3, 7 were recognised in pictures (OCR): compare with the page"
    assert f'<p class="lc-unseen">{told}</p>' in source_html(scan, None)
    assert "lc-unseen" not in source_html(replace(document, hidden=()), None)
