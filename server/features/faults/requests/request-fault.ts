/** Makes a fault that touches requests, of an order. */
import { BadOrder, type FaultAction } from '../action.ts'
import type { RequestFault, Touching } from './touch.ts'

/** What the orders of all these faults have in common. */
interface TouchingOrder extends Partial<Touching> {
  readonly seconds?: number
}

/**
 * The fault that an order describes.
 * @param order what is its kind's own, with its defaults
 * @param words what it does, given the words for which requests it does it to: `delays ${requests} by 200 ms`
 * @param touch as RequestFault has it
 * @param end lets go of the requests that it still holds, if it holds any
 * @throws BadOrder when no path begins so
 */
export function requestFault(
  { share = 1, path = '/', probes = false, seconds = 0 }: TouchingOrder,
  order: Readonly<Record<string, unknown>>,
  words: (requests: string) => string,
  touch: RequestFault['touch'],
  end: () => void = () => undefined,
): FaultAction {
  if (!path.startsWith('/')) throw new BadOrder(`path has to begin with a slash: ${JSON.stringify(path)}`)
  const touching = { share, path, probes }
  return {
    words: words(inWords(touching)),
    order: { ...order, ...touching, seconds },
    seconds,
    requests: { ...touching, touch },
    end,
  }
}

/** Which requests, such as `30 % of requests whose path begins with /memq`. */
function inWords({ share, path, probes }: Touching): string {
  const all = share === 1 ? 'all requests' : `${percent(share)} % of requests`
  return `${all}${path === '/' ? '' : ` whose path begins with ${path}`}${probes ? ', probes too,' : ''}`
}

/** To two digits behind the point, without zeros at the end. */
const percent = (share: number): number => Math.round(share * 1e4) / 100
