/** What an end usually means in a cluster, for what the target is. */
import { isIP } from 'node:net'
import { plainName } from '../../text/host-pattern.ts'
import type { Found } from './names.ts'
import type { Place } from './place.ts'
import type { Scheme, Target } from './target.ts'
import type { ReachEnd, ReachReport } from './wire.ts'

/** What the target can be told to be. */
export type Subject =
  | { readonly kind: 'service'; readonly name: string; readonly namespace: string | null }
  | { readonly kind: 'pod' }
  | { readonly kind: 'this pod' }
  | { readonly kind: 'loopback' }
  | { readonly kind: 'address' }
  | { readonly kind: 'name' }

/** Says what is meant by the target, by its name and by what that was found to stand for. */
export function subjectOf(
  { host }: Pick<Target, 'host'>,
  fullName: string | null,
  addresses: readonly string[],
  place: Place,
): Subject {
  if (addresses.length > 0 && addresses.every(isLoopback)) return { kind: 'loopback' }
  const service = addresses.map((address) => place.services.get(address)).find(Boolean)
  if (service !== undefined)
    return {
      kind: 'service',
      name: service,
      namespace: service === 'kubernetes' ? 'default' : place.namespace,
    }
  if (addresses.length > 0 && addresses.every((address) => place.addresses.includes(address)))
    return { kind: 'this pod' }
  if (isIP(host) !== 0) return { kind: 'address' }
  return named(plainName(fullName ?? host), place)
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address)

/** By its labels: `kuard`, `kuard.default`, `kuard.default.svc.cluster.local`. */
function named(name: string, { clusterDomain, namespace }: Place): Subject {
  const labels = name.split('.')
  const [service = '', second, third] = labels
  if (third === 'pod' && clusterDomain !== null) return { kind: 'pod' }
  const isService = third === 'svc' || (clusterDomain !== null && labels.length <= 2)
  return isService ? { kind: 'service', name: service, namespace: second ?? namespace } : { kind: 'name' }
}

/** Likeliest first; none for what was reached, unless there is something to know. */
export function hintsFor(report: ReachReport, target: Target, found: Found, place: Place): string[] {
  const addresses = found.addresses.map(({ address }) => address)
  const subject = subjectOf(target, found.fullName, addresses, place)
  return [...noPort(report, target), ...(byEnd[report.end]?.({ report, target, subject, place }) ?? [])]
}

interface Case {
  readonly report: ReachReport
  readonly target: Target
  readonly subject: Subject
  readonly place: Place
}

function noPort({ end }: ReachReport, { scheme, namesPort, port }: Target): string[] {
  const isOfPort = ['refused', 'timed out'].includes(end)
  return scheme === 'tcp' && !namesPort && isOfPort ? [`No port was named, so ${port} was tried.`] : []
}

const inNamespace = (namespace: string | null): string => (namespace === null ? '' : ` -n ${namespace}`)

const byEnd: Readonly<Partial<Record<ReachEnd, (of: Case) => string[]>>> = {
  reached: ({ report: { answer } }) =>
    answer?.location == null
      ? []
      : [`It sends its clients on to ${answer.location}, which was not followed.`],
  'no such name': hintsOfName,
  'no address': () => [
    'The name exists without an address: a headless Service without a ready pod, or a name that has records of other types only.',
  ],
  'no name server': ({ report, place, ...more }) => [
    ...(report.names.some(({ status }) => status === 'NXDOMAIN')
      ? hintsOfName({ report, place, ...more })
      : []),
    ...(/SERVFAIL|REFUSED/.test(report.words)
      ? ['The cluster’s DNS could not ask on: its own upstream name server may be away.']
      : ['A NetworkPolicy that limits egress has to allow UDP and TCP port 53 to the cluster’s DNS.']),
    ...(place.isPod
      ? ['Do the pods of the cluster’s DNS run: kubectl get pods -n kube-system -l k8s-app=kube-dns']
      : []),
  ],
  refused: hintsOfRefusal,
  'timed out': hintsOfSilence,
  unreachable: ({ subject }) => [
    subject.kind === 'service'
      ? 'No route: in some clusters the sign of a Service without ready endpoints, else of a network that doesn’t work on this node.'
      : 'This node has no route there: a pod that has just gone, a node that is down, or an address family that the cluster doesn’t have.',
    'A NetworkPolicy that rejects instead of dropping looks like this too.',
  ],
  'cut off': ({ target }) => [
    'Something took the connection and closed it: a server that speaks another protocol, a proxy without a backend, or a process that has just crashed.',
    ...perhapsNoTls(target),
  ],
  tls: hintsOfTls,
  'bad status': hintsOfStatus,
  'odd answer': ({ target }) => [
    `What answers there doesn’t speak ${target.scheme}. Is it the right port (targetPort of the Service)?`,
  ],
  'not allowed': ({ report }) =>
    report.words.includes('--reach-metadata')
      ? [
          'Whoever may ask it gets the credentials of the node, so this server must be told that it may: --reach-metadata.',
        ]
      : [
          'A rule on this node’s own packet filter forbids it: a NetworkPolicy of some engines, or a firewall.',
        ],
}

function hintsOfName({ target: { host, scheme }, place }: Case): string[] {
  if (scheme === 'dns')
    return [
      'A name server knows full names only, as kuard.default.svc.cluster.local: it searches no domains.',
    ]
  const { namespace, clusterDomain, isPod } = place
  const labels = plainName(host).split('.')
  if (clusterDomain === null && isPod && labels.length <= 2)
    return [
      'This pod doesn’t search the cluster’s domain, so short names of Services are not found: dnsPolicy Default or None, or hostNetwork without dnsPolicy: ClusterFirstWithHostNet.',
    ]
  const [service = '', second] = labels
  if (labels.length === 1 && clusterDomain !== null)
    return [
      `There is no Service ${service} in ${namespace === null ? 'this pod’s namespace' : `the namespace ${namespace}`}. If it is in another one, its name here is ${service}.NAMESPACE.`,
      'Does it exist: kubectl get services --all-namespaces',
    ]
  if (second !== undefined && (labels.length === 2 || labels[2] === 'svc'))
    return [
      `There is no Service ${service} in a namespace ${second}, or no such namespace: kubectl get services${inNamespace(second)}`,
    ]
  if (labels[2] === 'pod') return ['A name below pod. is made of an address: 10-1-2-3.NAMESPACE.pod.']
  return [
    'The name is not in DNS. Is it spelled right, and known to the name server that the cluster’s DNS asks on?',
  ]
}

function hintsOfRefusal({ subject, target }: Case): string[] {
  const { port } = target
  switch (subject.kind) {
    case 'service':
      return [
        `The Service ${subject.name} has no ready endpoint, so kube-proxy refuses for it: kubectl get endpointslices${inNamespace(subject.namespace)} -l kubernetes.io/service-name=${subject.name}`,
        `Or its targetPort is one where nothing listens in the pods, or where they listen on 127.0.0.1 alone.`,
      ]
    case 'loopback':
      return [
        `Nothing listens on port ${port} in this pod; its containers share one localhost, other pods don’t.`,
      ]
    case 'this pod':
      return [
        `Nothing in this pod listens on port ${port} of its address; what listens on 127.0.0.1 alone isn’t found there.`,
      ]
    default:
      return [
        `Nothing listens on port ${port} there: a process that hasn’t started yet, or that listens on 127.0.0.1 alone.`,
        'If it is a Service’s ClusterIP: no ready endpoint.',
      ]
  }
}

function hintsOfSilence({ subject, target, report }: Case): string[] {
  const last = report.steps.findLast(({ outcome }) => outcome !== 'done')?.kind
  if (last === 'body')
    return [
      'The answer began and stopped. If small answers come and large ones don’t, packets are too large for the network on the way (MTU).',
    ]
  if (last !== 'connect' && last !== 'question')
    return [
      'The connection stands, and nothing comes: the process is overloaded or hangs, or a proxy waits for a backend.',
      ...perhapsNoTls(target),
    ]
  const policy =
    'A NetworkPolicy, of this pod’s egress or of the other side’s ingress, drops it without a word.'
  switch (subject.kind) {
    case 'service':
      return [
        policy,
        `The Service ${subject.name} may have no port ${target.port}: kubectl get service${inNamespace(subject.namespace)} ${subject.name}`,
        'Or the node of the pod behind it is down.',
      ]
    case 'name':
      return [
        'A NetworkPolicy of this pod’s egress drops it without a word.',
        'Or there is no way out of the cluster: NAT, a firewall, a proxy that has to be used.',
      ]
    default:
      return [
        policy,
        'Or there is no such address any more: a pod that has gone, a node that is down, no route.',
      ]
  }
}

/** What speaks over TLS from the first byte, and its twin without. */
const plainSchemes: Readonly<Partial<Record<Scheme, Scheme>>> = { https: 'http', grpcs: 'grpc', tls: 'tcp' }

/** Of a connection that stands, on which no handshake ends. */
const perhapsNoTls = ({ scheme }: Target): string[] =>
  plainSchemes[scheme] === undefined ? [] : ['Perhaps this port doesn’t speak TLS.']

function hintsOfTls({ report: { tls, words }, target, place }: Case): string[] {
  const plain = plainSchemes[target.scheme]
  if (tls === null)
    return [
      words.includes('does not speak TLS')
        ? `This port speaks without TLS.${plain === undefined ? '' : ` Is it ${plain}:// instead?`}`
        : 'Both sides found no common ground: versions, a server name that it doesn’t serve, or a client certificate that it wants.',
    ]
  const { problem } = tls
  if (problem?.startsWith('it is for ') === true)
    return [
      `Clients have to use one of its names, or the certificate has to have ${target.host} among its names.`,
    ]
  if (problem?.includes('expired') === true)
    return ['Whoever renews it (cert-manager?) hasn’t, or the server hasn’t read the new one.']
  return [
    `Programs take it only if they are told its authority${place.isPod ? ', as of a ConfigMap or Secret with its ca.crt' : ''}; here NODE_EXTRA_CA_CERTS names the file.`,
  ]
}

function hintsOfStatus({ report: { answer }, target }: Case): string[] {
  const status = answer?.status ?? 0
  if (target.scheme !== 'http' && target.scheme !== 'https') return []
  if (status === 400 && /https/i.test(answer?.body ?? ''))
    return ['This port speaks TLS: https:// instead of http://.']
  if (status === 401 || status === 403)
    return ['The way there works; the server wants to know who asks, or refuses whoever that is.']
  if (status === 404)
    return [
      'The way there works; there is nothing under this path. An ingress answers so for hosts and paths that it has no rule for.',
    ]
  if (status === 502 || status === 503 || status === 504)
    return [
      'A proxy or an ingress answers, whose backend doesn’t: no ready endpoint, or a wrong port. Or the server itself isn’t ready.',
    ]
  return status >= 500
    ? ['The way there works; the server itself fails: its log tells why.']
    : ['The way there works; the server doesn’t like the request.']
}
