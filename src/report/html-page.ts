/** The frame of the HTML report: escaping, the style sheet and the script, all inside one page. */

/** Text as HTML, safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character]);
}

/** A whole page that needs nothing from outside: no font, image, script or style is loaded. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
<div id="tip" hidden></div>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const STYLE = `
:root { --paper: #fcfbf9; --card: #fff; --ink: #1d2127; --soft: #626a75; --line: #e3e0da; --heat: 232 138 20; --most: .78;
  --warn: #fff4dc; --warn-line: #e0a030; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --card: #1c1f25; --ink: #e6e4df; --soft: #9aa2ad;
  --line: #30353d; --heat: 214 112 8; --most: .68; --warn: #2e2615; --warn-line: #a87820; } }
* { box-sizing: border-box; }
body { margin: 0; print-color-adjust: exact; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", sans-serif; }
main { max-width: 800px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 48px 0 4px; }
p { margin: 4px 0 14px; max-width: 75ch; }
.soft, .card span { color: var(--soft); font-size: .875rem; }
pre, .text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .85rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 12px; margin: 24px 0 12px; }
.card, pre, .text { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.card { padding: 14px 16px; }
.card strong { display: block; font-size: 1.65rem; line-height: 1.25; font-weight: 620; font-variant-numeric: tabular-nums; }
.card strong small { font-size: .85rem; font-weight: 400; color: var(--soft); white-space: nowrap; }
.card strong + span { margin-top: 8px; }
.card span { display: block; line-height: 1.4; }
.card span::first-letter { text-transform: uppercase; }
.meter { height: 6px; border-radius: 3px; margin: 8px 0; background: var(--line); position: relative; }
.meter i { display: block; height: 100%; border-radius: 3px; background: rgb(var(--heat)); max-width: 100%; }
.meter b { position: absolute; top: -3px; width: 2px; height: 12px; background: var(--ink); }
.warnings { list-style: none; margin: 16px 0; padding: 10px 16px; background: var(--warn); border-left: 3px solid var(--warn-line);
  border-radius: 4px; overflow-wrap: anywhere; }
figure { margin: 12px 0 0; }
.narrow { display: none; }
@media (max-width: 720px) { main { padding: 24px 16px 48px; } .wide { display: none; } .narrow { display: block; } }
.text, pre { padding: 14px 16px; margin: 10px 0; overflow-x: auto; line-height: 1.75; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.text span, .legend span { background: rgb(var(--heat) / calc(var(--most) * var(--used))); padding: 2px 0; }
.legend span { display: inline-block; min-width: 1.8em; text-align: center; padding: 1px 4px; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; font-size: .875rem; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 18px 4px 0; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; overflow-wrap: anywhere; }
thead th { color: var(--soft); }
.numbers td, .numbers th { text-align: right; }
.scroll { overflow-x: auto; position: relative; left: 50%; transform: translateX(-50%); width: max-content; min-width: 100%;
  max-width: min(1060px, 100vw - 40px); }
.rows td, .rows th { text-align: right; white-space: nowrap; padding-right: 14px; }
.rows thead th { white-space: normal; overflow-wrap: normal; vertical-align: bottom; min-width: 4.5em; }
.rows td:first-child, .rows th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
.notes { font-size: .875rem; color: var(--soft); padding-left: 1.4em; }
details { margin: 10px 0; overflow-x: auto; }
summary { cursor: pointer; color: var(--soft); font-size: .875rem; }
.skip-map-cells rect.same { stroke: var(--ink); stroke-width: 1.5px; }
#tip { position: absolute; pointer-events: none; white-space: pre; background: var(--ink); color: var(--paper); font-size: .8rem;
  line-height: 1.4; padding: 6px 10px; border-radius: 6px; max-width: 90vw; }
@media print { details, #tip { display: none; } }
`;

/**
 * Pointing at a cell of the skip map outlines its token's column and shows the cell's `<title>` at once. Without the
 * script the browser shows the same title after a moment.
 */
const SCRIPT = `
const tip = document.getElementById('tip');
let column = [];
const leave = () => { for (const cell of column) cell.classList.remove('same'); column = []; tip.hidden = true; };
for (const cell of document.querySelectorAll('.skip-map-cells rect')) {
  const title = cell.querySelector('title');
  const text = title.textContent;
  title.remove();
  cell.addEventListener('pointerenter', () => {
    leave();
    column = [...cell.parentNode.children].filter((other) => other.getAttribute('x') === cell.getAttribute('x'));
    for (const other of column) other.classList.add('same');
    tip.textContent = text;
    tip.hidden = false;
    const box = cell.getBoundingClientRect();
    const left = Math.min(box.right + 8, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(8, left) + scrollX + 'px';
    tip.style.top = Math.max(8, box.top - tip.offsetHeight - 8) + scrollY + 'px';
  });
}
for (const map of document.querySelectorAll('.skip-map')) map.addEventListener('pointerleave', leave);
`;
