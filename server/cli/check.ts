/** `--check`: asks a probe once as the kubelet does, for exec probes in an image without curl. */
import type { IncomingMessage, RequestOptions } from 'node:http'
import { connectionFault } from '../client/connection-fault.ts'

/** What the kubelet reads of an answer, in bytes: https://github.com/kubernetes/kubernetes, pkg/probe/http. */
const maxBodyBytes = 10 * 1024
const timeoutMs = 10_000

/** What came of asking. */
export interface CheckResult {
  readonly healthy: boolean
  /** The answer's own words, or why there is none. */
  readonly words: string
}

/**
 * Asks a URL once. Any status from 200 to 399 is healthy, a redirect is not followed and a certificate is not verified:
 * https://kubernetes.io/docs/concepts/workloads/pods/probes/#http-probes
 * @param text the URL, http or https
 */
export async function check(text: string): Promise<CheckResult> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return { healthy: false, words: `${text} is not a URL such as http://localhost:8080/healthy` }
  }
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const { statusCode = 0, body } = await ask(url, signal)
    const healthy = statusCode >= 200 && statusCode < 400
    return { healthy, words: body === '' ? `answered ${statusCode}` : body }
  } catch (error) {
    const reason = signal.aborted ? `no answer within ${timeoutMs / 1000} seconds` : inWords(error)
    return { healthy: false, words: `can't ask ${url.href}: ${reason}` }
  }
}

async function ask(url: URL, signal: AbortSignal): Promise<{ statusCode: number | undefined; body: string }> {
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  // rejectUnauthorized is ignored by http. An agent could bring a proxy in.
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    agent: false,
    headers: { accept: '*/*', connection: 'close', 'user-agent': 'kuard-check' },
    rejectUnauthorized: false,
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(url, options, resolve).on('error', reject).end()
  const response = await promise
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxBodyBytes) break
  }
  return {
    statusCode: response.statusCode,
    body: Buffer.concat(chunks).subarray(0, maxBodyBytes).toString(),
  }
}

function inWords(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code.startsWith('HPE_')) return 'it does not speak HTTP'
  return connectionFault(code) ?? (message === '' ? code : message)
}
