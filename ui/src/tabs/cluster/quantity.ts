/** Kubernetes' quantities, such as 500m, 64Mi or 2e3: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
import { formatBytes, formatNumber } from '../../lib/format.ts'
import { formatThousandths } from '../../parts/plot.ts'

const written = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/

/** Powers of ten, and of 1,024. */
const decimal: Readonly<Record<string, number>> = {
  ...{ n: -9, u: -6, m: -3 },
  ...{ k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 },
}
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The number that a quantity stands for: of CPU, cores; of memory and storage, bytes. @returns undefined for what is no quantity */
export function quantityOf(text: string): number | undefined {
  const [, number = '', binarySuffix, decimalSuffix, exponent] = written.exec(text) ?? []
  if (number === '') return undefined
  if (binarySuffix !== undefined) return Number(number) * 1024 ** (binary.indexOf(binarySuffix) + 1)
  // As one literal, it is rounded once: 100m is the very number 0.1.
  const power = exponent ?? String(decimal[decimalSuffix ?? ''] ?? 0)
  return Number(`${number}e${power}`)
}

/** Of which kind a resource's quantities are, by its name in requests, limits and quotas: `cpu`, `limits.memory`, `count/pods`. */
export function kindOf(resource: string): 'cpu' | 'bytes' | 'count' {
  const name = resource.replace(/^(requests|limits)\./, '')
  if (name === 'cpu') return 'cpu'
  const isBytes = /(^|\.)(memory|storage|ephemeral-storage)$|^hugepages-/.test(name)
  return isBytes ? 'bytes' : 'count'
}

/** Cores as Kubernetes writes them: `250m` is a quarter of one. */
export const formatCores = (cores: number): string => formatThousandths(cores * 1000)

/** A number of a resource as people read it, to three figures. @param resource as in `kindOf` */
export function formatQuantity(value: number, resource: string): string {
  const kind = kindOf(resource)
  if (kind === 'bytes') return formatBytes(value)
  if (kind === 'cpu') return formatCores(value)
  return formatNumber(value, Number.isInteger(value) ? 0 : 3)
}
