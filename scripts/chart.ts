/** The chart, and the objects that Helm makes of it. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { goProgram, type GoProgram } from './go-programs.ts'

export const chartFolder = join(import.meta.dirname, '../charts/kuard')

/** Said each time: a Helm 3 that is built without its release's flags takes itself for one of Kubernetes 1.20. */
export const kubeVersion = '--kube-version=1.34.0'

/** An object of Kubernetes, as far as it matters which one it is. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

/** Values as in values.yaml. */
export type Values = Readonly<Record<string, unknown>>

/** How a release is named, where, and by which Helm. */
export interface Release {
  readonly name?: string
  readonly namespace?: string
  readonly helm?: Extract<GoProgram, 'helm' | 'helm3'>
  /** Other arguments, such as `--skip-tests`. */
  readonly args?: readonly string[]
}

/**
 * What Helm would install, without a cluster.
 * @throws Error with what Helm says against the values
 */
export function render(
  values: Values,
  { name = 'kuard', namespace = 'default', helm = 'helm', args = [] }: Release = {},
): KubernetesObject[] {
  const command = [
    'template',
    name,
    chartFolder,
    `--namespace=${namespace}`,
    '--values=-',
    kubeVersion,
    ...args,
  ]
  const text = execFileSync(goProgram(helm), command, {
    input: JSON.stringify(values),
    encoding: 'utf8',
    stdio: 'pipe',
  })
  return objectsIn(text)
}

/** The objects in a text of YAML, which comes from Helm or kubectl, and they make nothing else. */
export const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
