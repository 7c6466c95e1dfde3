/** The liveness and readiness probes, over HTTP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startKuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import { ProbeStatus } from '../../server/features/probe/wire.ts'

for (const [name, path] of [
  ['liveness', '/healthy'],
  ['readiness', '/ready'],
] as const) {
  test(`the ${name} probe answers ok under every prefix`, async (context) => {
    const kuard = await startKuard(context)
    for (const prefix of prefixes) {
      const answer = await kuard.get(`${prefix}${path}`)
      assert.deepEqual([answer.status, answer.text], [200, 'ok'])
      assert.match(String(answer.headers['content-type']), /^text\/plain/)
    }
  })

  test(`the ${name} probe fails as often as it is told to, and counts down`, async (context) => {
    const kuard = await startKuard(context)
    const status = (await kuard.put(`/b${path}/api`, { failNext: 2 })).json(ProbeStatus)
    assert.deepEqual(status, { probePath: path, failNext: 2, history: [] })
    const answers = [await kuard.get(path), await kuard.get(path), await kuard.get(path)]
    assert.deepEqual(
      answers.map((answer) => [answer.status, answer.text]),
      [
        [500, 'fail, 1 left'],
        [500, 'fail, 0 left'],
        [200, 'ok'],
      ],
    )
  })

  test(`the ${name} probe fails for good when told a number below 0, and recovers with none`, async (context) => {
    const kuard = await startKuard(context, [`--${name}-fail-next=-1`])
    for (let call = 0; call < 3; call += 1) {
      const answer = await kuard.get(path)
      assert.deepEqual([answer.status, answer.text], [500, 'fail, permanent'])
    }
    await kuard.put(`${path}/api`, {})
    assert.equal((await kuard.get(path)).status, 200)
  })

  test(`the ${name} probe keeps its last 20 calls, newest first`, async (context) => {
    const kuard = await startKuard(context, [`--${name}-fail-next=1`])
    for (let call = 0; call < 22; call += 1) await kuard.get(path)
    const { history } = (await kuard.get(`${path}/api`)).json(ProbeStatus)
    assert.deepEqual(
      history.map(({ id }) => id),
      Array.from({ length: 20 }, (_, index) => 22 - index),
    )
    assert.match(history[0]?.when ?? '', /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d$/)
    assert.match(history[0]?.relWhen ?? '', /^(now|\d seconds? ago)$/)
  })

  for (const [what, body] of Object.entries({
    'broken JSON': '{"failNext":',
    'a text for a number': '{"failNext":"3"}',
    'a fraction': '{"failNext":1.5}',
    'a number that is too large to count': '{"failNext":99999999999999999999}',
    'no body': '',
  })) {
    test(`the ${name} probe refuses ${what} in plain words and changes nothing`, async (context) => {
      const kuard = await startKuard(context, [`--${name}-fail-next=7`])
      const answer = await kuard.ask('PUT', `${path}/api`, { body })
      assert.equal(answer.status, 400)
      assert.match(String(answer.headers['content-type']), /^text\/plain/)
      assert.notEqual(answer.text.trim(), '')
      assert.equal((await kuard.get(`${path}/api`)).json(ProbeStatus).failNext, 7)
    })
  }
}

for (const [name, path, others] of [
  ['liveness', '/healthy', ['/healthz', '/livez']],
  ['readiness', '/ready', ['/readyz']],
] as const) {
  test(`the ${name} probe is asked by other names as well, and each call counts, fails and is logged as any`, async (context) => {
    const kuard = await startKuard(context, [`--${name}-fail-next=1`, '--log-probes=false'])
    for (const [index, other] of others.entries()) {
      const first = await kuard.get(`/a${other}`)
      if (index === 0) assert.deepEqual([first.status, first.text], [500, 'fail, 0 left'])
      const answer = await kuard.get(other)
      assert.deepEqual([answer.status, answer.text], [200, 'ok'])
      assert.match(String(answer.headers['content-type']), /^text\/plain/)
    }
    const { history } = (await kuard.get(`${path}/api`)).json(ProbeStatus)
    assert.equal(history.length, 2 * others.length)
    await kuard.get('/version')
    await kuard.logged(/GET \/version 200/)
    for (const other of others) assert.ok(!kuard.output.includes(`${other} `), kuard.output)
  })

  test(`--disable=${name} leaves out all names of its probe`, async (context) => {
    const kuard = await startKuard(context, [`--disable=${name}`])
    for (const asked of [path, ...others]) assert.equal((await kuard.get(asked)).status, 404)
  })
}

test('a fault that is to touch no probes touches none by another name', async (context) => {
  const kuard = await startKuard(context, ['--fault-error-share=1'])
  for (const asked of ['/healthz', '/livez', '/readyz']) assert.equal((await kuard.get(asked)).status, 200)
  assert.equal((await kuard.get('/version')).status, 503)
})
