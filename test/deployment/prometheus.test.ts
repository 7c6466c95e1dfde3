/** A real Prometheus that scrapes the pods of a release, which their annotations name, through the API server. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { chartFolder } from '../../scripts/chart.ts'
import { makeNamespace, startKubectl, type Forward, type Namespace } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { startPrometheus, type ScrapeConfig } from '../support/prometheus.ts'
import { ChartRelease } from '../support/release.ts'

const { KUARD_TEST_CONTEXT: cluster = '' } = process.env
const skip = cluster === '' && 'KUARD_TEST_CONTEXT names no cluster'

const Pods = Type.Object({
  items: Type.Array(
    Type.Object({
      metadata: Type.Object({
        name: Type.String(),
        annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
    }),
  ),
})

/** Those that ask to be scraped, by the way into every cluster: Debian's Prometheus can't list pods by itself. @param proxy of kubectl */
async function podsToScrape(namespace: Namespace, proxy: Forward): Promise<ScrapeConfig['static_configs']> {
  const { items } = Value.Parse(Pods, JSON.parse(await namespace.kubectl('get', 'pods', '--output=json')))
  return items.flatMap(({ metadata: { name, annotations = {} } }) => {
    if (annotations['prometheus.io/scrape'] !== 'true') return []
    const pod = `${name}:${annotations['prometheus.io/port']}`
    const path = `/api/v1/namespaces/${namespace.name}/pods/${pod}/proxy/metrics`
    const labels = { namespace: namespace.name, pod: name, instance: pod, __metrics_path__: path }
    return [{ targets: [`127.0.0.1:${proxy.port}`], labels }]
  })
}

test(
  'Prometheus scrapes each pod of a release, and the rules tell how near each is to its limit',
  { skip },
  async (context) => {
    const namespace = await makeNamespace(context)
    const release = new ChartRelease(namespace, 'kuard')
    await release.install({
      replicaCount: 2,
      probes: { readiness: { periodSeconds: 1 } },
      resources: { limits: { memory: '128Mi' } },
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
    })
    const proxy = await startKubectl(context, ['proxy', '--port=0'])
    const prometheus = await startPrometheus(
      context,
      [{ job_name: 'kuard', static_configs: await podsToScrape(namespace, proxy) }],
      [join(chartFolder, 'files/rules.yaml')],
    )
    const pods = (await namespace.names('pods', 'app.kubernetes.io/component=server')).sort()
    assert.equal(pods.length, 2)
    // Each by itself, so that a failure says which; a scrape that ran out of its second is counted too, by another status.
    for (const query of [
      'up == 1',
      'kuard_build_info',
      'cgroup_memory_limit_bytes == 128 * 1024 * 1024',
      'namespace_pod:process_resident_memory:ratio > 0.1 < 1',
      'rate(readiness_probes_total{outcome="ok"}[10s]) > 0',
      'histogram_count(http_server_request_duration_seconds{http_route="/metrics", http_response_status_code="200"}) > 0',
    ])
      await eventually(`${query}, of every pod`, async () => {
        const found = (await prometheus.query(query)).map(({ metric }) => metric.pod).sort()
        return found.join() === pods.join()
      })
    await release.uninstall()
  },
)
