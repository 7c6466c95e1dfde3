/** Numbers as Kubernetes writes them. */

const suffixes = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/**
 * A number in Kubernetes' canonical form: without a fraction, by the largest suffix that allows that (12.5 is 12500m, and 3000 is 3k).
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 * @param value not below 0; what is finer than a thousandth is rounded
 */
export function quantity(value: number): string {
  let count = Math.round(value * 1000)
  let step = count === 0 ? 1 : 0
  while (count !== 0 && count % 1000 === 0 && step < suffixes.length - 1) {
    count /= 1000
    step += 1
  }
  return `${count}${suffixes[step]}`
}
