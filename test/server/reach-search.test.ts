/** Names that Reach searches, where the name servers know of the cluster alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReachReport } from '../../server/features/reach/wire.ts'
import { reply, serveDns } from '../support/name-servers.ts'
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
    const reach = async (target: string) =>
      (await kuard.post('/reach/api', JSON.stringify({ target }))).json(ReachReport)

    const { end, words, names } = await reach('queue:8080')
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
    assert.equal((await reach('example.com:443')).end, 'no name server')
  },
)
