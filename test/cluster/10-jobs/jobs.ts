/** What the tests of Jobs share: their pods, their keys, the API's eviction, how a Job ended. */
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { kubectl, manifest, type Namespace } from '../../support/cluster.ts'
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

/**
 * Applies a Job as it ships, but that each key takes two seconds and next to nothing of a core: where there are a hundred keys, which the
 * chapter makes in full, the machine has better things to do.
 * @param path as `10-jobs/job-parallel.yaml`
 */
export async function applyWithCheapKeys(namespace: Namespace, path: string): Promise<void> {
  const preload = readFileSync(join(import.meta.dirname, '../../support/cheap-keys-preload.ts'), 'utf8')
  const script = encodeURIComponent(stripTypeScriptTypes(preload))
  const env = [`NODE_OPTIONS=--import=data:text/javascript,${script}`, 'KEY_MILLISECONDS=2000']
  const set = ['set', 'env', '--local', `--filename=${manifest(path)}`, '--output=yaml', ...env]
  await namespace.applyText(await kubectl(set))
}

/** Evicts a pod, as `kubectl drain` does; resolves once its only container has ended unfinished. */
export async function evict(namespace: Namespace, pod: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace.name}/pods/${pod}/eviction`
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } }
  await Promise.all([
    // The pod is gone soon after, so that this has to be watching before.
    namespace.wait(`pod/${pod}`, 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}=143'),
    kubectl(['create', '--raw', path, '--filename=-'], JSON.stringify(eviction)),
  ])
}

/** How long keys may take on a busy machine, in seconds. */
const patience = 460

/** Waits for something about a Job that makes keys. @param condition as `kubectl wait` has it */
export const waitForKeys = (namespace: Namespace, resource: string, condition: string): Promise<void> =>
  namespace.wait(resource, condition, patience)

/** Waits until a Job is complete. */
export const completed = (namespace: Namespace, job: string): Promise<void> =>
  waitForKeys(namespace, `job/${job}`, 'condition=Complete')

/** Waits until a Job has failed; resolves to the reason. */
export async function failureOf(namespace: Namespace, job: string): Promise<string> {
  await waitForKeys(namespace, `job/${job}`, 'condition=Failed')
  return namespace.read(`job/${job}`, '.status.conditions[?(@.type=="Failed")].reason')
}

/** The lines about finished keys in a log. */
export const keysIn = (log: string): string[] => log.match(/ Item done: SHA256:\S{43}$/gm) ?? []
