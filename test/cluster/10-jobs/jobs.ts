/** What the tests of Jobs share: their pods, the API's eviction, how a Job ended. */
import { kubectl, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

/** The names of a Job's pods, by the label that the book selects with. */
export const podsOf = (namespace: Namespace, job: string): Promise<string[]> =>
  namespace.names('pods', `job-name=${job}`)

/** Waits for a pod of a Job to run, other than those that are known; resolves to its name. */
export async function runningPod(namespace: Namespace, job: string, known: readonly string[] = []) {
  const pod = await eventually(
    `a new pod of ${job}`,
    async () => (await podsOf(namespace, job)).find((name) => !known.includes(name)),
    90_000,
    500,
  )
  await namespace.wait(`pod/${pod}`, 'jsonpath={.status.phase}=Running')
  return pod
}

/** Evicts a pod, as `kubectl drain` does; resolves once its only container has ended, to the exit code. */
export async function evict(namespace: Namespace, pod: string): Promise<number> {
  const exitCode = '.status.containerStatuses[0].state.terminated.exitCode'
  const path = `/api/v1/namespaces/${namespace.name}/pods/${pod}/eviction`
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } }
  // The pod is gone soon after, so that a watch has to be there before.
  const [code] = await Promise.all([
    namespace.kubectl(
      'wait',
      `pod/${pod}`,
      `--for=jsonpath={${exitCode}}`,
      '--timeout=60s',
      `--output=jsonpath={${exitCode}}`,
    ),
    kubectl(['create', '--raw', path, '--filename=-'], JSON.stringify(eviction)),
  ])
  return Number(code)
}

/** Waits until a Job has failed; resolves to the reason. */
export async function failureOf(namespace: Namespace, job: string): Promise<string> {
  await namespace.wait(`job/${job}`, 'condition=Failed')
  return namespace.read(`job/${job}`, '.status.conditions[?(@.type=="Failed")].reason')
}

/** The lines about finished keys in a log. */
export const keysIn = (log: string): string[] => log.match(/ Item done: SHA256:\S{43}$/gm) ?? []
