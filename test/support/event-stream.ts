/** Reads an event stream as a browser does. */
import { request, type IncomingMessage } from 'node:http'
import { request as requestTls } from 'node:https'
import type { Socket } from 'node:net'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { atEnd, type Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'

/** One event, in the order of arrival. */
export interface StreamedEvent {
  readonly name: string
  /** As JSON. */
  readonly data: unknown
  /** When it arrived, as performance.now() counts. */
  readonly time: number
}

/** A stream that is being read; left when its test ends. */
export class EventReader {
  readonly response: IncomingMessage
  readonly events: StreamedEvent[] = []
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  #rest = ''

  constructor(response: IncomingMessage) {
    this.response = response
    this.ended = new Promise((resolve) => response.once('close', resolve))
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      this.#read(text)
    })
    response.on('error', () => undefined)
  }

  get socket(): Socket {
    return this.response.socket
  }

  /** The names of the events so far. */
  get names(): string[] {
    return this.events.map(({ name }) => name)
  }

  /** Every state of a topic so far, checked against its schema. */
  states<Schema extends TSchema>(name: string, schema: Schema): Static<Schema>[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => Value.Parse(schema, data))
  }

  /** Resolves once the latest state of a topic is as expected. */
  latest<Schema extends TSchema>(
    name: string,
    schema: Schema,
    expected: (state: Static<Schema>) => boolean,
  ): Promise<Static<Schema>> {
    return eventually(`the ${name} event that is expected`, () => {
      const state = this.states(name, schema).at(-1)
      return state !== undefined && expected(state) ? state : undefined
    })
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => split(line, ':')))
      const [name, data] = [fields.get('event'), fields.get('data')]
      if (name !== undefined && data !== undefined)
        this.events.push({ name, data: JSON.parse(data), time: performance.now() })
    }
  }
}

function split(line: string, separator: string): [string, string] {
  const [name = '', ...rest] = line.split(separator)
  return [name, rest.join(separator).replace(/^ /, '')]
}

/** Opens an event stream at a port of 127.0.0.1; resolves when its headers have come. */
export function readEvents(
  context: Lifetime,
  port: number,
  path = '/events',
  protocol: 'http' | 'https' = 'http',
): Promise<EventReader> {
  const { promise, resolve, reject } = Promise.withResolvers<EventReader>()
  const read = (response: IncomingMessage) => {
    resolve(new EventReader(response))
  }
  const options = { host: '127.0.0.1', port, path, agent: false }
  const asked =
    protocol === 'http'
      ? request(options, read)
      : requestTls({ ...options, servername: 'localhost', rejectUnauthorized: false }, read)
  asked.on('error', reject)
  asked.end()
  atEnd(context, () => {
    asked.destroy()
  })
  return promise
}
