/** Shows where a pod goes that changes its place: its mark comes from where it was. */
import type { Move } from './moves.ts'

const durationMs = 700

/** A mark as it was before the page changed. */
interface Place {
  readonly mark: Element
  readonly box: DOMRect
}

/** By uid. */
export type Places = ReadonlyMap<string, Place>

const marksOf = (uid: string): Element[] => [...document.querySelectorAll(`[data-uid="${CSS.escape(uid)}"]`)]

/** Where the marks are of what moved last. @param moves oldest first */
export function placesOf(moves: readonly Move[]): Places {
  const places = new Map<string, Place>()
  const latest = moves.at(-1)?.time
  for (const { uid, time } of moves) {
    const mark = time === latest ? marksOf(uid)[0] : undefined
    if (mark) places.set(uid, { mark, box: mark.getBoundingClientRect() })
  }
  return places
}

/** Has the marks come from there to where they are now. What they were is still there, on its way out. */
export function fromPlaces(places: Places): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  for (const [uid, { mark, box }] of places) {
    const moved = marksOf(uid).find((one) => one !== mark)
    if (!moved) continue
    const { x, y } = moved.getBoundingClientRect()
    const way = `translate(${String(box.x - x)}px, ${String(box.y - y)}px)`
    moved.animate([{ transform: way }, { transform: 'none' }], {
      duration: durationMs,
      easing: 'ease-in-out',
    })
  }
}
