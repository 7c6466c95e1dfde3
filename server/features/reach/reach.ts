/** Reaching for targets: so many at a time, each within its time. */
import { readHosts } from '../../host/hosts.ts'
import type { Span, Tracing } from '../../tracing/tracing.ts'
import { Matrix } from './matrix.ts'
import type { NameLookUp } from './name-look-up.ts'
import { readPlace } from './place.ts'
import { runOnce, type Surroundings } from './run.ts'
import { parseTarget } from './target.ts'
import { runTraced } from './traced.ts'
import type { ReachOrder, ReachReport } from './wire.ts'

/** Runs that are asked for at the same time; each holds a connection or some. */
const maxRuns = 16

/** How long a run may take if its order doesn't say. */
const usualMs = 5000

/** As many runs as may be are under way. */
export class TooManyRuns extends Error {
  override name = 'TooManyRuns'
}

/** What Reach is given. */
export interface ReachSettings {
  /** In which the kubelet tells a pod where Services are. */
  readonly env: NodeJS.ProcessEnv
  /** Gives the resolver, which is loaded when it is first asked for. */
  readonly resolver: () => Promise<NameLookUp>
  /** `--reach-metadata`. */
  readonly mayAskMetadata: boolean
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined
}

export class Reach {
  readonly matrix: Matrix
  readonly #surroundings: Surroundings
  readonly #tracing: Tracing | undefined
  readonly #ending = new AbortController()
  #runs = 0

  constructor({ env, resolver, mayAskMetadata, tracing }: ReachSettings) {
    this.#tracing = tracing
    this.#surroundings = { hosts: readHosts, resolver, place: () => readPlace(env), mayAskMetadata }
    this.matrix = new Matrix((target, patience) => runOnce(target, this.#surroundings, patience))
  }

  /**
   * Tries a target.
   * @param client aborts when nobody waits any more
   * @param span of whoever asks, if that is traced
   * @throws BadTarget, and TooManyRuns
   */
  async reach(
    { target, timeoutMs = usualMs }: ReachOrder,
    client: AbortSignal,
    span?: Span,
  ): Promise<ReachReport> {
    const parsed = parseTarget(target)
    if (this.#runs >= maxRuns) throw new TooManyRuns(`${maxRuns} targets are being tried already`)
    this.#runs += 1
    try {
      const patience = { timeoutMs, client: AbortSignal.any([client, this.#ending.signal]) }
      const caller = this.#tracing && span && { tracing: this.#tracing, span }
      return await runTraced(parsed, this.#surroundings, patience, caller)
    } finally {
      this.#runs -= 1
    }
  }

  /** Ends what is under way. */
  end(): void {
    this.#ending.abort()
    this.matrix.end()
  }
}
