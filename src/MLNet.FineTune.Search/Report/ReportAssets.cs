namespace MLNet.FineTune.Search;

/// <summary>The style and script of a report. Neither may have a character that XML escapes: HTML reads them as they are.</summary>
internal static class ReportAssets
{
    public const string Style = """

        :root { --ink: #1c2733; --soft: #66727f; --line: #d6dce2; --paper: #ffffff; --done: #5b87b5; --front: #c8374a; --rest: #b3bcc5; color-scheme: light dark; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #97a3af; --line: #36414c; --paper: #161c22; --done: #7fa8d4; --front: #f0697a; --rest: #5a6671; } }
        body { margin: 0 auto; max-width: 1100px; padding: 24px; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        h1 { margin-bottom: 0; overflow-wrap: anywhere; }
        h2 { margin-top: 40px; }
        p, dd { color: var(--soft); overflow-wrap: anywhere; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; }
        dd { margin: 0; }
        .wide { overflow-x: auto; }
        svg { width: 100%; max-width: 900px; height: auto; }
        .wide svg { width: auto; max-width: none; height: 360px; }
        .frame { fill: none; stroke: var(--line); }
        .grid { stroke: var(--line); stroke-width: 0.5; }
        .axis { stroke: var(--soft); }
        .tick { font-size: 11px; fill: var(--soft); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
        .label { font-size: 12px; fill: var(--ink); }
        .bar, circle.done { fill: var(--done); }
        circle.front { fill: var(--front); }
        circle.rest { fill: var(--rest); }
        polyline { fill: none; stroke-width: 1; }
        polyline.done { stroke: var(--done); opacity: 0.6; }
        polyline.front { stroke: var(--front); stroke-width: 2; }
        polyline.rest { stroke: var(--rest); }
        polyline.frontier { stroke: var(--front); opacity: 0.5; }
        polyline:hover { stroke-width: 4; opacity: 1; }
        table { border-collapse: collapse; font-size: 13px; }
        th { position: sticky; top: 0; background: var(--paper); text-align: left; }
        th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 4px 8px; cursor: pointer; white-space: nowrap; }
        th[aria-sort=ascending] button::after { content: " ▲"; }
        th[aria-sort=descending] button::after { content: " ▼"; }
        td { padding: 3px 8px; border-top: 1px solid var(--line); max-width: 420px; overflow-wrap: anywhere; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        tr.front td { font-weight: 600; }
        tr.rest td { color: var(--soft); }

        """;

    public const string Script = """

        document.querySelectorAll('th').forEach(function (head, column) {
          head.querySelector('button').addEventListener('click', function () {
            var up = head.getAttribute('aria-sort') !== 'ascending';
            var body = head.closest('table').tBodies[0];
            function key(row) { return row.cells[column].getAttribute('data-key'); }
            function compare(a, b) {
              var x = key(a), y = key(b);
              if (x === '' || y === '') { return x === y ? 0 : x === '' ? 1 : -1; }
              var difference = Number(x) - Number(y);
              return (up ? 1 : -1) * (isNaN(difference) ? x.localeCompare(y) : difference);
            }
            document.querySelectorAll('th').forEach(function (other) { other.removeAttribute('aria-sort'); });
            head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
            Array.from(body.rows).sort(compare).forEach(function (row) { body.appendChild(row); });
          });
        });

        """;
}
