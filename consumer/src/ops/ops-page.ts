/** What is on the operations port, for a person who opens its address. */
export const opsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Appointments: the consumer</title>
<style>:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif } body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem }</style>
</head>
<body>
<h1>The consumer's operations port</h1>
<ul>
<li><a href="/ops">/ops</a>: the operations page, for whoever has a key</li>
<li><a href="/livez">/livez</a>: the process answers</li>
<li><a href="/readyz">/readyz</a>: whether it takes events, and what it lacks</li>
<li><a href="/metrics">/metrics</a>: measurements in Prometheus' text format</li>
<li><code>/v1/doctors/{doctorId}/availability?from=&hellip;&amp;to=&hellip;</code>: a doctor's free slots, for whoever has a key</li>
</ul>
<p>Replays and the audit trail are on the command line, as is what the operations page shows: <code>consumer --help</code>.</p>
</body>
</html>
`;
