/** The OpenAPI document as a document: valid, whatever prefix it is asked for under. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Type } from 'typebox'
import { startKuard } from '../../support/kuard.ts'
import { prefixes } from '../../support/prefixes.ts'
import { ajv, compile, Document, startDescribed } from './described.ts'

test('the document is valid OpenAPI 3.1, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const answer = await kuard.get(`${prefix}/openapi.json`)
    const document = answer.json(Type.Record(Type.String(), Type.Unknown()))
    const validator = new Validator()
    const result = await validator.validate(document)
    assert.ok(result.valid, JSON.stringify(result.errors))
    assert.equal(validator.version, '3.1')
  }
})

/** Every schema in a part of the document, with the path to it: OpenAPI's own schema says nothing of them. */
function* schemasIn(part: unknown, path = '#'): Generator<readonly [path: string, schema: unknown]> {
  if (typeof part !== 'object' || part === null) return
  for (const [key, value] of Object.entries(part)) {
    if (key === 'schema') yield [path, value]
    else yield* schemasIn(value, `${path}/${key}`)
  }
}

test('every schema in the document is valid JSON Schema of 2020-12', async (context) => {
  const kuard = await startKuard(context)
  const document = (await kuard.get('/openapi.json')).json(Document)
  const schemas = [...schemasIn(document), ...Object.entries(document.components.schemas)]
  assert.ok(schemas.length > 50, `only ${schemas.length} were found`)
  for (const [path, schema] of schemas)
    assert.doesNotThrow(() => compile(document, schema), `${path}: ${JSON.stringify(schema)}`)
})

test('a tuple written as draft 7 has it would be found', () => {
  const tuple = { type: 'array', items: [{ type: 'string' }], additionalItems: false, minItems: 1 }
  assert.throws(() => ajv.compile(tuple))
})

test('every server that the document names is this one', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const url = `${kuard.url}${prefix}/openapi.json`
    const { servers } = (await kuard.get(`${prefix}/openapi.json`)).json(Document)
    for (const server of servers) {
      const base = new URL(server.url, url).pathname.replace(/\/$/, '')
      assert.equal((await kuard.get(`${base}/healthy`)).status, 200)
    }
  }
})

test('no two operations have the same name, and each belongs to a feature', async (context) => {
  const { routes } = await startDescribed(context)
  const names = routes.map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  for (const { name, operation } of routes) assert.equal(operation.tags.length, 1, name)
})

test('what is switched off is not described', async (context) => {
  const { routes } = await startDescribed(context, '--disable=memq')
  assert.ok(routes.some(({ name }) => name === 'GET /healthy'))
  assert.ok(!routes.some(({ name }) => name.includes('memq')))
})
