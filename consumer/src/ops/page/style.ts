/** The page's only style sheet. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f5f6f8; --card: #ffffff; --ink: #1b2330; --soft: #556070; --line: #dde2e9; --link: #0a58b0; --focus: #0a58b0;
  --good: #12703c; --good-bg: #e2f3e9; --wait: #1f5aa6; --wait-bg: #e4eefb; --warn: #8a4b00; --warn-bg: #fdeed9;
  --bad: #b3162b; --bad-bg: #fde7ea; --none: #4f5968; --none-bg: #e9ecf1; --shade: 0 1px 2px #1b233014, 0 4px 16px #1b23300d;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161d; --card: #1a2029; --ink: #e6eaf0; --soft: #a3aebc; --line: #303945; --link: #82b8ff; --focus: #82b8ff;
    --good: #6cd79b; --good-bg: #143424; --wait: #8fc0ff; --wait-bg: #172c48; --warn: #ffbe6b; --warn-bg: #3d2a10;
    --bad: #ff93a0; --bad-bg: #451a22; --none: #b4bdca; --none-bg: #29313c; --shade: none;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; outline: none; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.0625rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 small { font-weight: 400; color: var(--soft); margin-left: .25rem; }
p { margin: 0 0 .5rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.code, code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: .875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding: .6rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.brand { font-weight: 650; letter-spacing: -.01em; }
.bar nav { display: flex; gap: .25rem; }
.bar nav a { padding: .3rem .7rem; border-radius: 8px; text-decoration: none; color: var(--ink); }
.bar nav a:hover { background: var(--paper); }
.bar nav a[aria-current] { background: var(--wait-bg); color: var(--wait); font-weight: 600; }
.who { margin-left: auto; display: flex; align-items: center; gap: .75rem; color: var(--soft); font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.125rem; margin: 0 0 1rem; box-shadow: var(--shade); }
.narrow { max-width: 26rem; margin: 10vh auto 0; padding: 1.75rem; }
.narrow h1 { margin-top: 0; }
.stack { display: grid; gap: .6rem; }
.row { display: flex; gap: .6rem; }
.row > input { flex: 1; min-width: 0; }
label { font-weight: 600; font-size: .9375rem; }
input, textarea, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid #7b8695; border-radius: 8px; padding: .5rem .7rem; width: 100%; }
textarea { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .875rem; min-height: 18rem; }
button, .button { font: inherit; font-weight: 600; color: var(--card); background: var(--link); border: 1px solid transparent; border-radius: 8px; padding: .5rem 1.1rem; cursor: pointer; text-decoration: none; }
button:hover { filter: brightness(1.08); }
button.quiet { background: transparent; color: var(--link); border-color: var(--line); padding: .25rem .7rem; font-size: .875rem; }
button.danger { background: var(--card); color: var(--bad); border-color: currentColor; }
.search { margin: 0 0 1rem; display: grid; gap: .4rem; }
.actions { display: flex; flex-wrap: wrap; gap: .4rem 1.25rem; font-size: .9375rem; margin-bottom: 1rem; }
.plain { list-style: none; margin: 0; padding: 0; display: grid; gap: .4rem; }
.notice { border-radius: 10px; padding: .6rem .9rem; background: var(--none-bg); color: var(--none); margin-bottom: 1rem; }
.notice.bad { background: var(--bad-bg); color: var(--bad); }
.notice.good { background: var(--good-bg); color: var(--good); }
.verdict { border-radius: 12px; padding: .8rem 1rem; margin-bottom: 1rem; font-weight: 500; overflow-wrap: anywhere; }
.mark { display: inline-block; font-size: .8125rem; font-weight: 600; border-radius: 99px; padding: .05rem .6rem; white-space: nowrap; }
.verdict .mark { margin-right: .35rem; background: var(--card); }
.done { --tone: var(--good); --tone-bg: var(--good-bg); } .waiting, .planned { --tone: var(--wait); --tone-bg: var(--wait-bg); }
.stuck { --tone: var(--warn); --tone-bg: var(--warn-bg); } .failed { --tone: var(--bad); --tone-bg: var(--bad-bg); }
.unknown, .void { --tone: var(--none); --tone-bg: var(--none-bg); }
.mark, .verdict { color: var(--tone); background: var(--tone-bg); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0 0 1rem; font-size: .875rem; }
.facts div { display: flex; gap: .4rem; min-width: 0; } dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
.steps { list-style: none; margin: 0; padding: 0; }
.step { display: grid; grid-template-columns: 9.5rem 1fr; gap: 0 2.1rem; position: relative; padding-bottom: .9rem; }
.step::before { content: ""; position: absolute; left: 10.2rem; top: .45rem; width: .7rem; height: .7rem; border-radius: 50%; background: var(--tone); box-shadow: 0 0 0 4px var(--tone-bg); }
.step:not(:last-child)::after { content: ""; position: absolute; left: 10.48rem; top: 1.5rem; bottom: -.2rem; width: 2px; background: var(--line); }
.step p { margin-bottom: .15rem; overflow-wrap: anywhere; }
.when { font-variant-numeric: tabular-nums; font-size: .875rem; text-align: right; padding-top: .1rem; }
.lag { color: var(--soft); display: block; font-size: .8125rem; }
.part { color: var(--soft); font-size: .875rem; margin-right: .2rem; }
.waits { color: var(--tone); font-weight: 500; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; width: fit-content; }
.proof { margin: .4rem 0 .2rem; padding: .6rem .8rem; background: var(--paper); border-radius: 8px; font-size: .8125rem; display: grid; gap: .2rem; }
.proof div { display: grid; grid-template-columns: 9rem 1fr; gap: .75rem; }
.verdict.big { font-size: 1.25rem; padding: 1.1rem 1.25rem; }
.problems { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem; }
.problems li { border-left: 4px solid var(--tone); background: var(--card); border-radius: 8px; padding: .5rem .9rem; display: flex; flex-wrap: wrap; gap: .1rem .75rem; align-items: baseline; overflow-wrap: anywhere; }
.problems b { font-weight: 550; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; font-size: .8125rem; } tbody th { font-weight: 550; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
meter { width: 5.5rem; height: .8rem; vertical-align: middle; }
.figure { font-size: 1.375rem; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1rem; }
.tiles .card { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.25rem 1.75rem; }
.chart { margin: 0; min-width: 0; } .chart figcaption { font-weight: 550; font-size: .9375rem; }
.chart svg { width: 100%; height: 5.25rem; display: block; overflow: visible; }
.axis, .grid { stroke: var(--line); vector-effect: non-scaling-stroke; } .grid { stroke-dasharray: 3 4; }
.line { fill: none; stroke: var(--wait); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line-1 { stroke: var(--warn); stroke-dasharray: 5 3; }
.scale { display: flex; justify-content: space-between; margin: .2rem 0 0; font-size: .75rem; }
.legend { list-style: none; display: flex; gap: 1rem; margin: .2rem 0 0; padding: 0; font-size: .8125rem; }
.key { display: inline-block; width: 1.2rem; border-top: 2px solid var(--wait); margin-right: .35rem; vertical-align: middle; }
.key.line-1 { border-top: 2px dashed var(--warn); }
figcaption .note { font-weight: 400; } .tiles + *, #live + .actions { margin-top: 1rem; }
.button { display: inline-block; } .causes li { overflow-wrap: anywhere; } progress { width: 9rem; vertical-align: middle; }
.card > form, form.card h2 { margin-bottom: 0; } .notice ul { margin: 0; padding-left: 1.2rem; }
.diff { margin: 0; font: .8125rem/1.55 ui-monospace, "DejaVu Sans Mono", monospace; display: grid; }
.diff span { white-space: pre; } .diff-added { background: var(--good-bg); color: var(--good); } .diff-removed { background: var(--bad-bg); color: var(--bad); }
h1.code { font-size: 1.25rem; font-weight: 600; }
[data-connection="lost"] #live { opacity: .75; }
[data-connection="lost"] #live::before { content: "The connection is lost; this is how it was."; display: block; margin-bottom: .75rem; padding: .5rem .9rem; border-radius: 10px; background: var(--warn-bg); color: var(--warn); }
@media (max-width: 40rem) {
  .who { margin-left: 0; width: 100%; justify-content: space-between; }
  .step { grid-template-columns: 1fr; padding-left: 1.5rem; }
  .step::before { left: .1rem; } .step:not(:last-child)::after { left: .38rem; }
  .when { text-align: left; display: flex; gap: .6rem; } .lag { display: inline; font-size: inherit; }
  .proof div { grid-template-columns: 1fr; gap: 0; }
  .narrow { margin-top: 1rem; } .wide { display: none; }
  .scroll th, .scroll td { padding-right: .6rem; white-space: normal; font-size: .875rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
