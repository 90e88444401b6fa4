"""One move as a picture.

chart.py     what is in the picture, and the sentence that sums it up. Pure
rows.py      its rows: bars in seconds, and the words beside them. Pure
places.py    which places have a row of their own, and what stands for the others. Pure
scale.py     from seconds to columns or pixels: ticks, and bars that are never invisible. Pure
terminal.py  the picture in a terminal, with colours, or as plain text
svg.py       the same as an SVG file, readable on light and dark
"""
