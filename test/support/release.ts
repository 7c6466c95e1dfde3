/** Helm on the cluster that the tests may use. */
import { chartFolder, type Release, type Values } from '../../scripts/chart.ts'
import { goProgram } from '../../scripts/go-programs.ts'
import { kubectl, tryKubectl, type Namespace } from './cluster.ts'
import { command, type Outcome } from './command.ts'
import { eventually } from './eventually.ts'

/** How long an install or an upgrade may take until all is ready. */
const wait = ['--wait', '--timeout=120s']

/** A release of the chart in the namespace of a test. */
export class ChartRelease {
  readonly name: string
  readonly #namespace: Namespace

  constructor(namespace: Namespace, name: string) {
    this.#namespace = namespace
    this.name = name
  }

  /** Runs a Helm, whatever its exit code. @param input values, for `--values=-` */
  try(args: readonly string[], helm: Release['helm'] = 'helm', input?: Values): Promise<Outcome> {
    const place = [`--kube-context=${process.env.KUARD_TEST_CONTEXT}`, `--namespace=${this.#namespace.name}`]
    return command(goProgram(helm), [...args, ...place], { input: JSON.stringify(input), limitMs: 180_000 })
  }

  /** Runs a Helm that has to succeed: what it prints. */
  async helm(args: readonly string[], helm?: Release['helm'], input?: Values): Promise<string> {
    const { code, output, errors } = await this.try(args, helm, input)
    if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}:\n${errors}${output}`)
    return output
  }

  /** Installs it until all is ready: what Helm says then. */
  install(values: Values, helm?: Release['helm']): Promise<string> {
    return this.helm(['install', this.name, chartFolder, '--values=-', ...wait], helm, values)
  }

  /** Goes on to other values, until all is ready. */
  upgrade(values: Values, helm?: Release['helm']): Promise<string> {
    return this.helm(['upgrade', this.name, chartFolder, '--values=-', ...wait], helm, values)
  }

  rollback(revision: number, helm?: Release['helm']): Promise<string> {
    return this.helm(['rollback', this.name, String(revision), ...wait], helm)
  }

  /** Runs the tests of the chart: what Helm says of them. */
  test(helm?: Release['helm']): Promise<string> {
    return this.helm(['test', this.name, '--timeout=60s'], helm)
  }

  uninstall(helm?: Release['helm']): Promise<string> {
    return this.helm(['uninstall', this.name, ...wait], helm)
  }
}

/** What every namespace holds, and what is told of what was there. */
const always =
  /^(serviceaccount\/default|configmap\/kube-root-ca\.crt|event\S*\/.*|endpoint\S*\/.*|podmetrics\S*\/.*)$/

/** Waits until nothing of a release is in its namespace any more; what ends takes its time. */
export async function nothingLeftIn({ name }: Namespace): Promise<void> {
  const listed = await kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name'])
  const kinds = listed.split('\n').join(',')
  const place = [`--namespace=${name}`, '--ignore-not-found', '--output=name']
  let left: string[] = []
  try {
    await eventually(`nothing to be in ${name}`, async () => {
      // A server of some group that is away, as that of metrics may be, keeps nobody from the others.
      const { output } = await tryKubectl(['get', kinds, ...place])
      left = output.split('\n').filter((id) => id !== '' && !always.test(id))
      return left.length === 0
    })
  } catch (error) {
    throw new Error(`left in ${name}: ${left.join(', ')}`, { cause: error })
  }
}
