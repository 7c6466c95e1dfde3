/** A real Prometheus on this machine. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './free-port.ts'

/** Where servers are found, and how they are asked, as https://prometheus.io/docs/prometheus/latest/configuration/configuration has it. */
export interface ScrapeConfig {
  readonly job_name: string
  readonly static_configs: readonly {
    readonly targets: readonly string[]
    /** As a cluster would give them. */
    readonly labels: Readonly<Record<string, string>>
  }[]
}

/** What the API answers a query with: series, their labels and their newest value. */
export interface Result {
  readonly metric: Readonly<Record<string, string>>
  /** Text; undefined for a native histogram. */
  readonly value?: readonly [time: number, value: string]
}

/** A running Prometheus; ended with its test. */
export class Prometheus {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Asks its API; throws what it says of a query that it can't answer. */
  async ask<Data>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Data> {
    const answer = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`)
    // As Prometheus' documentation has it.
    const { data, error } = (await answer.json()) as { data: Data; error?: string }
    if (error !== undefined) throw new Error(`${error}: ${parameters.query ?? path}`)
    return data
  }

  /** The series that an expression comes to now. */
  async query(query: string): Promise<readonly Result[]> {
    return (await this.ask<{ result: readonly Result[] }>('query', { query })).result
  }
}

/** Starts one that scrapes each second, with native histograms and exemplars. @param rules files of rules */
export async function startPrometheus(
  context: Lifetime,
  scraped: readonly ScrapeConfig[],
  rules: readonly string[],
): Promise<Prometheus> {
  const folder = temporaryFolder(context)
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: scraped,
  }
  // JSON is YAML too.
  writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--enable-feature=native-histograms,exemplar-storage',
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = once(child, 'exit')
  atEnd(context, () => {
    child.kill()
    return ended
  })
  await eventually('Prometheus to be ready', () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return new Prometheus(`http://${address}`)
}
