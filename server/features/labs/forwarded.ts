/** Questions to a port that a concept forwards, as they are put within the cluster, where nothing is forwarded. */
import type { Ask } from '../../conditions/condition.ts'
import type { TaughtConcept } from './lessons.ts'

/**
 * The same question to what `kubectl port-forward TARGET LOCAL:REMOTE` of the concept forwards.
 * @returns nothing for another port, or a target that only a shell knows
 */
export function askedBy(
  { get, matches, says }: { get: string; matches: string; says?: string },
  { steps }: TaughtConcept,
): Ask[] {
  const { protocol, port, pathname, search } = new URL(get)
  const forwarded = steps.flatMap(({ run }) => forwardsIn(run)).find(({ local }) => String(local) === port)
  if (!forwarded) return []
  const tls = protocol === 'https:'
  return [
    {
      get: pathname + search,
      of: forwarded.target,
      port: forwarded.remote,
      ...(tls && { tls }),
      matches,
      ...(says !== undefined && { says }),
    },
  ]
}

/** As kubectl takes them: https://kubernetes.io/docs/reference/kubectl/#resource-types */
const kinds = {
  pod: ['po', 'pods'],
  service: ['svc', 'services'],
  deployment: ['deploy', 'deployments', 'deployment.apps'],
  replicaset: ['rs', 'replicasets'],
  statefulset: ['sts', 'statefulsets'],
  job: ['jobs'],
  daemonset: ['ds', 'daemonsets'],
} as const

/** The ports that `kubectl port-forward TARGET LOCAL:REMOTE` forwards, within one command or several. */
function forwardsIn(run: string) {
  return Array.from(run.matchAll(/\bkubectl port-forward ([^\n;&|]*)/g), ([, words = '']) => {
    const [target = '', ...ports] = words.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'))
    const [, kind = 'pod', name = ''] = /^(?:([a-z.]+)\/)?([a-z0-9.-]+)$/.exec(target) ?? []
    const known = Object.entries(kinds).find(
      ([full, short]) => full === kind || short.some((one) => one === kind),
    )
    if (!known || name === '') return []
    return ports.flatMap((word) => {
      const [, local, remote = local] = /^(\d+)(?::(\d+))?$/.exec(word) ?? []
      return local === undefined
        ? []
        : [{ target: `${known[0]}/${name}`, local: Number(local), remote: Number(remote) }]
    })
  }).flat()
}
