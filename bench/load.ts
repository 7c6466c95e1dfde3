/** A load of HTTP requests over raw sockets, cheap enough to leave the measured server a core of its own. */
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** A request as bytes on the wire. */
export function wire(method: string, path: string, body?: string): string {
  const content =
    body === undefined ? '' : `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${content}\r\n${body ?? ''}`
}

/**
 * Sends requests over several connections, on each one after the other.
 * @param requests sent in turn on each connection
 * @param count how many in all
 * @returns the slowest answer, in ms
 * @throws Error at an answer that isn't 2xx
 */
export async function load(
  port: number,
  requests: readonly string[],
  count: number,
  connections = 32,
): Promise<number> {
  const each = Math.ceil(count / connections)
  const slowest = await Promise.all(
    Array.from({ length: connections }, () => loadConnection(port, requests, each)),
  )
  return Math.max(...slowest)
}

function loadConnection(port: number, requests: readonly string[], count: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  let sent = 0
  let sentAt = 0
  let slowest = 0
  let received = ''
  const send = () => {
    sentAt = performance.now()
    socket.write(requests[sent++ % requests.length] ?? '')
  }
  socket.on('connect', send)
  socket.on('error', reject)
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
    const head = received.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /content-length: (\d+)/i.exec(received)?.[1]
    if (received.length < head + 4 + Number(length ?? 0)) return
    if (received[9] !== '2') reject(new Error(received))
    received = ''
    slowest = Math.max(slowest, performance.now() - sentAt)
    if (sent < count) send()
    else {
      socket.end()
      resolve(slowest)
    }
  })
  return promise
}

/** The CPU time that a process's threads have used so far, in seconds (proc(5), /proc/PID/task/TID/schedstat). */
export function cpuSeconds(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

/** A process's resident size, in bytes. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

/** How many of these requests a server answers in a second of its CPU time, after a warm-up. */
export async function perCpuSecond(
  port: number,
  pid: number,
  requests: readonly string[],
  count: number,
): Promise<number> {
  await load(port, requests, count / 2)
  const before = cpuSeconds(pid)
  await load(port, requests, count)
  return count / (cpuSeconds(pid) - before)
}
