/** The HTTP side of the app: everything that all routes share. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyContextConfig,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { OwnNames } from '../host/own-names.ts'
import type { Log } from '../log/log.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { ignoreContentType, readBodies } from './body.ts'
import { answerError, type HttpError } from './errors.ts'
import type { FeatureGuards } from './feature-guards.ts'
import { Guard, type Allowed } from './guard.ts'
import { markJson, nameJson, uncached } from './json.ts'
import type { RequestTimings, RouteTimings } from './metrics/timings.ts'
import { noCompilers } from './no-compilers.ts'
import { answerUnrouted } from './not-found.ts'
import { observe } from './observe.ts'
import { routedUrl } from './prefix.ts'
import { PreparedHeaders } from './prepared-headers.ts'
import { ServerSpans } from './server-spans.ts'
import { sharedHeaders, type Answerer } from './shared-headers.ts'
import { validatorCompiler } from './validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where this route's answers are counted. */
    timings?: RouteTimings
    /** The features whose guards have no word here, by name. */
    exemptFrom?: readonly string[]
    /** Its answers are JSON. */
    json?: boolean
    /** An answer that lasts until its client leaves; how long that took says nothing, so it isn't timed. */
    endless?: boolean
    /** It answers probes. */
    probe?: boolean
    /** It is asked all day by what watches this process. */
    watched?: boolean
    /** It answers a browser that wants a page with the UI's. */
    page?: boolean
    /** Its requests are left out of the log. */
    unlogged?: boolean
    /** Its GET does what no safe method should (RFC 9110, section 9.2.1), and is guarded as others are. */
    unsafe?: boolean
    /** Its body comes as the bytes that were sent. */
    bytes?: boolean
  }
}

/** The HTTP side of the app, as features mount their routes on it. */
export type Http = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** The longest part of a path between two slashes, in characters; a queue's name is one. */
export const maxParamLength = 1024

/** What is allowed to requests, as the flags of these names say. */
export interface HttpSettings extends Allowed {
  /** In bytes. */
  readonly bodyLimit: number
}

/** Where the app runs, and what it tells. */
export interface HttpSurroundings {
  /** Who answers, as each answer says. */
  readonly answerer: Answerer
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
  readonly timings: RequestTimings
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined
  /** The features that have a word in front of requests. */
  readonly guards: FeatureGuards
}

/** Makes the app's HTTP side, without routes yet. */
export function createHttp(
  { bodyLimit, ...allowed }: HttpSettings,
  { answerer, env, log, timings, tracing, guards }: HttpSurroundings,
): Http {
  const guard = new Guard(allowed, new OwnNames(answerer.pod, env))
  const shared = sharedHeaders(answerer)
  const headers = new PreparedHeaders(shared)
  const jsonHeaders = new PreparedHeaders({ ...shared, ...uncached })
  const spans = tracing && new ServerSpans(tracing)
  const answer = answerError(log)
  /** What comes first for every request, whether a route is found or not. Says why it is refused, if it is. */
  const receive = (
    request: FastifyRequest,
    reply: FastifyReply,
    route: FastifyContextConfig,
  ): HttpError | undefined => {
    const { raw } = request
    observe(request, reply, route, timings, log, spans)
    if (route.json === true) {
      jsonHeaders.prepare(reply)
      nameJson(reply)
    } else headers.prepare(reply)
    ignoreContentType(raw, route.bytes)
    return guard.refusal(raw, request.originalUrl, route.unsafe)
  }
  /** Receives it, and lets features have their word, before its body is read. */
  const admit = (
    request: FastifyRequest,
    reply: FastifyReply,
    route: FastifyContextConfig,
    done: (error?: Error) => void,
  ): void => {
    const refusal = receive(request, reply, route)
    if (refusal || !guards.concern(request)) {
      done(refusal)
      return
    }
    guards.ask(request, reply, route.exemptFrom ?? []).then((goesOn) => {
      if (goesOn) done()
    }, done)
  }

  const http: Http = fastify<RawServerDefault>({
    logger: false,
    bodyLimit,
    rewriteUrl: routedUrl,
    routerOptions: { maxParamLength },
    return503OnClosing: false,
    // What the router itself refuses reaches no hook.
    frameworkErrors: (error, request, reply) => {
      answer(receive(request, reply, {}) ?? error, request, reply)
    },
    schemaController: noCompilers,
  })
  // Fastify wants a body's type of every QUERY, even of one that no route takes.
  http.addHttpMethod('QUERY', { hasBody: false, overrideExisting: true })
  http.setValidatorCompiler(validatorCompiler)
  // The schemas are held against the answers in the tests; compiling them would slow every start.
  http.setSerializerCompiler(() => JSON.stringify)
  http.setErrorHandler(answer)
  readBodies(http)
  markJson(http)
  answerUnrouted(http, maxParamLength)
  timings.watch(http)
  // Each route brings its configuration along: to ask a request for it makes it anew each time.
  http.addHook('onRoute', (route) => {
    const config = route.config ?? {}
    route.onRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
      admit(request, reply, config, done)
    }
  })
  http.addHook('onRequest', (request, reply, done) => {
    if (request.is404) admit(request, reply, {}, done)
    else done()
  })
  return http
}
