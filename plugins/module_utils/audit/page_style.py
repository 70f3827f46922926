# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page looks: on a screen in light and in dark, and on paper. The tests measure the contrasts."""

from __future__ import annotations

LIGHT = """
  --paper: #ffffff; --ground: #f4f6f8; --ink: #1a1f26; --quiet: #4d5763; --line: #d5dbe1; --edge: #7a8590;
  --link: #0b57b0; --fail: #a8142a; --warn: #7a4a00; --pass: #14683a; --could_not_look: #5b3fa0; --waived: #0f5f73;
  --fail-ground: #fdecee; --warn-ground: #fdf3e1; --pass-ground: #e6f5ec; --could_not_look-ground: #f0ebfb;
  --waived-ground: #e5f4f8; --not_applicable-ground: #eef0f3;
"""
DARK = """
  --paper: #1b2027; --ground: #12161b; --ink: #e9edf1; --quiet: #aeb8c3; --line: #343c46; --edge: #7d8894;
  --link: #8fbcff; --fail: #ff9ba3; --warn: #f2c46b; --pass: #78d6a0; --could_not_look: #c6b4ff; --waived: #7fd0e3;
  --fail-ground: #3d1d22; --warn-ground: #3a2d12; --pass-ground: #16341f; --could_not_look-ground: #2b2344;
  --waived-ground: #12323a; --not_applicable-ground: #2a313a;
"""
_PAGE = """
* { box-sizing: border-box; }
html { color-scheme: light dark; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible, main:focus-visible,
  :target { outline: 3px solid var(--link);
  outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
header, main, footer, .contents > ul { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1.75rem 0 .25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 1rem; }
h3 { font-size: 1.06rem; line-height: 1.35; margin: 0; }
p { margin: 0 0 .75rem; max-width: 46rem; }
ul { margin: 0; padding: 0; list-style: none; }
code, pre, .where { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono",
  monospace; font-size: .88em; }
pre { margin: 0; padding: .6rem .8rem; background: var(--ground); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; }
section { margin: 2.5rem 0; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); z-index: 1; }
.definitions { position: absolute; width: 0; height: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
"""
_SUMMARY = """
.made { color: var(--quiet); margin-bottom: 1.25rem; max-width: none; }
.verdict { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem 1.75rem; align-items: center;
  background: var(--paper); border: 1px solid var(--line); border-left: .5rem solid var(--edge); border-radius: 8px;
  padding: 1.25rem 1.5rem; }
.verdict.fail { border-left-color: var(--fail); } .verdict.warn { border-left-color: var(--warn); }
.verdict.pass { border-left-color: var(--pass); } .verdict.waived { border-left-color: var(--waived); }
.verdict.could_not_look { border-left-color: var(--could_not_look); }
.score { margin: 0; line-height: 1; text-align: center; }
.score strong { font-size: 3.6rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.score span { display: block; color: var(--quiet); font-size: .88rem; margin-top: .35rem; }
.headline { font-size: 1.25rem; line-height: 1.35; font-weight: 600; margin: 0; max-width: none; }
.more { color: var(--quiet); margin: .35rem 0 0; }
.bar { display: block; width: 100%; height: .8rem; margin: 1rem 0 .6rem; grid-column: 1 / -1; }
.bar rect { stroke: var(--paper); stroke-width: .4; }
.counts { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; grid-column: 1 / -1; }
.counts a, .counts span { display: inline-flex; align-items: center; gap: .4rem; }
.contents { border-bottom: 1px solid var(--line); margin-top: 1.25rem; padding-bottom: .75rem; }
.contents > ul { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; }
.mark { width: 1.05em; height: 1.05em; flex: none; vertical-align: -.16em; }
"""
_FINDINGS = """
article { background: var(--paper); border: 1px solid var(--line); border-left: .35rem solid var(--edge);
  border-radius: 8px; padding: 1rem 1.25rem; margin: 0 0 1rem; }
article.fail { border-left-color: var(--fail); } article.warn { border-left-color: var(--warn); }
article.could_not_look { border-left-color: var(--could_not_look); }
  article.waived { border-left-color: var(--waived); }
.badge { display: inline-flex; align-items: center; gap: .4rem; border-radius: 99px; padding: .05rem .65rem;
  font-size: .85rem; font-weight: 600; white-space: nowrap; }
.badge.fail { color: var(--fail); background: var(--fail-ground); }
.badge.warn { color: var(--warn); background: var(--warn-ground); }
.badge.pass { color: var(--pass); background: var(--pass-ground); }
.badge.waived { color: var(--waived); background: var(--waived-ground); }
.badge.could_not_look { color: var(--could_not_look); background: var(--could_not_look-ground); }
.badge.not_applicable { color: var(--quiet); background: var(--not_applicable-ground); }
.about { display: flex; flex-wrap: wrap; gap: .35rem .9rem; align-items: center; margin: .35rem 0 0; font-size: .9rem;
  color: var(--quiet); }
dl { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: .45rem 1rem; margin: .9rem 0 0; }
dl + dl, details > dl { border-top: 1px solid var(--line); padding-top: .9rem; }
dt { color: var(--quiet); font-size: .9rem; } dd { margin: 0; } dd p { white-space: pre-line; margin: 0;
  max-width: none; }
.places { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
summary { cursor: pointer; } details > p, details > .scroll, details > ul { margin-top: .6rem; }
article > details { margin-top: .9rem; }
.none { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem;
  max-width: none; }
"""
_TABLES = """
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 42rem; background: var(--paper);
  border: 1px solid var(--line);
  font-size: .93rem; }
caption { text-align: left; color: var(--quiet); padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid var(--line); }
thead th { font-size: .85rem; color: var(--quiet); background: var(--ground); white-space: nowrap; }
tbody th { font-weight: 600; } tbody th code { display: block; font-weight: 400; color: var(--quiet); }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td li + li { margin-top: .35rem; } td > .mark, li > .mark { margin-right: .4rem; }
table.controls thead th:nth-child(2) { width: 36%; }
table.controls thead th:nth-child(5) { width: 34%; }
"""
_PICTURES = """
figure { margin: 0 0 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: 1.25rem; }
figcaption { margin-top: 1rem; font-size: .93rem; color: var(--quiet); } figcaption p { margin: 0 0 .25rem;
  max-width: none; }
.wide { display: none; }
.picture { display: block; width: 100%; min-width: 46rem; max-width: 66rem; height: auto; }
.picture text { font-size: 13px; fill: var(--ink); } .picture .head { font-size: 14px; font-weight: 600; }
.picture .fixed { font-size: 12px; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono",
  "Liberation Mono", monospace; }
.picture .asked { font-size: 12px; } .picture .strong { font-weight: 650; }
.picture .quiet { fill: var(--quiet); } .picture .small { font-size: 11px; }
.picture text.yes, .picture text.pass { fill: var(--pass); } .picture text.no,
  .picture text.fail { fill: var(--fail); }
.picture text:is(.some, .warn) { fill: var(--warn); } .picture text:is(.unknown, .local) { fill: var(--quiet); }
.box { fill: var(--paper); stroke: var(--edge); stroke-width: 1.2; } .box.bare { stroke: var(--fail);
  stroke-width: 2; }
.box.absent { stroke-dasharray: 5 4; fill: var(--ground); }
.pill { stroke-width: 1.2; } .pill.yes { fill: var(--pass-ground); stroke: var(--pass); }
.pill.no { fill: var(--fail-ground); stroke: var(--fail); stroke-dasharray: 5 3; }
.pill.some { fill: var(--warn-ground); stroke: var(--warn); stroke-dasharray: 5 3; }
.pill.local { fill: var(--not_applicable-ground); stroke: var(--edge); stroke-dasharray: 5 3; }
.pill.unknown { fill: var(--not_applicable-ground); stroke: var(--edge); stroke-dasharray: 1.5 3; }
.flow, .branch, .route { fill: none; stroke: var(--edge); stroke-width: 1.6; } .head { fill: var(--ink); }
.flow.bare { stroke: var(--fail); stroke-dasharray: 6 4; } .flow.dim, .branch.dim { stroke-dasharray: 2 4; }
.route.missing { stroke: var(--fail); stroke-dasharray: 3 5; } .person { fill: var(--quiet); }
.tick { stroke: var(--edge); stroke-width: 1; stroke-dasharray: 2 4; } .tick.now { stroke: var(--ink);
  stroke-dasharray: none; }
.rule { stroke: var(--line); } .span { stroke-width: 3; stroke: var(--pass); }
.span.fail { stroke: var(--fail); stroke-dasharray: 4 3; } .span.warn { stroke: var(--warn); }
:is(svg, use, rect).fail { fill: var(--fail); } :is(svg, use, rect).warn { fill: var(--warn); }
:is(svg, use, rect).pass { fill: var(--pass); } :is(svg, use, rect).waived { fill: var(--waived); }
:is(svg, use, rect).could_not_look { fill: var(--could_not_look); }
:is(svg, use, rect).not_applicable { fill: var(--quiet); color: var(--quiet); }
.cut { fill: none; stroke: var(--paper); stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.ring { fill: none; stroke: var(--quiet); stroke-width: 1.6; }
.line { fill: none; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; stroke: currentColor; }
:is(svg, use).yes { color: var(--pass); } :is(svg, use).no { color: var(--fail); }
:is(svg, use):is(.unknown, .local) { color: var(--quiet); } :is(svg, use).some { color: var(--warn); }
"""
_ENDS = """
footer { color: var(--quiet); font-size: .9rem; padding-top: 1.25rem; padding-bottom: 3rem; }
@media (max-width: 40rem) {
  h1 { font-size: 1.4rem; } .verdict { grid-template-columns: minmax(0, 1fr); padding: 1rem; }
  .score { text-align: left; } .score strong { font-size: 2.6rem; } .score span { display: inline; }
  .headline { font-size: 1.1rem; }
  .wide { display: block; }
  article, figure { padding: .9rem; } dl { grid-template-columns: minmax(0, 1fr); gap: .1rem; }
  dd { margin-bottom: .5rem; }
}
@media (forced-colors: active) { .badge { border: 1px solid; } .picture, .mark, .bar { forced-color-adjust: none; } }
@media print {
  @page { margin: 14mm; }
  body { background: none; font-size: 10pt; } .skip, .contents { display: none; }
  header, main, footer { max-width: none; padding: 0; } section { margin: 1.5rem 0; }
  .verdict, article, figure, tr, dl { break-inside: avoid; } h2, h3, caption, thead, section > p { break-after: avoid; }
  tbody tr:first-child { break-before: avoid; } .long > summary { display: none; } figcaption { font-size: 8.5pt; }
  details::details-content { content-visibility: visible; display: block; height: auto; } summary { list-style: none;
  }
  .scroll { overflow: visible; } .wide { display: none; } table, .picture { min-width: 0; } table { font-size: 8.5pt; }
  thead { display: table-header-group; } th, td { padding: .3rem .4rem; }
  a { color: inherit; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
STYLE = (
    f":root {{{LIGHT}}}\n@media screen and (prefers-color-scheme: dark) {{ :root {{{DARK}}} }}"
    f"{_PAGE}{_SUMMARY}{_FINDINGS}{_TABLES}{_PICTURES}{_ENDS}"
)
