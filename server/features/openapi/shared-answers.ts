/** What a request may be answered whatever its route is, since it is refused before its route has its turn, or its route failed. */

/** An answer that many routes share. */
interface SharedAnswer {
  /** Its key below `components.responses`. */
  readonly name: string
  readonly status: number
  readonly description: string
  /** The routes that can give it; without, all. */
  readonly isOf?: (method: string, path: string) => boolean
}

const sharedAnswers: readonly SharedAnswer[] = [
  {
    name: 'BadRequest',
    status: 400,
    description: 'What was sent is not valid, or can’t be read as HTTP; the reason in words.',
  },
  {
    name: 'Forbidden',
    status: 403,
    description:
      'Sent from another site’s page, for a host name that is not allowed, or to change a read-only server.',
  },
  { name: 'RequestTimeout', status: 408, description: 'The request took too long to arrive.' },
  {
    name: 'ContentTooLarge',
    status: 413,
    description: 'The body is larger than this server takes (--body-limit).',
    isOf: (method) => method !== 'GET',
  },
  {
    name: 'UriTooLong',
    status: 414,
    description: 'A part of the path is longer than this server takes.',
    // A path that goes on to its end, as a file's does, has no such limit.
    isOf: (_method, path) => /\{(?!path\})/.test(path),
  },
  { name: 'HeadersTooLarge', status: 431, description: 'The request line and the headers are too large.' },
  { name: 'InternalServerError', status: 500, description: 'This server failed; its log says why.' },
]

/** For `components.responses`: each is text that says the reason. */
export const sharedResponses = Object.fromEntries(
  sharedAnswers.map(({ name, description }) => [
    name,
    { description, content: { 'text/plain': { schema: { type: 'string' as const } } } },
  ]),
)

/** References to those that a route can give, by status. */
export const sharedAnswersOf = (method: string, path: string): Record<string, { $ref: string }> =>
  Object.fromEntries(
    sharedAnswers
      .filter(({ isOf }) => isOf?.(method, path) ?? true)
      .map(({ name, status }) => [status, { $ref: `#/components/responses/${name}` }]),
  )
