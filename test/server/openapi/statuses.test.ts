/** Each status that the document names is produced once, and every answer keeps to what is said of it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cases, elsewhere, untried } from './cases.ts'
import { assertDescribed, startDescribed, type Described } from './described.ts'

test('every route answers as the document says, with each status that it names', async (context) => {
  const { kuard, document, routes } = await startDescribed(context, '--memq-max-bytes=400000')
  assert.deepEqual(routes.map(({ name }) => name).sort(), Object.keys(cases).sort())
  for (const route of routes) {
    const { name, operation } = route
    await context.test(name, { skip: untried[name] ?? false }, async (routeTest) => {
      assertAllTried(route)
      for (const [status, send] of cases[name] ?? []) {
        const answer = await send(kuard, routeTest)
        assert.equal(answer.status, status, answer.text)
        assertDescribed(document, operation, answer)
      }
    })
  }
})

/** Each status that is the route's own has a case, or is told where it is tried, and so has 400 where something can be sent. */
function assertAllTried({ name, operation, own }: Described): void {
  const tried = (cases[name] ?? []).map(([status]) => String(status))
  const told = Object.keys(elsewhere[name] ?? {})
  const takesInput =
    operation.requestBody ?? operation.parameters?.some((parameter) => parameter.in !== 'path')
  assert.ok(Number(tried[0]) < 400, 'the first request succeeds')
  const missing = [...own, ...(takesInput ? ['400'] : [])].filter((status) => !tried.includes(status))
  assert.deepEqual(missing, told, 'without a case, or tried elsewhere in vain')
}

test('every route of MemQ says when its store is away', async (context) => {
  const { kuard, document, routes } = await startDescribed(context, '--memq-store=redis://127.0.0.1:1')
  const ofMemq = routes.filter(({ operation, own }) => operation.tags.includes('memq') && own.includes('503'))
  await Promise.all(
    ofMemq.map(async ({ method, path, operation }) => {
      const named = path.replace('{queue}', 'work').replace('{metric}', 'memq_depth')
      const answer = await kuard.ask(method, `${named}?lease=60`)
      assert.equal(answer.status, 503, answer.text)
      assertDescribed(document, operation, answer)
    }),
  )
})

test('the tests that are named for a status are there', () => {
  for (const [file, name] of Object.values(elsewhere).flatMap((statuses) => Object.values(statuses))) {
    const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8')
    assert.ok(text.includes(`test('${name}'`), `${file} has no test that is named ${name}`)
  }
})
