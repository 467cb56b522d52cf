"""The report of an evaluation: one HTML file with tables, curves, losses and provenance."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from a2fbridge.training._quality import Figure
from a2fbridge.training.stages._svg import line_chart

__all__ = ["figure_table", "loss_charts", "report_page"]

_STYLE = Path(__file__).with_name("report.css")


def report_page(
    title: str, lead: str, sections: Sequence[tuple[str, str]], provenance: Mapping[str, Any]
) -> str:
    """Return the page: a title, a sentence, sections of HTML by heading, and where the result comes from."""
    kept = html.escape(json.dumps(provenance, indent=2))
    body = "".join(f"<h2>{html.escape(heading)}</h2>\n{content}\n" for heading, content in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE.read_text()}</style></head>\n<body>\n"
        f'<h1>{html.escape(title)}</h1>\n<p class="lead">{html.escape(lead)}</p>\n{body}'
        f"<h2>Provenance</h2>\n<details><summary>Configuration, versions and what was learned from</summary>"
        f"<pre>{kept}</pre></details>\n</body></html>\n"
    )


def figure_table(columns: Mapping[str, Mapping[str, Figure]], meaning: Mapping[str, str]) -> str:
    """Return a table: a row for each measure, a column for each group of takes, intervals and counts inside."""
    names = [name for name in meaning if any(name in figures for figures in columns.values())]
    heads = "".join(f'<th class="number">{html.escape(group)}</th>' for group in columns)
    rows = []
    for name in names:
        cells = "".join(f'<td class="number">{_cell(figures.get(name))}</td>' for figures in columns.values())
        rows.append(
            f"<tr><td>{html.escape(name)}</td>{cells}<td class='quiet'>{html.escape(meaning[name])}</td></tr>"
        )
    return f"<table><tr><th>measure</th>{heads}<th>meaning</th></tr>{''.join(rows)}</table>"


def _cell(figure: Figure | None) -> str:
    if figure is None or math.isnan(figure.value):
        return "–"
    interval = "" if math.isnan(figure.low) else f"{figure.low:.3g} … {figure.high:.3g}, "
    return f'<b>{figure.value:.3g}</b><br><span class="quiet">{interval}n {figure.n}</span>'


def loss_charts(rows: Sequence[Mapping[str, float]]) -> str:
    """Return charts of a fit's metrics: losses on a logarithmic axis, R2 on a linear one."""
    names = [n for n in dict.fromkeys(k for row in rows for k in row) if n not in ("step", "rate")]

    def series(chosen: Sequence[str]) -> list[tuple[str, list[float], list[float]]]:
        return [(n, [r["step"] for r in rows if n in r], [r[n] for r in rows if n in r]) for n in chosen]

    losses = line_chart(series([n for n in names if "R2" not in n]), logarithmic=True)
    explained = line_chart(series([n for n in names if "R2" in n]), logarithmic=False)
    return losses + explained
