/** What labs and concepts may need of a cluster, and whether the one that is tested on has it. */
import { tryKubectl } from './cluster.ts'
import { notEnforced } from './network-policies.ts'

/** What each cluster has that these tests can be run on. */
const taken = ['the right to label nodes', 'the images of Redis and Prometheus, from the internet']

/** By what is needed: a look at the cluster that finds something where it is there. */
const looks: Readonly<Record<string, readonly string[]>> = {
  'a default StorageClass': [
    'storageclasses',
    `--output=jsonpath={.items[*].metadata.annotations['storageclass\\.kubernetes\\.io/is-default-class']}`,
  ],
  'metrics-server': ['apiservices', 'v1beta1.metrics.k8s.io', '--output=name', '--ignore-not-found'],
  'two nodes': ['nodes', '--output=jsonpath={.items[1].metadata.name}'],
}

/**
 * Why something can't be done here; false where it can.
 * @param needs in the words of concepts and labs
 */
export async function lackingHere(needs: readonly string[]): Promise<string | false> {
  for (const need of needs) {
    const reason = await lacking(need)
    if (reason !== false) return reason
  }
  return false
}

async function lacking(need: string): Promise<string | false> {
  if (taken.includes(need)) return false
  if (need === 'network policies that are enforced') return notEnforced
  const look = looks[need]
  const found = look && (await tryKubectl(['get', ...look]))
  return (found?.code !== 0 || found.output.trim() === '') && `the cluster lacks ${need}`
}
