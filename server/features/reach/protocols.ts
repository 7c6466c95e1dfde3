/** What is said on a connection that stands, by the target's scheme. */
import type { Socket } from 'node:net'
import { askHttp } from './http.ts'
import type { Scheme, Target } from './target.ts'
import { secure } from './tls.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** @returns what the other side does, as `takes connections`. @throws Ended */
type Protocol = (socket: Socket, target: Target, trail: Trail, report: ReachReport) => Promise<string>

const overTls = (
  socket: Socket,
  { host }: Target,
  alpn: readonly string[],
  trail: Trail,
  report: ReachReport,
) => secure(socket, { host, alpn, verifies: true }, trail, report)

const protocols: Readonly<Partial<Record<Scheme, Protocol>>> = {
  tcp: () => Promise.resolve('takes connections'),
  async tls(socket, target, trail, report) {
    await overTls(socket, target, [], trail, report)
    return 'speaks TLS, with a certificate that is trusted'
  },
  async http(socket, target, trail, report) {
    return `answers ${await askHttp(socket, target, trail, report)}`
  },
  async https(socket, target, trail, report) {
    const secured = await overTls(socket, target, ['http/1.1'], trail, report)
    return `answers ${await askHttp(secured, target, trail, report)}`
  },
}

/** Speaks as the target says. @throws Ended */
export const speak: Protocol = (socket, target, trail, report) => {
  const protocol = protocols[target.scheme]
  if (!protocol) throw new Error(`nothing speaks ${target.scheme}`)
  return protocol(socket, target, trail, report)
}
