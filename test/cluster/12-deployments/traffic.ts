/** Clients inside the cluster that ask the Service kuard from before a rollout until after it. */
import { TrafficStatus } from '../../../server/features/traffic/wire.ts'
import { manifestText, type Forward, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

/** How many requests in a row have to be of a version for it to be the only one that answers. */
const inARow = 20

/** Where tests run beside one another an answer may take its time, which is no failure. */
const patience = '--traffic-timeout-ms=30000'

/** A kuard that sends, and tells what became of it. */
export class Traffic {
  readonly #forward: Forward

  private constructor(forward: Forward) {
    this.#forward = forward
  }

  /**
   * Starts steady-traffic, as it ships but for its name, and waits for the first answer.
   * @param flags more of them, such as `--traffic-connections=kept`; of one that is there already the last holds
   */
  static async start(
    namespace: Namespace,
    name = 'steady-traffic',
    flags: readonly string[] = [],
  ): Promise<Traffic> {
    const text = manifestText('12-deployments/steady-traffic.yaml')
    const last = '--traffic-timeout-ms=10000\n'
    const all = [patience, ...flags].map((flag) => `        - ${flag}\n`).join('')
    await namespace.applyText(text.replaceAll('steady-traffic', name).replace(last, last + all))
    await namespace.wait(`pod/${name}`, 'condition=Ready')
    const traffic = new Traffic(await namespace.forward(`pod/${name}`))
    await eventually('a first answer', async () => (await traffic.status()).progress.answered > 0)
    return traffic
  }

  /** What it tells at this moment. */
  async status(): Promise<TrafficStatus> {
    return (await this.#forward.get('/traffic')).json(TrafficStatus)
  }

  /** How many requests have failed. */
  async failed(): Promise<number> {
    return (await this.status()).progress.failed
  }

  /** The requests that failed, a line for those that are told in the same words. */
  async failures(): Promise<string[]> {
    const { failures } = await this.status()
    return failures.map(({ count, words, from }) => `${count} × ${words} ${from}`)
  }

  /** Waits for so many more requests to end, 400 at most. @returns which versions answered them, each once, sorted */
  async next(count: number): Promise<string[]> {
    const ended = ({ progress: { answered, failed } }: TrafficStatus) => answered + failed
    const from = ended(await this.status())
    const status = await eventually(
      `${count} more requests`,
      async () => {
        const now = await this.status()
        return ended(now) >= from + count && now
      },
      60_000,
    )
    return [...new Set(lastVersions(status, count))].filter((version) => version !== '').sort()
  }

  /** Waits until nothing but this version has answered for 20 requests. @param colour as `blue` */
  async only(colour: string): Promise<void> {
    await eventually(
      `only ${colour} to answer`,
      async () => {
        const last = lastVersions(await this.status(), inARow)
        return last.length === inARow && last.every((version) => version === `1.0.0-${colour}`)
      },
      60_000,
    )
  }
}

/** By which version the last requests were answered below 400, newest last; an empty text for each that failed. */
function lastVersions({ last: { versions, marks } }: TrafficStatus, count: number): string[] {
  return Array.from(marks.slice(-count), (mark) => versions[mark.charCodeAt(0) - 97] ?? '')
}
