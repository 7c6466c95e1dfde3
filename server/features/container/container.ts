/** What surrounds this process: the parts put together. */
import { readMounts } from '../../host/mount-table.ts'
import { OwnNames } from '../../host/own-names.ts'
import { SharedReading } from '../../host/shared-reading.ts'
import { readAllowance } from './allowance.ts'
import { readIdentity } from './identity.ts'
import { knownValues } from './known-values.ts'
import { podMounts } from './mount-kind.ts'
import { tellMounts } from './mounts.ts'
import { explainNaming } from './naming.ts'
import { readNode } from './node.ts'
import { readSharing } from './sharing.ts'
import { readTokens } from './tokens.ts'
import { UsageGauge } from './usage.ts'
import { volumeFiles } from './volume-files.ts'
import type { ContainerReport } from './wire.ts'

/** What the process knows before anything is read. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  /** Of this host; in a pod, the pod's name. */
  readonly hostname: string
}

/** What is the same for all who ask. */
interface Common extends Omit<ContainerReport, 'naming'> {
  readonly isKubelets: boolean
}

/** Reads everything anew whenever it is asked, once for all who ask meanwhile. */
export class Container {
  readonly usage = new UsageGauge()
  readonly #surroundings: Surroundings
  readonly #common = new SharedReading(() => this.#readCommon())

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** @param name whose look-up is explained */
  async report(name: string): Promise<ContainerReport> {
    const { isKubelets, ...common } = await this.#common.now()
    return { ...common, naming: await explainNaming(name, { ...this.#surroundings, isKubelets }) }
  }

  async #readCommon(): Promise<Common> {
    const lines = await readMounts()
    const pod = lines && podMounts(lines)
    const isKubelets = pod !== null && pod.uid !== null
    const [mounts, allowance, usage, sharing] = await Promise.all([
      pod && tellMounts(pod),
      readAllowance(isKubelets),
      this.usage.read(),
      readSharing(),
    ])
    const { env, hostname } = this.#surroundings
    const paths = lines && (await volumeFiles(lines))
    const { inPod } = new OwnNames(hostname, env)
    const [identity, tokens] = await Promise.all([
      readIdentity({ mounts, mountTable: lines, inPod }),
      readTokens(paths),
    ])
    const known = knownValues({ hostname, tokens, uid: pod?.uid ?? undefined, identity, allowance })
    const node = await readNode({ env, paths, tokens, known })
    return { identity, allowance, usage, mounts, sharing, tokens, node, isKubelets }
  }
}
