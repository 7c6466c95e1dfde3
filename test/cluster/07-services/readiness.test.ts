/** A pod whose readiness probe fails gets no requests from its Service, until it succeeds again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { ProbeStatus } from '../../../server/features/probe/wire.ts'
import { RequestDetails } from '../../../server/features/request/wire.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

test('Fail on the Readiness Probe page takes the pod out of the endpoints, and Succeed puts it back', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/alpaca-prod.yaml')
  await namespace.wait('deployment/alpaca-prod', 'condition=Available')
  const [pod = '', ...others] = await namespace.names('pods', 'app=alpaca')
  const address = await namespace.read(`pod/${pod}`, '.status.podIP')
  const ready = '.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]'
  const endpoints = async () => (await namespace.read('endpointslices', ready)).split(' ').filter(Boolean)
  await eventually('three endpoints', async () => (await endpoints()).length === 3)

  const forward = await namespace.forward(`pod/${pod}`)
  await forward.put('/ready/api', { failNext: -1 })
  await eventually('only the others to be left', async () => {
    const left = await endpoints()
    return left.length === 2 && !left.includes(address)
  })
  assert.match(await namespace.kubectl('get', 'pod', pod), /^\S+ +0\/1 +Running +0 /m)
  const { history } = (await forward.get('/ready/api')).json(ProbeStatus)
  assert.deepEqual(
    history.slice(0, 3).map(({ code }) => code),
    [500, 500, 500],
  )

  const answering = async () => {
    const { output } = await namespace.throughService('alpaca-prod', '/request/api')
    return Value.Parse(RequestDetails, JSON.parse(output)).hostname
  }
  // The nodes learn of an endpoint that is gone a moment after it is.
  await eventually(
    'twelve answers of the others',
    async () => {
      for (let request = 0; request < 12; request++) if (!others.includes(await answering())) return false
      return true
    },
    60_000,
  )

  await forward.put('/ready/api', { failNext: 0 })
  await eventually('its address to be back', async () => (await endpoints()).includes(address), 30_000, 500)
  await eventually('an answer of it', async () => (await answering()) === pod)
})
