/** The routes by which Kubernetes' autoscalers read the queues' figures: those of external.metrics.k8s.io/v1beta1. */
import type { Http } from '../../../http/http.ts'
import { schemasOf, text } from '../../../http/schemas.ts'
import { RefusedError, type QueueStore } from '../store.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** Most pods are never asked for it. */
const load = () => import('./values.ts')

const group = '/apis/external.metrics.k8s.io'

/** As the Kubernetes API tells a failure, since this is taken for a part of it. */
const status = (description: string, more = {}) => ({
  description,
  content: { 'application/json': { schema: schemaOf('Status') }, ...more },
})

/** Mounts every route. */
export function externalMetricsRoutes(http: Http, store: QueueStore): void {
  http.get(
    group,
    {
      schema: {
        summary: 'The versions of the API that autoscalers ask for metrics',
        response: { 200: schemaOf('APIGroup') },
      },
    },
    async () => (await load()).describeGroup(),
  )
  http.get(
    `${group}/v1beta1`,
    { schema: { summary: 'The metrics that it has', response: { 200: schemaOf('APIResourceList') } } },
    async () => (await load()).listMetrics(),
  )
  http.get(
    `${group}/v1beta1/namespaces/:namespace/:metric`,
    {
      schema: {
        summary: 'A metric of each queue, or of those that are selected',
        params: schemaOf('MetricPath'),
        querystring: schemaOf('MetricSelector'),
        response: {
          200: schemaOf('ExternalMetricValueList'),
          400: status('the selector can’t be read, or the request', { 'text/plain': { schema: text() } }),
          404: status('there is no such metric'),
          503: status('the store can’t be asked; memory always can'),
        },
      },
    },
    async ({ params: { metric }, query: { labelSelector = '' } }, reply) => {
      const { failure, valuesOf } = await load()
      const values = await valuesOf(metric, labelSelector, () => store.stats()).catch((error: unknown) => {
        if (error instanceof RefusedError) return failure(503, error.message)
        throw error
      })
      if (values.kind === 'Status') reply.code(values.code)
      return values
    },
  )
}
