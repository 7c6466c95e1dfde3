/** How to have a chain, as commands. */
import type { Identity } from '../../../../server/identity/wire.ts'
import { manifestPath } from '../../lib/api.ts'
import { kubectl } from '../../lib/kubectl.ts'
import { root } from '../../lib/root.ts'
import { shellWord } from '../../lib/shell.ts'

/** Two Deployments, of which one asks the other. @param image of a kuard */
export const byCommand = (identity: Identity | undefined, image: string): string[] =>
  [
    `create deployment backend --image=${shellWord(image)} --port=8080`,
    'expose deployment backend',
    `create deployment frontend --image=${shellWord(image)} -- /kuard --upstream=http://backend:8080`,
  ].map((words) => kubectl(identity, words))

/** Three of them, from this very server. */
export const byManifest = (identity: Identity | undefined): string =>
  kubectl(identity, `apply -f ${shellWord(new URL(manifestPath('07-services/chain.yaml', ''), root).href)}`)
