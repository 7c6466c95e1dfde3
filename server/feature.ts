/** What every feature is to the app: a name, its routes, and what it tells the rest of the process. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { FeatureGuard } from './http/feature-guards.ts'
import type { Http } from './http/http.ts'
import type { Prometheus } from './http/metrics/prometheus.ts'
import type { LateSchema } from './http/schemas.ts'
import type { Topic } from './state/topic.ts'

/** Answers with the UI's page, whatever the address: its script finds there which tab to show. */
export type ShowPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** One concept that a user can name, and can switch off by that name. */
export interface Feature {
  /** As `--disable` takes it. */
  readonly name: string
  /** Mounts its routes. */
  routes(http: Http): void
  /**
   * Has a word in front of each request whose route doesn't say `exemptFrom` this feature: throws an HttpError to refuse it, answers it by `reply`,
   * or delays it by a promise. Asked in the features' order, after the log and the guard against other sites; what is no HTTP, or
   * no URL, comes by no feature.
   */
  guard?: FeatureGuard
  /** Whether its guard may have a word at a request at all; asked at each, so it has to be quick. Without it, it always may. */
  readonly concerns?: (request: FastifyRequest) => boolean
  /** What it tells of on the event stream, by the topic's name. */
  readonly topics?: Readonly<Record<string, Topic>>
  /** Topics of which there is one for each parameter, such as a path; an HttpError refuses one that won't do. */
  readonly topicFamilies?: Readonly<Record<string, (of: string) => Topic>>
  /** The shape of each topic's state, for what describes the event stream; `schemasOf` names it without loading it. */
  readonly states?: Readonly<Record<string, LateSchema>>
  /** Registers its metrics; called at the first scrape. */
  metrics?(prometheus: Prometheus, registry: Registry): void
  /** Where its routes take over the connections of clients that ask for a WebSocket: paths, without a prefix. */
  readonly webSocketPaths?: readonly string[]
  /** What has to be before the server listens. */
  prepare?: (() => Promise<void>) | undefined
  /** Begins its own work, once the server listens. */
  start?(): void
  /**
   * Ends its own work, at once on SIGTERM, while requests are still served.
   * Resolves to the process's exit code, when that must not be 0.
   */
  drain?(): Promise<number | undefined>
  /** Ends the answers that would never end by themselves, just before the listeners close. */
  close?(): void
  /** Lets go of what it holds, once there is no request any more; resolves when no thread works for it. */
  end?(): Promise<void>
}
