/** The node, and what the downward API has told. */
import type { ContainerReport, TokenClaims } from './wire.ts'

/**
 * Never fails: what can't be read is null.
 * @param tokens which claim the node's name
 */
export function readNode(tokens: readonly TokenClaims[] | null): Promise<ContainerReport['node']> {
  const name = tokens?.find(({ node }) => node !== null)?.node ?? null
  return Promise.resolve({ name, address: null, labels: null, facts: [] })
}
