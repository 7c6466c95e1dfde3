/** Why an autoscaler’s metric is `<unknown>`, in words. */
import type { Pod, ScalingMetric } from '../../../../../server/features/cluster/wire.ts'
import { countOf } from '../../../lib/format.ts'
import type { Mend } from '../mend.ts'

/** What an autoscaler scales. */
export interface Target {
  readonly kind: string
  readonly name: string
  /** Those that it has now. */
  readonly pods: readonly Pod[]
}

export interface Cause {
  readonly words: string
  readonly mends: readonly Mend[]
}

/** Of each kind of cause: how the controller words it, and what it means. The first that matches is told. */
const causes: readonly {
  readonly pattern: RegExp
  readonly cause: (found: RegExpExecArray, target: Target) => Cause
}[] = [
  {
    pattern: /missing request for ([\w.-]+)(?: in container (\S+) of Pod (\S+))?/,
    cause: ([, resource = '', container, pod], target) => noRequest(resource, { container, pod }, target),
  },
  {
    // What is registered nowhere is told by the name that is missing, or as an address that is not found.
    pattern: /no (custom|external) metrics API|(custom|external) metrics API: .*(?:not find|not found)/,
    cause: ([, missing, unfound]) => noAdapter(missing ?? unfound ?? ''),
  },
  {
    pattern: /no metrics returned from (custom|external) metrics API/,
    cause: ([, api = '']) => ({
      words: `What serves ${api} metrics knows none of this name and these labels.`,
      mends: [served(api)],
    }),
  },
  {
    pattern: /(custom|external) metrics API: (.+)/,
    cause: ([, api = '', message = '']) => ({
      words: `What serves ${api} metrics is registered, and doesn’t answer: ${message}.`,
      mends: [served(api)],
    }),
  },
  {
    pattern: /resource metrics API: .*(could not find the requested resource|no matches for|not found)/,
    cause: () => ({
      words: 'This cluster has no metrics-server, and nothing else measures its pods.',
      mends: [
        {
          words: 'installs it',
          command:
            'apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml',
          isClusterWide: true,
        },
      ],
    }),
  },
  {
    pattern: /resource metrics API: (.+)/,
    cause: ([, message = '']) => ({
      words: `metrics-server is there, and doesn’t answer: ${message}.`,
      mends: [
        {
          words: 'says whether it is available',
          command: 'get apiservice v1beta1.metrics.k8s.io',
          isClusterWide: true,
        },
      ],
    }),
  },
  { pattern: /no metrics returned|did not receive metrics/, cause: (_, target) => noFigures(target) },
  {
    pattern: /no pods returned by selector/,
    cause: (_, { kind, name }) => ({ words: `${kind} ${name} has no pods yet.`, mends: [] }),
  },
]

/**
 * @param message the controller’s own: of the condition ScalingActive, or of an event
 * @param target with its pods, which tell what the message leaves out
 */
export function causeOf(message: string, target: Target): Cause {
  for (const { pattern, cause } of causes) {
    const found = pattern.exec(message)
    if (found) return cause(found, target)
  }
  const words = message.replace(/^the HPA was unable to compute the replica count: /, '')
  return { words: `The controller says: ${words}`, mends: [] }
}

/** The message that is about this metric; undefined if none is. @param messages the most telling first */
export const messageFor = (
  { name }: Pick<ScalingMetric, 'name'>,
  messages: readonly string[],
): string | undefined =>
  messages.find((message) => message.split(/[\s,:"()/]+/).includes(name)) ??
  messages.find((message) => /no pods returned|did not receive metrics/.test(message))

/** Whose templates `kubectl set resources` changes. */
const settable = ['Deployment', 'StatefulSet', 'ReplicaSet']

function noRequest(
  resource: string,
  named: { readonly container: string | undefined; readonly pod: string | undefined },
  { kind, name, pods }: Target,
): Cause {
  const lacking = (pod: Pod) =>
    pod.containers.filter(({ role, requests }) => role !== 'init' && requests?.[resource] === undefined)
  const pod = pods.find((one) => one.name === named.pod) ?? pods.find((one) => lacking(one).length > 0)
  const container = named.container ?? (pod && lacking(pod)[0]?.name)
  const where = container === undefined ? 'A container' : `Container ${container}`
  const whose = named.pod ?? pod?.name
  const words = `${where} of ${whose === undefined ? 'its pods' : `pod ${whose}`} requests no ${resource}, and a share of nothing can’t be reckoned: each container needs a request.`
  if (!settable.includes(kind)) return { words, mends: [] }
  const amount = resource === 'memory' ? '64Mi' : '50m'
  const only = container === undefined ? '' : ` --containers=${container}`
  const set: Mend = {
    words: 'gives it one, in new pods',
    command: `set resources ${kind.toLowerCase()} ${name}${only} --requests=${resource}=${amount}`,
  }
  if (kind !== 'ReplicaSet') return { words, mends: [set] }
  const names = pods.map((one) => one.name).join(' ')
  const replace: Mend = {
    words: 'makes room for them: a ReplicaSet leaves the pods that there are as they are',
    command: `delete pods ${names}`,
  }
  return { words, mends: names === '' ? [set] : [set, replace] }
}

const noAdapter = (api: string): Cause => ({
  words:
    `This cluster has nothing that serves ${api} metrics: they take an adapter to whatever measures them, such as that of Prometheus` +
    (api === 'external' ? ', or for the queues of a MemQ server 10-jobs/memq-apiservice.yaml.' : '.'),
  mends: [served(api)],
})

/** @param api custom or external */
const served = (api: string): Mend => ({
  words: 'lists what is served',
  command: `get apiservice v1beta1.${api}.metrics.k8s.io`,
  isClusterWide: true,
})

function noFigures({ pods }: Target): Cause {
  const unready = pods.filter(({ ready }) => !ready).length
  const rest =
    unready === 0
      ? 'a new pod is measured after up to a minute.'
      : `${unready === pods.length ? 'none' : `${String(pods.length - unready)} of ${countOf(pods.length, 'pod')}`} ${pods.length - unready > 1 ? 'are' : 'is'} ready, and what starts isn’t measured yet.`
  return {
    words: `metrics-server has no figures of these pods: ${rest}`,
    mends: [{ words: 'shows what it has', command: 'top pods' }],
  }
}
