/** What a gRPC service is here: a table of its methods, from which the server, and whoever asks by reflection, know it. */
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  MethodDefinition,
  ServerUnaryCall,
  status,
} from '@grpc/grpc-js'
import { decode, encode, type Message, type Said } from './protobuf.ts'

/** What is said in a message; of what is left out, nothing. */
type Words<Type extends Message> = Partial<Said<Type>>

/** Answers a call whose request and answer are one message each. */
export type Unary<Request, Answer> = (
  request: Request,
  call: ServerUnaryCall<Request, Answer>,
) => Answer | Promise<Answer>

/** One method, whatever its messages are. */
export interface Method {
  readonly request: Message
  readonly answer: Message
  readonly handle: Handle
}

// What a method's messages are is known where it is made, and the server, which has methods of all kinds, must not care.
/* eslint-disable @typescript-eslint/no-explicit-any */
export type Handle =
  | { readonly kind: 'unary'; readonly answer: Unary<any, any> }
  | { readonly kind: 'server stream' | 'both stream'; readonly serve: (call: any) => void }
type AnyMethod = MethodDefinition<any, any>
/* eslint-enable @typescript-eslint/no-explicit-any */

/** A service, in a .proto file of its own. */
export interface Service {
  /** The name that its .proto file goes by, `echo/echo.proto`. */
  readonly file: string
  readonly package: string
  readonly name: string
  readonly methods: Readonly<Record<string, Method>>
  /** Its calls aren't logged and traced. */
  readonly isQuiet?: boolean
}

/** A call that is answered by a status and no message. */
export class StatusError extends Error {
  readonly code: status

  /** @param details what the client is told */
  constructor(code: status, details: string) {
    super(details)
    this.code = code
  }
}

export const unary = <Request extends Message, Answer extends Message>(
  request: Request,
  answer: Answer,
  handle: Unary<Said<Request>, Words<Answer>>,
): Method => ({ request, answer, handle: { kind: 'unary', answer: handle } })

export const serverStream = <Request extends Message, Answer extends Message>(
  request: Request,
  answer: Answer,
  serve: handleServerStreamingCall<Said<Request>, Words<Answer>>,
): Method => ({ request, answer, handle: { kind: 'server stream', serve } })

export const bothStream = <Request extends Message, Answer extends Message>(
  request: Request,
  answer: Answer,
  serve: handleBidiStreamingCall<Said<Request>, Words<Answer>>,
): Method => ({ request, answer, handle: { kind: 'both stream', serve } })

/** A service's name with its package, as callers have it. */
export const fullName = (service: Pick<Service, 'package' | 'name'>): string =>
  `${service.package}.${service.name}`

/** A method as the library wants it. */
export function definitionOf(service: Service, name: string, { request, answer, handle }: Method): AnyMethod {
  return {
    path: `/${fullName(service)}/${name}`,
    requestStream: handle.kind === 'both stream',
    responseStream: handle.kind !== 'unary',
    requestSerialize: (said: object) => encode(request, said),
    requestDeserialize: (bytes) => decode(request, bytes),
    responseSerialize: (said: object) => encode(answer, said),
    responseDeserialize: (bytes) => decode(answer, bytes),
  }
}
