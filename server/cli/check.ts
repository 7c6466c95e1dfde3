/** `--check`: asks a probe once as the kubelet does, for exec probes in an image without curl. */
import { NoAnswer, request, type Answer } from '../client/request.ts'
import { hidePasswords } from '../text/url-password.ts'

/** What the kubelet reads of an answer, in bytes: https://github.com/kubernetes/kubernetes, pkg/probe/http. */
const maxBytes = 10 * 1024
const timeoutMs = 10_000

/** After so many requests that were answered by a redirect there is no further one, as the kubelet has it. */
const maxRequests = 10
const redirects = new Set([301, 302, 303, 307, 308])

/** What came of asking. */
export interface CheckResult {
  readonly healthy: boolean
  /** The answer's own words, or why there is none. */
  readonly words: string
}

/**
 * Asks a URL once. Any status from 200 to 399 is healthy, a redirect is followed on the same host alone and is else taken for
 * healthy, and a certificate is not verified: https://kubernetes.io/docs/concepts/workloads/pods/probes/#http-probes and
 * RedirectChecker in pkg/probe/http
 * @param text the URL, http or https
 */
export async function check(text: string): Promise<CheckResult> {
  const first = URL.canParse(text) ? new URL(text) : undefined
  if (first?.protocol !== 'http:' && first?.protocol !== 'https:') {
    return { healthy: false, words: `${text} is not a URL such as http://localhost:8080/healthy` }
  }
  const deadline = performance.now() + timeoutMs
  let url = first
  try {
    for (let asked = 1; ; asked += 1) {
      const answer = await ask(url, deadline)
      const next = redirectOf(answer, url)
      if (next?.hostname !== first.hostname) return verdict(answer, next)
      if (asked === maxRequests) throw new NoAnswer(`it redirects more than ${maxRequests - 1} times`)
      url = next
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { healthy: false, words: `can't ask ${hidePasswords(url.href)}: ${error.message}` }
  }
}

const ask = (url: URL, deadline: number): Promise<Answer> =>
  request(url, {
    headers: { accept: '*/*', connection: 'close', 'user-agent': 'kuard-check' },
    timeoutMs: Math.max(0, deadline - performance.now()),
    maxBytes,
    insecure: true,
  })

/** Where an answer sends its client, if it does. */
function redirectOf({ status, headers: { location } }: Answer, from: URL): URL | undefined {
  if (!redirects.has(status) || location === undefined || location === '') return undefined
  if (!URL.canParse(location, from)) throw new NoAnswer('it redirects to what is no URL')
  return new URL(location, from)
}

function verdict({ status, body }: Answer, next: URL | undefined): CheckResult {
  const healthy = status >= 200 && status < 400
  const elsewhere = next
    ? `, a redirect to another host, ${hidePasswords(next.href)}, which is not asked`
    : ''
  const words = body.toString()
  return { healthy, words: next || words === '' ? `answered ${status}${elsewhere}` : words }
}
