"""Codes as pictures: images of their own, because pages hold no inline styles."""

import io
from itertools import groupby

import barcode
import segno
from django.http import HttpResponse
from django.utils.html import format_html, format_html_join

# Scanners want ten modules of white on both sides.
QUIET = 10
BAR_HEIGHT = 60


def qr_picture(text: str) -> HttpResponse:
    """A QR code as SVG."""
    picture = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(picture, kind="svg", scale=8, border=2, dark="#000000", light="#ffffff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def bar_picture(text: str) -> HttpResponse:
    """A Code 128 bar code as SVG, without text below: pages write it themselves."""
    (modules,) = barcode.get("code128", text).build()
    bars, place = [], QUIET
    for is_bar, run in groupby(modules, key="1".__eq__):
        width = len(list(run))
        if is_bar:
            bars.append((place, width, BAR_HEIGHT))
        place += width
    drawn = format_html_join("", '<rect x="{}" y="0" width="{}" height="{}"/>', bars)
    picture = format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'preserveAspectRatio="none" shape-rendering="crispEdges">'
        '<rect width="{width}" height="{height}" fill="#ffffff"/>'
        '<g fill="#000000">{bars}</g></svg>',
        width=place + QUIET,
        height=BAR_HEIGHT,
        bars=drawn,
    )
    return HttpResponse(picture, content_type="image/svg+xml")
