/** Durations as Go writes them, which Kubernetes keeps in its texts. */

/** In milliseconds. */
const units: Readonly<Record<string, number>> = {
  ...{ h: 3_600_000, m: 60_000, s: 1_000, ms: 1 },
  ...{ us: 1e-3, µs: 1e-3, ns: 1e-6 },
}

const part = /(\d+(?:\.\d*)?|\.\d+)([mµun]?s|[hm])/

/**
 * @param text such as `1h30m`, `1.5h` or `500ms`: https://pkg.go.dev/time#ParseDuration
 * @returns milliseconds; undefined for what is no such duration, and for one below zero
 */
export function goDuration(text: string): number | undefined {
  if (!new RegExp(`^(?:${part.source})+$`).test(text)) return undefined
  const parts = text.matchAll(new RegExp(part, 'g'))
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0)
}
