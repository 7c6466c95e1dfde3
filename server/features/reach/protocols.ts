/** What is said on a connection that stands, by the target's scheme. */
import type { Socket } from 'node:net'
import { pingRedis, readMysql, readSmtp } from './greetings.ts'
import { askGrpc } from './grpc.ts'
import { askHttp } from './http.ts'
import { askPostgres } from './postgres.ts'
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

const protocols: Readonly<Record<Exclude<Scheme, 'dns'>, Protocol>> = {
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
  grpc: askGrpc,
  async grpcs(socket, target, trail, report) {
    return askGrpc(await overTls(socket, target, ['h2'], trail, report), target, trail, report)
  },
  redis: (socket, _target, trail, report) => pingRedis(socket, trail, report),
  postgres: (socket, { host }, trail, report) => askPostgres(socket, host, trail, report),
  mysql: (socket, _target, trail, report) => readMysql(socket, trail, report),
  smtp: (socket, _target, trail, report) => readSmtp(socket, trail, report),
}

/** Speaks as a scheme says. */
export const protocolOf = (scheme: Exclude<Scheme, 'dns'>): Protocol => protocols[scheme]
