/** Clients inside the cluster that ask the Service kuard from before a rollout until after it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestText, type Namespace, type RunningKubectl } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

/** A pod that asks, and prints a line for each request. */
export class Traffic {
  readonly #log: RunningKubectl

  private constructor(log: RunningKubectl) {
    this.#log = log
  }

  /** Starts steady-traffic, as it ships but for its name, and waits for the first answer. */
  static async start(namespace: Namespace, name = 'steady-traffic'): Promise<Traffic> {
    const text = manifestText('12-deployments/steady-traffic.yaml')
    await namespace.applyText(text.replaceAll('steady-traffic', name))
    return Traffic.#follow(namespace, name)
  }

  /** Starts a client that keeps its connection, and waits for the first answer. */
  static async startKeepAlive(namespace: Namespace): Promise<Traffic> {
    const script = readFileSync(join(import.meta.dirname, 'keep-alive-client.ts'), 'utf8')
    const command = ['node', '--input-type=module-typescript', '--eval', script]
    const text = manifestText('12-deployments/steady-traffic.yaml')
    await namespace.applyText(
      text
        .replaceAll('steady-traffic', 'keep-alive')
        .replace(/- command:\n.*?(?= {6}image:)/s, () => `- command: ${JSON.stringify(command)}\n`),
    )
    return Traffic.#follow(namespace, 'keep-alive')
  }

  static async #follow(namespace: Namespace, name: string): Promise<Traffic> {
    await namespace.wait(`pod/${name}`, 'condition=Ready')
    const log = namespace.start('logs', '--follow', name)
    await log.printed(/ from kuard-/)
    return new Traffic(log)
  }

  /** How many requests have come to an end. */
  get asked(): number {
    return this.#log.lines.length
  }

  /** The requests that failed, as it printed them. */
  get failures(): string[] {
    return this.#log.lines.filter((line) => !line.includes(' from '))
  }

  /** Waits for so many more requests. @returns which versions answered them, each once, sorted */
  async next(count: number): Promise<string[]> {
    const from = this.asked
    await eventually(`${count} more answers`, () => this.asked >= from + count, 60_000)
    return this.#versions(this.#log.lines.slice(from))
  }

  /** Waits until nothing but this version has answered for 20 requests. @param colour as `blue` */
  async only(colour: string): Promise<void> {
    const expected = `1.0.0-${colour}`
    await eventually(
      `only ${expected} to answer`,
      () => {
        const last = this.#log.lines.slice(-20)
        return last.length === 20 && last.every((line) => line.includes(` ${expected} from `))
      },
      60_000,
    )
  }

  #versions(lines: readonly string[]): string[] {
    return [...new Set(lines.flatMap((line) => /(\S+) from /.exec(line)?.[1] ?? []))].sort()
  }
}
