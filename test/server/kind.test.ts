/** The cluster that manifests/03-cluster/kind.yaml describes, as kind reads it: strictly, with no field but its own. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { parse } from 'yaml'

const strict = { additionalProperties: false }
const port = Type.Integer({ minimum: 1, maximum: 65_535 })

/** Those of kind.x-k8s.io/v1alpha4 that a small cluster may need. */
const KindCluster = Type.Object(
  {
    kind: Type.Literal('Cluster'),
    apiVersion: Type.Literal('kind.x-k8s.io/v1alpha4'),
    nodes: Type.Array(
      Type.Object(
        {
          role: Type.Union([Type.Literal('control-plane'), Type.Literal('worker')]),
          extraPortMappings: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  containerPort: port,
                  hostPort: port,
                  listenAddress: Type.String(),
                  protocol: Type.Literal('TCP'),
                },
                strict,
              ),
            ),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
)

test('kind makes a control plane and two workers, and ports 80 and 443 of this machine alone lead to one of them', () => {
  const text = readFileSync(join(import.meta.dirname, '../../manifests/03-cluster/kind.yaml'), 'utf8')
  const { nodes } = Value.Parse(KindCluster, parse(text))
  assert.deepEqual(
    nodes.map(({ role }) => role),
    ['control-plane', 'worker', 'worker'],
  )
  const mapped = nodes.filter(({ extraPortMappings }) => extraPortMappings !== undefined)
  // An Ingress controller's pods keep off the control plane.
  assert.deepEqual(
    mapped.map(({ role }) => role),
    ['worker'],
  )
  assert.deepEqual(
    mapped[0]?.extraPortMappings?.map((one) => [one.listenAddress, one.hostPort, one.containerPort]),
    [
      ['127.0.0.1', 80, 80],
      ['127.0.0.1', 443, 443],
    ],
  )
})
