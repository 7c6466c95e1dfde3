/** What the document says of the event stream's events, and real events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as Type from 'typebox'
import { Value } from 'typebox/value'
import { eventually } from '../../support/eventually.ts'
import { readEvents } from '../../support/event-stream.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ajv, compile, startDescribed } from './described.ts'

/** What the document says of one kind of event. */
const EventKind = Type.Object({
  properties: Type.Object({
    event: Type.Object({ const: Type.String() }),
    data: Type.Object({ contentMediaType: Type.Literal('application/json'), contentSchema: Type.Unknown() }),
  }),
})
const Kinds = Type.Object({ anyOf: Type.Array(EventKind) })

/** A state that can't be read takes a topic of a test's own: event-topics.test.ts has one, held to the same schema. */
const untold = ['failure']

test('every event is of the shape that the document has for its name, and every name comes', async (context) => {
  const { kuard, document } = await startDescribed(context)
  const stream = document.paths['/events']?.get?.responses[200]
  const content = stream && 'content' in stream ? stream.content : undefined
  assert.deepEqual(content?.['text/event-stream']?.schema, { $ref: '#/components/schemas/StreamEvent' })
  const { anyOf: kinds } = Value.Parse(Kinds, document.components.schemas.StreamEvent)
  const shapes = new Map(
    kinds.map(({ properties: { event, data } }) => [event.const, compile(document, data.contentSchema)]),
  )

  const readers = [
    await readEvents(context, kuard.port, `/events?watch=${temporaryFolder(context)}`),
    await readEvents(context, kuard.port, '/events?topics=lab;of=05-pods%2F1'),
  ]
  // So many that they are told as changes.
  for (let number = 0; number < 60; number += 1)
    await kuard.ask('PUT', `/memq/server/queues/queue-${number}-${'x'.repeat(100)}`)
  await kuard.get('/healthy')
  const expected = [...shapes.keys()].filter((name) => !untold.includes(name))
  await eventually('every kind of event', () =>
    expected.every((name) => readers.some(({ names }) => names.includes(name))),
  )
  for (const { name, data } of readers.flatMap(({ events }) => events)) {
    const isOfShape = shapes.get(name)
    assert.ok(isOfShape, `${name} is not described`)
    assert.ok(isOfShape(data), `${name}: ${ajv.errorsText(isOfShape.errors)}`)
  }
})
