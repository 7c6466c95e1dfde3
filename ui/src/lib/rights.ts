/** What brings the rights that a view lacks: manifests that this server hands out, and the rules in them. */
import type { Access, Resource } from '../../../server/features/cluster/wire.ts'
import { applyCommand } from '../../../server/features/manifests/commands.ts'
import { root } from './root.ts'
import { shellWord } from './shell.ts'

/** A kind as it stands with this pod. */
export interface Kind extends Access {
  readonly resource: Resource
}

/** The file for what is in a namespace, and the one for what is in none. */
export const fileFor = (namespaced: boolean): string =>
  namespaced ? 'cluster-view.yaml' : 'cluster-view-nodes.yaml'

/**
 * A command that lets an account read what the Cluster tab shows.
 * @param namespaced which of the files
 * @param account other than `default`, it gets a role of its own, beside that of the file
 */
export function grantCommand(namespaced: boolean, namespace: string, account: string): string {
  const address = new URL(`manifests/${fileFor(namespaced)}?namespace=${namespace}`, root).href
  const word = shellWord(address)
  const isDefault = account === 'default'
  if (isDefault && root.protocol !== 'https:') return applyCommand([word])
  // kubectl trusts no certificate that kuard made, and has no option for that.
  const trust = root.protocol === 'https:' ? '-k ' : ''
  const edit = `sed 's/kuard-cluster-view/&-${account}/; s/ name: default$/ name: ${account}/'`
  return [`curl ${trust}-fsS ${word}`, ...(isDefault ? [] : [edit]), applyCommand(['-'])].join(' | ')
}

/** The rule of a Role, in YAML. */
export const ruleFor = ({ apiGroup, resource }: Kind): string =>
  `- apiGroups: ['${apiGroup}']\n  resources: [${resource}]\n  verbs: [get, list, watch]`

/** The account that a refusal names; `default` where it names none. */
export const accountIn = (refusals: readonly Kind[]): string =>
  refusals
    .map(({ message = '' }) => /"system:serviceaccount:[^:"]+:([a-z0-9.-]+)"/.exec(message)?.[1])
    .find((account) => account !== undefined) ?? 'default'
