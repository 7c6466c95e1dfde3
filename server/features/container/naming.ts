/** How names are found here: host name, /etc/hosts, and what the resolver's settings make of a name. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { parseHosts, type HostsLine } from '../../host/hosts.ts'
import { optionsIn, parseResolvConf, type ResolvConf } from '../../host/resolv-conf.ts'
import { namesInOrder, searchOrder } from '../../host/search-order.ts'
import { countOf } from '../../text/count.ts'
import { nameFault } from '../../text/domain-name.ts'
import type { Naming } from './wire.ts'

/** What the process knows before anything is read. */
export interface NamingSurroundings {
  readonly env: NodeJS.ProcessEnv
  readonly hostname: string
  /** Whether a kubelet has made this container. */
  readonly isKubelets: boolean
}

/** Never fails: what can't be read is null, or empty. @param name whose look-up is explained */
export async function explainNaming(
  name: string,
  { env, hostname, isKubelets }: NamingSurroundings,
): Promise<Naming> {
  const [hosts, settings] = await Promise.all([
    readFile('/etc/hosts', 'utf8').catch(() => null),
    readSettings('/etc/resolv.conf'),
  ])
  const conf = parseResolvConf(settings ?? '', { env, hostname })
  const lines = hosts === null ? null : tellHosts(hosts, hostname)
  return {
    hostname,
    ...policyOf(settings, conf, { isKubelets, onHostNetwork: hosts !== null && isOnHostNetwork(hosts) }),
    hosts: lines,
    nameServers: settings === null ? [] : conf.nameServers.map(({ address }) => address),
    search: [...conf.search],
    ndots: conf.ndots,
    options: optionsIn(settings ?? ''),
    example: { name, ...explain(name, conf, lines ?? []) },
  }
}

/** A missing file is an empty one to resolvers; null when it is there and can't be read. */
const readSettings = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) =>
    (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : null,
  )

/** The kubelet's words at the beginning of the file, and before what hostAliases adds (pkg/kubelet/kubelet_pods.go). */
const managed = '# Kubernetes-managed hosts file'
const managedOnHostNetwork = `${managed} (host network)`
const aliases = '# Entries added by HostAliases.'

const isOnHostNetwork = (text: string): boolean => text.startsWith(managedOnHostNetwork)

function tellHosts(text: string, hostname: string): NonNullable<Naming['hosts']> {
  const at = text.startsWith(managed) ? text.indexOf(aliases) : -1
  const [before, after] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
  const from = (line: HostsLine) => {
    if (!text.startsWith(managed)) return 'unknown'
    if (isOnHostNetwork(text)) return 'node'
    return isKubelets(line, hostname) ? 'kubelet' : 'unknown'
  }
  return [
    ...parseHosts(before).map((line) => ({ ...tellLine(line), from: from(line) }) as const),
    ...parseHosts(after).map((line) => ({ ...tellLine(line), from: 'hostAliases' }) as const),
  ]
}

const tellLine = ({ address, names }: HostsLine) => ({ address, names: [...names] })

/** Of an own network the kubelet writes the machine's usual names, and the pod's. */
const isKubelets = ({ names }: HostsLine, hostname: string): boolean =>
  names.every(
    (name) =>
      /^(localhost|ip6-.*)$/.test(name) || name.split('.')[0] === hostname.split('.')[0]?.toLowerCase(),
  )

/**
 * The kubelet writes `search NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN` for ClusterFirst
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
 */
function policyOf(
  settings: string | null,
  { search }: ResolvConf,
  { isKubelets, onHostNetwork }: { readonly isKubelets: boolean; readonly onHostNetwork: boolean },
): Pick<Naming, 'dnsPolicy' | 'dnsPolicyWhy'> {
  const unknown = (dnsPolicyWhy: string) => ({ dnsPolicy: null, dnsPolicyWhy })
  if (settings === null) return unknown('/etc/resolv.conf can’t be read')
  if (!isKubelets) return unknown('no kubelet has made this container')
  const [, domain] = search.map((entry) => /^[^.]+\.svc\.(.+)$/.exec(entry)).find(Boolean) ?? []
  const isClusters = domain !== undefined && search.includes(`svc.${domain}`) && search.includes(domain)
  if (!isClusters)
    return unknown(
      `the search list has no namespace of a cluster, so it is Default, which takes the node’s settings, or None, which takes those of dnsConfig${
        onHostNetwork
          ? ', or ClusterFirst, which is as Default on the node’s network: from inside they are alike'
          : ': from inside the two are alike'
      }`,
    )
  return {
    dnsPolicy: onHostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst',
    dnsPolicyWhy: `the search list begins as the kubelet writes it for ${
      onHostNetwork ? 'this policy; /etc/hosts is that of the host’s network' : 'this policy'
    }`,
  }
}

/** What would be asked, and by which rule. */
function explain(
  name: string,
  conf: ResolvConf,
  hosts: readonly HostsLine[],
): Pick<Naming['example'], 'wouldAsk' | 'why'> {
  if (isIP(name) !== 0) return { wouldAsk: [], why: 'it is an address, for which no name server is asked' }
  const fault = nameFault(name)
  if (fault !== undefined) return { wouldAsk: [], why: `this name can’t be asked for: ${fault}` }
  const own = name.toLowerCase().replace(/\.$/, '')
  const found = hosts.filter(({ names }) => names.includes(own)).map(({ address }) => address)
  if (found.length > 0)
    return { wouldAsk: [], why: `/etc/hosts has it, ${found.join(' and ')}: programs look there first` }
  const order = searchOrder(name, conf)
  return { wouldAsk: namesInOrder(order), why: ruleFor(name, conf, order.first !== undefined) }
}

function ruleFor(name: string, { ndots, search }: ResolvConf, isAloneFirst: boolean): string {
  if (name === '' || name.endsWith('.')) return 'it ends with a dot, so that it is asked for as it is'
  if (search.length === 0) return 'there is no search domain, so that it is asked for as it is'
  const dots = countOf(name.split('.').length - 1, 'dot')
  return isAloneFirst
    ? `it has ${dots}, and ndots is ${ndots}: with as many or more it is asked for as it is, and then within each search domain`
    : `it has ${dots}, and ndots is ${ndots}: with fewer it is asked for within each search domain first`
}
