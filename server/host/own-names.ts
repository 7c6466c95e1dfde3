/** The names that lead to this host, and that nobody else can own. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { plainName } from '../text/host-pattern.ts'
import { podNamespace } from './namespace.ts'
import { parseResolvConf } from './resolv-conf.ts'

/**
 * Ends of names that nobody can register: set aside for one machine (RFC 6761), for one link (RFC 6762) and for private networks (ICANN,
 * 2024); `svc` is what Kubernetes calls Services, and no top-level domain.
 */
const reservedEnds = ['localhost', 'local', 'internal', 'svc']

/**
 * Tells names that a hostile page can't have from those that it may: to be reached under a name of its own (DNS rebinding) it needs one of the
 * public DNS that its maker owns. A name of one label is none: no top-level domain that sells names has an address itself.
 */
export class OwnNames {
  readonly #hostname: string
  readonly #env: NodeJS.ProcessEnv
  #surroundings: Surroundings | undefined
  #inPod: boolean | undefined

  /**
   * @param hostname of this host
   * @param env in which the kubelet tells a pod where Services are
   */
  constructor(hostname: string, env: NodeJS.ProcessEnv) {
    this.#hostname = plainName(hostname)
    this.#env = env
  }

  /** Whether this is a pod of Kubernetes. */
  get inPod(): boolean {
    return (this.#inPod ??= this.#env.KUBERNETES_SERVICE_HOST !== undefined || podNamespace() !== null)
  }

  /** @param name as `plainName` gives it; an IPv6 address without brackets */
  has(name: string): boolean {
    if (isIP(name) !== 0) return true
    if (!/^[\w-]+(\.[\w-]+)*$/.test(name)) return false
    const [first = '', ...others] = name.split('.')
    const last = others.at(-1)
    if (last === undefined || reservedEnds.includes(last)) return true
    // Read once, at the first name that needs it: what they say holds for as long as the pod lives.
    const { domains, namespaces } = (this.#surroundings ??= readSurroundings())
    return (
      name === this.#hostname ||
      domains.search.some((domain) => name === `${this.#hostname}.${domain}`) ||
      domains.cluster.some((domain) => name.endsWith(`.${domain}`)) ||
      (namespaces.includes(last) && (isNoTopLevelDomain(last) || this.#isService(first, others)))
    )
  }

  /** `SERVICE.NAMESPACE` of a Service that was there before this pod. */
  #isService(first: string, { length }: readonly string[]): boolean {
    return length === 1 && `${first.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST` in this.#env
  }
}

/** Top-level domains have letters only, or begin with `xn--` (RFC 1123; ICANN); `dev` is one. */
const isNoTopLevelDomain = (name: string): boolean =>
  name === 'default' || (/[^a-z]/.test(name) && !name.startsWith('xn--'))

/** What a pod's files say of where it is. */
interface Surroundings {
  readonly domains: {
    readonly search: readonly string[]
    /** `svc.cluster.local` and `pod.cluster.local`, by the cluster's own domain. */
    readonly cluster: readonly string[]
  }
  /** The pod's own. */
  readonly namespaces: readonly string[]
}

/** The kubelet writes `search NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN` (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/). */
function readSurroundings(): Surroundings {
  const search = readSearch().map(plainName)
  const found = search.flatMap((entry) => {
    const [, namespace = '', domain = ''] = /^([^.]+)\.svc\.(.+)$/.exec(entry) ?? []
    return namespace === '' ? [] : [{ namespace, domain }]
  })
  const cluster = found.flatMap(({ domain }) => [`svc.${domain}`, `pod.${domain}`])
  const namespaces = [...found.map(({ namespace }) => namespace), podNamespace() ?? '']
  return { domains: { search, cluster }, namespaces }
}

function readSearch(): readonly string[] {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8')).search
  } catch {
    return []
  }
}
