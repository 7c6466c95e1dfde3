/** Thousands of pods in one picture: a few paths, one for each colour and kind of line, and not an element for each pod. */
import type { Pod } from '../../../../../server/features/cluster/wire.ts'
import { podState, type PodShape } from '../pod-state.ts'
import { versionOfPod } from '../version.ts'

/** From one square to the next, and of its edge, in pixels. */
export const pitch = 12
const edge = 9

/** How a path is drawn; its colour is the version's, but a cross's is that of failing. */
export type Stroke = 'full' | 'edge' | 'dashes' | 'line' | 'cross'

export interface SquaresPath {
  readonly key: string
  readonly stroke: Stroke
  readonly colour: string
  readonly isDim: boolean
  readonly d: string
}

/** As ShapeSign has them, with less in them; from the top left corner of the square. */
const signs: Readonly<Record<PodShape, readonly (readonly [Stroke, string])[]>> = {
  ready: [['full', `h${edge}v${edge}h-${edge}z`]],
  running: [
    ['edge', outline()],
    ['full', 'm0 4.5h9v4.5h-9z'],
  ],
  starting: [
    ['edge', outline()],
    ['full', 'm3 3h3v3h-3z'],
  ],
  waiting: [['dashes', outline()]],
  terminating: [
    ['edge', outline()],
    ['line', 'm1 8 7-7'],
  ],
  succeeded: [
    ['edge', outline()],
    ['line', 'm2 4.5 2 2 3-4'],
  ],
  failed: [
    ['edge', outline()],
    ['cross', 'm2 2 5 5m0-5-5 5'],
  ],
}

function outline(): string {
  return 'm.5.5h8v8h-8z'
}

/** Where a square's corner is. @param index of the pod @param columns how many stand in a row */
export const cornerOf = (index: number, columns: number): { readonly x: number; readonly y: number } => ({
  x: (index % columns) * pitch + 1,
  y: Math.floor(index / columns) * pitch + 1,
})

/**
 * @param pods in their order, from the top left
 * @param columns how many stand in a row
 * @param isDim whether a pod isn't lit
 */
export function squaresOf(
  pods: readonly Pod[],
  columns: number,
  isDim: (pod: Pod) => boolean,
): SquaresPath[] {
  const paths = new Map<string, Omit<SquaresPath, 'd'> & { readonly parts: string[] }>()
  for (const [index, pod] of pods.entries()) {
    const { shape } = podState(pod)
    const { colour } = versionOfPod(pod)
    const dim = isDim(pod)
    const { x, y } = cornerOf(index, columns)
    for (const [stroke, sign] of signs[shape]) {
      const key = `${stroke} ${colour} ${String(dim)}`
      let path = paths.get(key)
      if (!path) paths.set(key, (path = { key, stroke, colour, isDim: dim, parts: [] }))
      path.parts.push(`M${x} ${y}${sign}`)
    }
  }
  return [...paths.values()].map(({ parts, ...path }) => ({ ...path, d: parts.join('') }))
}
