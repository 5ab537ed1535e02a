"""Elements: each rule finds its fault, at its line, and leaves alone what the HTML standard allows.

What is right and wrong is that of the standard's sections on each element ("content model", "contexts in which this
element can be used", "tag omission") and of its section on parsing, for where a browser ends an element by itself.
"""

from __future__ import annotations

import pytest

from edgedocs.publishing.checking.elements import problems_of

PAGE = '<!doctype html>\n<html lang="en">\n<head><title>T</title></head>\n<body>\n{}\n</body>\n</html>\n'
FIRST = 5
"""The line of what is put into the page."""

WRONG = {
    "block in a paragraph": ("<p>a\n<div>b</div></p>", 6, "<div> stands in <p>, which it ends"),
    "heading in a paragraph": ("<p><h2>a</h2></p>", 5, "<h2> stands in <p>, which it ends"),
    "list in a paragraph": ("<p>a\n<ul><li>b</li></ul>\n</p>", 6, "<ul> stands in <p>, which it ends"),
    "block in a span": ("<span>\n<div>a</div></span>", 6, "<div> stands in <span>"),
    "block in a link in a span": ('<span><a href="x"><div>a</div></a></span>', 5, "<div> stands in <span>"),
    "block in a heading": ("<h2><p>a</p></h2>", 5, "<p> stands in <h2>"),
    "block in preformatted text": ("<pre><div>a</div></pre>", 5, "<div> stands in <pre>"),
    "block in a button": ("<button><p>a</p></button>", 5, "<p> stands in <button>"),
    "link in a link": (
        '<a href="x">a\n<a href="y">b</a></a>',
        6,
        "<a> stands in <a>, so that a click means two things",
    ),
    "link deep in a link": ('<a href="x"><b><a href="y">b</a></b></a>', 5, "<a> stands in <a>, so that"),
    "button in a link": ('<a href="x"><button>b</button></a>', 5, "<button> stands in <a>, so that"),
    "link in a button": ('<button><a href="x">b</a></button>', 5, "<a> stands in <button>, so that"),
    "control in a link": ('<a href="x"><input aria-label="b"></a>', 5, "<input> stands in <a>, so that"),
    "what takes the focus, in a link": ('<a href="x"><b tabindex="0">b</b></a>', 5, "<b> with tabindex stands in <a>"),
    "label in a label": ("<label><label>a</label></label>", 5, "<label> stands in <label>"),
    "form in a form": ("<form><form></form></form>", 5, "<form> stands in <form>"),
    "item outside lists": ("<div><li>a</li></div>", 5, "<li> stands in <div>"),
    "item outside of everything": ("<li>a</li>", 5, "<li> stands in <body>"),
    "no item in a list": ("<ul><li>a</li>\n<p>b</p></ul>", 6, "<p> stands in <ul>"),
    "list in a list": ("<ul><ul><li>a</li></ul></ul>", 5, "<ul> stands in <ul>"),
    "text in a list": ("<ul>\na<li>b</li></ul>", 6, "text stands in <ul>"),
    "term outside": ("<div><dt>a</dt></div>", 5, "<dt> stands in <div>"),
    "definition in a list": ("<ul><dd>a</dd></ul>", 5, "<dd> stands in <ul>"),
    "no pair in definitions": ("<dl><p>a</p></dl>", 5, "<p> stands in <dl>"),
    "heading in a term": ("<dl><dt><h2>a</h2></dt><dd>b</dd></dl>", 5, "<h2> stands in <dt>"),
    "row outside tables": ("<div><tr></tr></div>", 5, "<tr> stands in <div>"),
    "cell without a row": ("<table><td>a</td></table>", 5, "<td> stands in <table>"),
    "no row in a table": ("<table>\n<div>a</div></table>", 6, "<div> stands in <table>"),
    "text in a row": ("<table><tr>a<td>b</td></tr></table>", 5, "text stands in <tr>"),
    "head of a table elsewhere": ("<div><thead></thead></div>", 5, "<thead> stands in <div>"),
    "caption elsewhere": ("<p><caption>a</caption></p>", 5, "<caption> stands in <p>"),
    "caption of a figure elsewhere": ("<figcaption>a</figcaption>", 5, "<figcaption> stands in <body>"),
    "summary elsewhere": ("<div><summary>a</summary></div>", 5, "<summary> stands in <div>"),
    "style in the text": ("<div>\n<style>p { color: red }</style></div>", 6, "<style> stands in <div>"),
    "main in an article": ("<article><main>a</main></article>", 5, "<main> stands in <article>"),
    "attribute twice": ('<p id="a" class="b" id="c">x</p>', 5, "<p> has the attribute 'id' twice"),
    "never closed": ("<div>\n<b>a</div>", 6, "<b> is not closed before </div>"),
    "crossed": ("<p><b><i>a</b></i></p>", 5, "<i> is not closed before </b>"),
    "not closed at all": ("<div>\n<section>a\n</div>", 6, "<section> is not closed before </div>"),
    "closes nothing": ("<div>a</div>\n</div>", 6, "</div> closes nothing"),
    "closes no paragraph": ("a</p>", 5, "</p> closes nothing"),
    "closes what stands around a cell": (
        "<div><table><tr><td>a</div></td></tr></table></div>",
        5,
        "</div> closes nothing",
    ),
    "end of an element without content": ("a<br></br>", 5, "</br> closes nothing"),
    "closed as in XML": ("<div/>a</div>x<div/></div>", 5, "<div/> is read as <div>"),
    "id twice": ('<p id="a">x</p>\n<p id="a">y</p>', 6, "the id 'a' stands here once more"),
    "picture without alt": ('<p>\n<img src="x.png"></p>', 6, "the picture 'x.png' has no alt"),
    "picture to click": ('<input type="image" src="x.png">', 5, "the picture 'x.png' has no alt"),
    "control without a name": ("<p>\n<input></p>", 6, "the control <input> has no name"),
    "label of another": ('<label for="b">B</label><select id="a"></select>', 5, "the control <select> has no name"),
    "button without a name": ("<button><svg><path d='M0 0'/></svg></button>", 5, "the button has no name"),
    "in SVG": ("<svg><g></svg>", 5, "<g> is not closed before </svg>"),
}

RIGHT = [
    "<p>a<p>b<ul><li>c<li>d</ul>",
    "<p>a<div>b</div>",
    '<a href="x"><div><p>a</p></div></a>',
    '<p><a href="x"><b>a</b><img src="x.png" alt=""></a></p>',
    "<ul><li>a<ul><li>b</li></ul></li><script></script></ul>",
    "<ol>\n<li><p>a</p><div>b</div></li>\n</ol>",
    "<dl><dt>a<dd>b<dd>c<dt>d<dd>e</dl>",
    "<dl><div><dt>a</dt><dd>b</dd></div></dl>",
    "<table><caption>c</caption><tr><td>a<td>b<tr><th>c</table>",
    "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><p>b</p><div>c</div></td></tr></tbody></table>",
    "<table><colgroup><col><col></colgroup><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
    "<details><summary><h3>a</h3></summary><p>b</p></details>",
    "<figure><img src='x' alt='a'><figcaption>b</figcaption></figure>",
    "<picture><source srcset='y'><img src='x' alt=''></picture>",
    "<p><svg><title>a</title><style>b{}</style><g><path d='M0 0'/></g></svg><math><mi>x</mi></math></p>",
    "<p>a<br/>b<wbr>c</p><hr/>",
    "<label>a <input></label><label for='b'>B</label><select id='b'><option>c<option>d</select>",
    "<input aria-label='a'><input type='hidden'><input type='submit'><input type='button' value='c'>",
    "<button>a</button><button aria-label='b'></button><button><img src='x' alt='c'></button>",
    "<template><li>a</li><tr><td>b</td></tr></template>",
    "<textarea aria-label='a'><b>no element</textarea>",
    "<p><ruby>漢<rt>kan</ruby> <my-element><div>a</div></my-element></p>",
    "<span hidden data-a='1'>a &lt;div&gt; &amp; b</span><!-- <div> -->",
    "<p><ins>a</ins></p><ins><p>b</p></ins>",
    "<header><nav><ul><li>a</li></ul></nav></header><main><article><header>b</header></article></main>",
]


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_found_at_its_line(name: str) -> None:
    body, line, message = WRONG[name]
    first = problems_of(PAGE.format(body))[0]
    assert (first.line, first.message[: len(message)]) == (line, message)
    assert first.remedy


@pytest.mark.parametrize("body", RIGHT)
def test_what_the_standard_allows_is_left_alone(body: str) -> None:
    assert problems_of(PAGE.format(body)) == []


def test_one_fault_is_told_once() -> None:
    once = [name for name in WRONG if name not in ("closed as in XML",)]
    assert {name: len(problems_of(PAGE.format(WRONG[name][0]))) for name in once} == dict.fromkeys(once, 1)


def test_a_page_says_its_language() -> None:
    page = PAGE.format("<p>a</p>").replace(' lang="en"', "")
    assert [(found.line, found.message) for found in problems_of(page)] == [
        (1, "the page does not say its language: <html> has no lang")
    ]


def test_a_toggle_of_the_theme_needs_no_label_and_others_do() -> None:
    assert problems_of(PAGE.format('<input type="checkbox" id="__toc">')) == []
    assert len(problems_of(PAGE.format('<input type="checkbox" id="toc">'))) == 1
