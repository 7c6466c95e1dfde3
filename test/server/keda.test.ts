/** The autoscaler that manifests/10-jobs/keda-scaledobject.yaml describes, as KEDA reads it: strictly, with no field but its own. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { parse } from 'yaml'
import { Stats } from '../../server/features/memq/wire.ts'
import { startKuard } from '../support/kuard.ts'
import { manifestsFolder } from '../support/manifests.ts'

const strict = { additionalProperties: false }
const seconds = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })
const replicas = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })

/** https://keda.sh/docs/latest/scalers/metrics-api: each value is text, also a number. */
const MetricsApiTrigger = Type.Object(
  {
    type: Type.Literal('metrics-api'),
    metadata: Type.Object(
      {
        url: Type.String({ format: 'uri' }),
        valueLocation: Type.String(),
        targetValue: Type.String({ pattern: String.raw`^\d+(\.\d+)?$` }),
      },
      strict,
    ),
  },
  strict,
)

/** Those of keda.sh/v1alpha1 that are of use here: https://keda.sh/docs/latest/reference/scaledobject-spec. */
const ScaledObject = Type.Object(
  {
    apiVersion: Type.Literal('keda.sh/v1alpha1'),
    kind: Type.Literal('ScaledObject'),
    metadata: Type.Object({ name: Type.String(), labels: Type.Record(Type.String(), Type.String()) }, strict),
    spec: Type.Object(
      {
        // Without a kind it is a Deployment.
        scaleTargetRef: Type.Object({ name: Type.String() }, strict),
        minReplicaCount: replicas,
        maxReplicaCount: replicas,
        pollingInterval: seconds,
        cooldownPeriod: seconds,
        triggers: Type.Array(MetricsApiTrigger, { minItems: 1 }),
      },
      strict,
    ),
  },
  strict,
)

/** The only form of GJSON's paths that is used here: the field of the first queue of that name. */
const path = /^queues\.#\(name=="(?<name>[^"]+)"\)\.(?<field>\w+)$/

const textOf = (name: string) => readFileSync(join(manifestsFolder, '10-jobs', name), 'utf8')

/** What KEDA finds in an answer; undefined where nothing is. */
function found(answer: string, location: string): unknown {
  const { name, field = '' } = path.exec(location)?.groups ?? {}
  const queue = Value.Parse(Stats, JSON.parse(answer)).queues.find((one) => one.name === name)
  return queue && Object.entries(queue).find(([key]) => key === field)?.[1]
}

test('KEDA finds in the MemQ server’s answer what waits for its workers and what they hold, and no worker is needed for nothing', async (context) => {
  const { spec } = Value.Parse(ScaledObject, parse(textOf('keda-scaledobject.yaml')))
  const workers = textOf('scaled-workers.yaml')
  assert.match(workers, new RegExp(`kind: Deployment\nmetadata:\n  name: ${spec.scaleTargetRef.name}\n`))
  assert.equal(spec.minReplicaCount, 0)

  const kuard = await startKuard(context)
  const queue = '/memq/server/queues/keygen'
  await kuard.ask('PUT', queue)
  const values = () =>
    Promise.all(
      spec.triggers.map(async ({ metadata: { url, valueLocation } }) => {
        // It asks the server that the workers ask.
        const server = url.replace(/\/stats$/, '')
        assert.ok(workers.includes(`--keygen-memq-server=${server}\n`), url)
        return found((await kuard.get(new URL(url).pathname)).text, valueLocation)
      }),
    )
  assert.deepEqual(await values(), [0, 0])
  for (const item of ['a', 'b', 'c']) await kuard.post(`${queue}/enqueue`, item)
  await kuard.post(`${queue}/dequeue?lease=60`)
  assert.deepEqual(await values(), [2, 1])
})
