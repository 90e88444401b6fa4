"""The colours and letters of the SVG picture: on light, and on dark where the reader prefers that.

The bars keep their colours; white on them, and every other text on its paper, has a contrast of 4.5 to 1.
"""

STYLE = """\
text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.verdict { font-size: 15px; font-weight: 600 }
.name { font-family: ui-monospace, Menlo, Consolas, monospace }
.dim { fill: #59636e }
.strong { font-weight: 700 }
.good { fill: #1a7f37 }
.bad { fill: #cf222e }
.in { fill: #fff; font-size: 11.5px }
.paper { fill: #fff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.zero { stroke: #59636e; stroke-dasharray: 2 3 }
.wait { stroke: #818b98; stroke-width: 2; stroke-dasharray: 2 4 }
.frame { fill: none; stroke: #1f2328; stroke-width: 2 }
.caller { fill: #6e7781 }
.hook { fill: #8250df }
.host { fill: #9a6700 }
.look { fill: #0e7490 }
.write { fill: #0969da }
.verify { fill: #1a7f37 }
.prepare { fill: #5b5fc7 }
.rest { fill: #d0d7de }
.own { fill: #c3cad2 }
.failed { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .dim { fill: #9198a1 }
  .good { fill: #3fb950 }
  .bad { fill: #ff7b72 }
  .in { fill: #fff }
  .paper { fill: #0d1117; stroke: #3d444d }
  .grid { stroke: #3d444d }
  .zero { stroke: #9198a1 }
  .frame { stroke: #e6edf3 }
  .rest { fill: #3d444d }
  .own { fill: #59636e }
}"""
