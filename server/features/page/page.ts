/** The HTML of the page. */
import { escapeHtml } from '../../http/html.ts'
import type { Identity } from '../request/wire.ts'

/** The book's tabs in its order: the word on the page, where its state is read, and the feature that answers there. */
const tabs = [
  ['Request Details', 'request/api', 'request'],
  ['Server Env', 'env/api', 'env'],
  ['Memory', 'mem/api', 'memory'],
  ['Liveness Probe', 'healthy/api', 'liveness'],
  ['Readiness Probe', 'ready/api', 'readiness'],
  ['KeyGen Workload', 'keygen', 'keygen'],
  ['MemQ Server', 'memq/server/stats', 'memq'],
  ['File system browser', 'fs/', 'files'],
] as const

/**
 * @param base the relative way from the page's address to its prefix's root, `../` for each folder between
 * @param features the names of those that are on
 */
export function renderPage(identity: Identity, base: string, features: ReadonlySet<string>): string {
  const links = tabs
    .filter(([, , feature]) => features.has(feature))
    .map(([word, path]) => `<li><a href="${base}${path}">${word}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kuard on ${escapeHtml(identity.hostname)}</title>
</head>
<body>
<h1>kuard ${escapeHtml(identity.version)}</h1>
<p><strong>WARNING: This server may expose sensitive and secret information. Be careful.</strong></p>
<p>Host ${escapeHtml(identity.hostname)}, addresses ${escapeHtml(identity.addresses.join(', '))}</p>
<ul>
${links.join('\n')}
</ul>
</body>
</html>
`
}
