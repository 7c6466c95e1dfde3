/** What every feature is to the app: a name, its routes, and what it tells the rest of the process. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Registry } from 'prom-client'
import type { Topic } from './live/topic.ts'

/** The HTTP side of the app, as features mount their routes on it. */
export type Http = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Answers with the UI's page, whatever the address: its script finds there which tab to show. */
export type ShowPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** The metrics library, handed over when the first scrape has loaded it. */
export type Prometheus = typeof import('prom-client')

/** One concept that a user can name, and can switch off by that name. */
export interface Feature {
  /** As `--disable` takes it. */
  readonly name: string
  /** Mounts its routes. */
  routes(http: Http): void
  /** What it tells of on the event stream, by the topic's name. */
  readonly topics?: Readonly<Record<string, Topic>>
  /** A topic that tells when what is at a path changes; only one feature has it. */
  watch?(path: string): Topic
  /** Registers its metrics; called at the first scrape. */
  metrics?(prometheus: Prometheus, registry: Registry): void
  /** Begins its own work, once the server listens. */
  start?(): void
  /**
   * Ends its own work, at once on SIGTERM, while requests are still served.
   * Resolves to the process's exit code, when that must not be 0.
   */
  drain?(): Promise<number | undefined>
  /** Ends the answers that would never end by themselves, just before the listeners close. */
  close?(): void
}
