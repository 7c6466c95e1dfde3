/** What can go wrong between a pod and its API server: it is said in words, what was seen stays, and it mends by itself. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { suite, test } from 'node:test'
import { pod } from '../support/api-objects.ts'
import { startApiServer, type Asked, type TestApiServer } from '../support/api-server.ts'
import type { Lifetime } from '../support/at-end.ts'
import { lookAt } from '../support/cluster-view.ts'
import { eventually } from '../support/eventually.ts'
import { hasty } from '../support/hasty.ts'
import { newToken, startPodIn, type PodOptions } from '../support/pod.ts'

/** A pod of a namespace with one other, `web-1`, and someone who looks at both. */
async function lookAtPods(context: Lifetime, options: PodOptions = {}, api?: TestApiServer) {
  const server = api ?? (await startApiServer(context))
  server.put('pods', pod({ name: 'web-1' }))
  const started = await startPodIn(context, server, options)
  return { api: server, view: await lookAt(context, started.kuard, 'pods'), ...started }
}

const lists = ({ requests }: TestApiServer): Asked[] => requests.filter(({ isWatch }) => !isWatch)

// Most of it is waiting.
suite('between a pod and its API server', { concurrency: 4 }, () => {
  test('a renewed token is used from the next request on, and so is a new ca.crt', async (context) => {
    const { api, view, mounted } = await lookAtPods(context)
    await view.shows('pods', 'web-1')
    const token = newToken(api)
    mounted.write('token', token)
    api.endWatches()
    await eventually('the new token', () => api.watches.some((watch) => watch.token === token))

    await api.renewCertificate(context)
    mounted.write('ca.crt', api.authority)
    api.endWatches()
    api.put('pods', pod({ name: 'web-2' }))
    await view.shows('pods', 'web-1', 'web-2')
    api.dropConnections()
    api.put('pods', pod({ name: 'web-3' }))
    await view.shows('pods', 'web-1', 'web-2', 'web-3')
    await view.stands('pods', 'watching')
    assert.equal(lists(api).length, 1)
  })

  test('a watch goes on from where a bookmark says', async (context) => {
    const { api, view } = await lookAtPods(context)
    await view.stands('pods', 'watching')
    // Of other kinds, so that only a bookmark tells of the version.
    const { metadata } = api.put('services', { metadata: { name: 'web' } })
    api.bookmark()
    api.endWatches()
    await eventually('a watch from the bookmark', () =>
      api.watches.some(({ query }) => query.get('resourceVersion') === metadata?.resourceVersion),
    )
    assert.equal(lists(api).length, 1)
    assert.ok(
      api.requests.every(({ isWatch, query }) => !isWatch || query.get('allowWatchBookmarks') === 'true'),
    )
  })

  for (const as of ['event', 'status'] as const)
    test(`where a watch is too old (410 as ${as}), all is listed anew, and what is gone meanwhile goes`, async (context) => {
      const { api, view } = await lookAtPods(context)
      await view.shows('pods', 'web-1')
      await view.stands('pods', 'watching')
      // What happens while it speaks to nobody is in no watch that follows.
      api.intercept = (asked, response) => asked.isWatch && hangUp(response)
      api.endWatches()
      await view.stands('pods', 'away')
      api.remove('pods', 'web-1')
      api.put('pods', pod({ name: 'web-2' }))
      api.expire(as)
      api.intercept = () => false
      await view.shows('pods', 'web-2')
      await view.stands('pods', 'watching')
      assert.equal(lists(api).length, 2)
    })

  function hangUp(response: ServerResponse): true {
    response.destroy()
    return true
  }

  test('an API server that only says that all is too old is not asked in a hurry', async (context) => {
    const { api, view } = await lookAtPods(context)
    await view.stands('pods', 'watching')
    api.intercept = ({ isWatch }) => {
      if (isWatch) api.expire('status')
      return false
    }
    api.endWatches()
    const before = api.requests.length
    const began = performance.now()
    await eventually('some tries', () => api.requests.length >= before + 6)
    const ms = performance.now() - began
    assert.ok(ms > 2_000, `6 requests took ${ms} ms`)
    await view.shows('pods', 'web-1')
  })

  test('while the API server is away, what was seen stays, it is asked less and less, and it is back by itself', async (context) => {
    const { api, view } = await lookAtPods(context)
    await view.shows('pods', 'web-1')
    await view.stands('pods', 'watching')
    await api.stop()
    const away = await view.stands('pods', 'away')
    assert.match(
      away.message ?? '',
      /^(connection refused|the connection was closed before the answer was complete)$/,
    )
    assert.ok(Math.abs(Date.parse(away.since) - Date.now()) < 5_000)

    // It is there, and of no use.
    const tries: number[] = []
    api.intercept = (_asked, response) => {
      tries.push(performance.now())
      return hangUp(response)
    }
    await api.start()
    await eventually('three tries', () => tries.length >= 3)
    const [first = 0, second = 0, third = 0] = tries
    assert.ok(third - second > (second - first) * 1.2, `tried at ${tries.join()} ms`)
    const standing = await view.stands('pods', 'away')
    assert.equal(standing.since, away.since)
    assert.deepEqual([...(view.shown('pods')?.keys() ?? [])], ['web-1'])

    api.remove('pods', 'web-1')
    api.put('pods', pod({ name: 'web-2' }))
    api.intercept = () => false
    await view.shows('pods', 'web-2')
    await view.stands('pods', 'watching')
    assert.equal(lists(api).length, 1)
  })

  test('one that falls silent is noticed within half a minute, and is back by itself', async (context) => {
    const by = 4
    const { api, view } = await lookAtPods(context, hasty(10_000, by))
    await view.stands('pods', 'watching')
    api.fallSilent()
    const silent = performance.now()
    const { message } = await view.stands('pods', 'away')
    const seconds = ((performance.now() - silent) * by) / 1000
    assert.ok(seconds < 30, `noticed after ${seconds} s`)
    assert.match(message ?? '', /^no end of its answer within 25 s$/)
    const { message: next } = await eventually('a try in vain', () =>
      view.standings('pods').find((standing) => standing.message?.startsWith('no answer within')),
    )
    assert.equal(next, 'no answer within 15 s')
    assert.deepEqual([...(view.shown('pods')?.keys() ?? [])], ['web-1'])
    api.speak()
    api.put('pods', pod({ name: 'web-2' }))
    await view.shows('pods', 'web-1', 'web-2')
  })

  test('a refusal is told in the API server’s own words, nothing is shown then, and rights are used soon after they are given', async (context) => {
    const { api, view } = await lookAtPods(context)
    await view.shows('pods', 'web-1')
    // A real one looks at rights only when a watch begins.
    const watch = await eventually('a watch', () => api.watches[0])
    assert.ok(Number(watch.query.get('timeoutSeconds')) <= 30)
    api.forbid('pods')
    api.endWatches()
    const { message } = await view.stands('pods', 'refused')
    assert.equal(
      message,
      'pods is forbidden: User "system:serviceaccount:default:default" cannot watch resource "pods" in API group "" in the namespace "default"',
    )
    await eventually('nothing to be shown', () => view.shown('pods') === undefined)
    const before = lists(api).length
    await eventually('some more tries', () => lists(api).length >= before + 3)
    api.allow('pods')
    const allowed = performance.now()
    await view.shows('pods', 'web-1')
    const ms = performance.now() - allowed
    assert.ok(ms < 10_000, `it took ${ms} ms`)
  })

  test('who may list and not watch is refused, and nothing flickers', async (context) => {
    const api = await startApiServer(context)
    api.intercept = ({ isWatch }, response) => {
      if (!isWatch) return false
      response.writeHead(403).end('{"kind":"Status","message":"cannot watch"}')
      return true
    }
    const { view } = await lookAtPods(context, {}, api)
    const { message } = await view.stands('pods', 'refused')
    assert.equal(message, 'cannot watch')
    const lines = () => view.reader.names.filter((name) => name === 'cluster.pods').length
    await eventually('another try', () => lists(api).length >= 2)
    const told = lines()
    await eventually('two more', () => lists(api).length >= 4)
    assert.equal(lines(), told)
    assert.equal(view.shown('pods'), undefined)
  })

  test('a token that is not taken is a refusal until there is one that is', async (context) => {
    const { api, view, mounted } = await lookAtPods(context)
    await view.shows('pods', 'web-1')
    api.tokens.clear()
    api.endWatches()
    assert.equal((await view.stands('pods', 'refused')).message, 'Unauthorized')
    mounted.write('token', newToken(api))
    await view.shows('pods', 'web-1')
  })

  test('a missing or broken token or ca.crt is said, and mended when it is there', async (context) => {
    const { api, view, mounted } = await lookAtPods(context)
    await view.shows('pods', 'web-1')
    const says = (words: RegExp) =>
      eventually(`it to say ${words}`, () => words.test(view.standings('pods').at(-1)?.message ?? ''))
    mounted.remove('token')
    api.endWatches()
    await says(/no service account token .*ENOENT/)
    mounted.write('token', newToken(api))
    mounted.remove('ca.crt')
    await says(/no certificate to know the API server by.*ENOENT/)
    for (const text of ['', 'broken', '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n']) {
      mounted.write('ca.crt', api.authority)
      await view.shows('pods', 'web-1')
      mounted.write('ca.crt', text)
      api.endWatches()
      await says(/^its certificate is signed by none of those in ca\.crt$/)
    }
  })

  const answer = (status: number, body: string) => (response: ServerResponse) => {
    response.writeHead(status).end(body)
  }

  /** Never ends its line. */
  function endless(response: ServerResponse): void {
    response.writeHead(200)
    const go = () => {
      while (!response.destroyed && response.write('x'.repeat(2 ** 20)));
      if (!response.destroyed) response.once('drain', go)
    }
    go()
  }

  const nonsense = {
    'an event that is broken off': [answer(200, '{"type":"ADDED","object":{"metada\n'), /no object in JSON/],
    'an event of nothing': [answer(200, '{}\n'), /no event of a watch/],
    'a line that never ends': [endless, /too long/],
    'a page': [answer(200, '<html>It works!</html>\n'), /no object in JSON: "<html>It works!/],
    'a redirect': [answer(302, ''), /it answered 302/],
    'a server that starts': [
      answer(503, '{"kind":"Status","message":"storage is (re)initializing"}'),
      /storage is/,
    ],
    'too many requests': [answer(429, 'Too many requests, please try again later.'), /^Too many requests/],
    'an error of the watch': [
      answer(
        200,
        '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd has lost its leader"}}\n',
      ),
      /^etcd has lost its leader$/,
    ],
  } as const

  for (const [name, [give, words]] of Object.entries(nonsense))
    test(`where a watch brings ${name}, what was seen stays, and all is listed anew`, async (context) => {
      const { api, view, kuard } = await lookAtPods(context)
      await view.shows('pods', 'web-1')
      api.intercept = ({ isWatch }, response) => {
        if (isWatch) give(response)
        return isWatch
      }
      api.endWatches()
      assert.match((await view.stands('pods', 'away')).message ?? '', words)
      assert.deepEqual([...(view.shown('pods')?.keys() ?? [])], ['web-1'])
      api.intercept = () => false
      api.put('pods', pod({ name: 'web-2' }))
      await view.shows('pods', 'web-1', 'web-2')
      assert.equal((await kuard.get('/healthy')).status, 200)
    })

  for (const body of ['', 'null', '[]', '{"items":[]}', '{"metadata":{}', '<html>'])
    test(`a list that is ${JSON.stringify(body)} is said to be none`, async (context) => {
      const api = await startApiServer(context)
      api.intercept = (_asked, response) => {
        response.writeHead(200).end(body)
        return true
      }
      const { view } = await lookAtPods(context, {}, api)
      assert.match((await view.stands('pods', 'away')).message ?? '', /no object in JSON|no list/)
      api.intercept = () => false
      await view.shows('pods', 'web-1')
    })
})
