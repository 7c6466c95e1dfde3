/** The statuses that a path asks for: one, or several to draw from by their weights. */

/** A status and how often it is drawn, against the weights of the others. */
interface Weighted {
  readonly status: number
  readonly weight: number
}

/** What may be asked for. Those below are no answers: a client goes on waiting for one. */
const statuses = /^[2-5]\d\d$/

/** Not negative, and no exponent: `0.25`. */
const weights = /^\d{1,9}(?:\.\d{1,9})?$/

/**
 * Draws one of the statuses that a path names.
 * @param codes `503`, `200,503`, or with weights `200:0.9,503:0.1`; without a weight it is 1
 * @returns undefined for what names none
 */
export function drawStatus(codes: string): number | undefined {
  const choices: Weighted[] = []
  for (const choice of codes.split(',')) {
    const [status = '', weight = '1', ...more] = choice.trim().split(':')
    if (more.length > 0 || !statuses.test(status) || !weights.test(weight)) return undefined
    choices.push({ status: Number(status), weight: Number(weight) })
  }
  return drawn(choices)
}

/** @returns undefined where nothing has a weight */
function drawn(choices: readonly Weighted[]): number | undefined {
  const likely = choices.filter(({ weight }) => weight > 0)
  let left = Math.random() * likely.reduce((sum, { weight }) => sum + weight, 0)
  for (const { status, weight } of likely) {
    left -= weight
    if (left < 0) return status
  }
  // Sums of fractions are not exact.
  return likely.at(-1)?.status
}
