/** Whether the network of the cluster enforces network policies: many do not, and nothing in the API tells. */

/**
 * A command that has network policies enforced from when it is given `start` until `stop`; `true`, where the cluster enforces them by
 * itself; empty where they are not.
 */
export const { KUARD_TEST_NETWORK_POLICIES: networkPolicies = '' } = process.env

/** Why a test that needs them has to be left out. */
export const notEnforced =
  networkPolicies === '' && 'KUARD_TEST_NETWORK_POLICIES names no command that has network policies enforced'
