/** The resolver's settings, as a pod's /etc/resolv.conf has them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseResolvConf, readResolvConf } from '../../server/host/resolv-conf.ts'

const defaults = {
  nameServers: [],
  search: [],
  ndots: 1,
  timeoutSeconds: 5,
  attempts: 2,
  rotate: false,
  useTcp: false,
  edns0: false,
  trustAd: false,
  noTldQuery: false,
}

test('without any line, the local machine is asked twice, 5 seconds each', () => {
  const nameServers = [{ address: '127.0.0.1', port: 53 }]
  assert.deepEqual(parseResolvConf(''), { ...defaults, nameServers })
})

test('every line that a pod has is read', () => {
  const conf = parseResolvConf(
    'search default.svc.cluster.local svc.cluster.local\tcluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  )
  assert.deepEqual(conf, {
    ...defaults,
    nameServers: [{ address: '10.96.0.10', port: 53 }],
    search: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
    ndots: 5,
  })
})

test('of name servers three count, IPv6 too; comments and what is no address are passed over', () => {
  const { nameServers } = parseResolvConf(
    '# nameserver 10.0.0.8\n;nameserver 10.0.0.9\n nameserver 10.0.0.7\nnameserver dns.example\n' +
      'nameserver 10.0.0.1\nnameserver\t2001:db8::53 \nnameserver fe80::1%eth0\r\nnameserver 10.0.0.4',
  )
  assert.deepEqual(
    nameServers.map(({ address }) => address),
    ['10.0.0.1', '2001:db8::53', 'fe80::1%eth0'],
  )
})

test('of search and domain the last one wins that names a domain', () => {
  assert.deepEqual(parseResolvConf('search a b\ndomain c d\n').search, ['c'])
  assert.deepEqual(parseResolvConf('domain c\nsearch a b\n').search, ['a', 'b'])
  assert.deepEqual(parseResolvConf('search a\nsearch\nsearch \ndomain \n').search, ['a'])
})

test("without a search list, the host name's own domain is searched", () => {
  assert.deepEqual(parseResolvConf('', { hostname: 'web.ns.test' }).search, ['ns.test'])
  assert.deepEqual(parseResolvConf('', { hostname: 'web' }).search, [])
  assert.deepEqual(parseResolvConf('search a\n', { hostname: 'web.ns.test' }).search, ['a'])
})

test('options add up over lines and are cut where resolv.conf(5) cuts them', () => {
  const { ndots, timeoutSeconds, attempts, rotate } = parseResolvConf(
    'options ndots:99 timeout:3 edns0\noptions attempts:9 rotate timeout:0\n',
  )
  assert.deepEqual(
    { ndots, timeoutSeconds, attempts, rotate },
    { ndots: 15, timeoutSeconds: 1, attempts: 5, rotate: true },
  )
  assert.equal(parseResolvConf('options timeout:600').timeoutSeconds, 30)
  assert.equal(parseResolvConf('options ndots:0').ndots, 0)
})

test('numbers and names of options are read as C does, up to what does not belong to them', () => {
  const { ndots, edns0 } = parseResolvConf('options ndots:5, edns0;\n')
  assert.deepEqual([ndots, edns0], [5, true])
  const { attempts, rotate } = parseResolvConf('options attempts:x norotate\n')
  assert.deepEqual([attempts, rotate], [0, false])
})

test('each option that changes what is asked is known', () => {
  assert.deepEqual(
    parseResolvConf('options use-vc edns0 trust-ad no-tld-query rotate debug no-reload\nnameserver 10.0.0.1'),
    {
      ...defaults,
      nameServers: [{ address: '10.0.0.1', port: 53 }],
      rotate: true,
      useTcp: true,
      edns0: true,
      trustAd: true,
      noTldQuery: true,
    },
  )
  assert.equal(parseResolvConf('options no_tld_query').noTldQuery, true)
})

test('RES_OPTIONS adds to the options, and LOCALDOMAIN takes the place of the search list', () => {
  const file = 'search a b\noptions ndots:5 rotate\n'
  const of = (env: Readonly<Record<string, string>>) => {
    const { search, ndots, rotate, useTcp } = parseResolvConf(file, { env, hostname: 'web.ns.test' })
    return [search, ndots, rotate, useTcp]
  }
  assert.deepEqual(of({ RES_OPTIONS: ' ndots:2\tuse-vc' }), [['a', 'b'], 2, true, true])
  assert.deepEqual(of({ LOCALDOMAIN: 'c  d\te \nf' }), [['c', 'd', 'e'], 5, true, false])
  // The root.
  assert.deepEqual(of({ LOCALDOMAIN: '' }), [[''], 5, true, false])
})

test('a missing file is an empty one', async () => {
  assert.deepEqual(
    (await readResolvConf({}, '/nowhere/resolv.conf')).nameServers,
    parseResolvConf('').nameServers,
  )
})
