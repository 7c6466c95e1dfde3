/** What Reach makes of /etc/resolv.conf: names that it searches, where the name servers know of the cluster alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply, serveDns } from '../support/name-servers.ts'
import { reach } from '../support/reach.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

const nxDomain = 3
const servFail = 2

test(
  'a name without a dot is missing when no search domain has it, whatever becomes of it beyond them; one with a dot may be out there',
  { skip: whyNoResolvConf() },
  async (context) => {
    const isOfCluster = (name = '') => name.endsWith('.cluster.local')
    const { address } = await serveDns(
      context,
      {
        udp: (query) => [
          reply(query, { rcode: isOfCluster(query.questions?.[0]?.name) ? nxDomain : servFail }),
        ],
      },
      { port: 53 },
    )
    const conf = `search ns.svc.cluster.local svc.cluster.local\nnameserver ${address}\noptions ndots:5\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const { end, words, names } = await reach(kuard, 'queue:8080')
    assert.equal(end, 'no such name')
    assert.equal(
      words,
      'There is no name queue: none of queue.ns.svc.cluster.local., queue.svc.cluster.local. exists.',
    )
    assert.deepEqual(
      names.map(({ name, status }) => [name, status]),
      [
        ['queue.ns.svc.cluster.local.', 'NXDOMAIN'],
        ['queue.svc.cluster.local.', 'NXDOMAIN'],
        ['queue.', 'SERVFAIL'],
      ],
    )
    assert.equal((await reach(kuard, 'example.com:443')).end, 'no name server')
  },
)

test(
  'a name server of this host may be asked, even at an address among those of metadata services',
  { skip: whyNoResolvConf() },
  async (context) => {
    const { kuard } = await startWithResolvConf(context, 'nameserver 169.254.20.10\n')
    const ends = ['dns://169.254.20.10/web.test', 'http://169.254.20.10/'].map(async (target) => {
      const { end } = await reach(kuard, target, 500)
      return end === 'not allowed'
    })
    assert.deepEqual(await Promise.all(ends), [false, true])
  },
)
