/** The routes of the Memory page. */
import * as Type from 'typebox'
import type { Http } from '../../http/http.ts'
import { HttpError, withStatus } from '../../http/errors.ts'
import { Cleared, OutOfMemory, type Ballast } from './ballast.ts'
import type { MemoryGauge } from './gauge.ts'
import { Allocation, MemoryReport } from './wire.ts'

const errorHandler = withStatus((error) => {
  if (error instanceof OutOfMemory) return 507
  return error instanceof Cleared ? 409 : undefined
})

/** Mounts every route. */
export function memoryRoutes(http: Http, gauge: MemoryGauge, ballast: Ballast): void {
  http.get(
    '/mem/api',
    { schema: { summary: 'Memory, and what the control group allows', response: { 200: MemoryReport } } },
    () => gauge.report(),
  )

  http.post(
    '/mem/api/alloc',
    {
      schema: {
        summary: 'Takes memory and keeps it; answers once all of it is resident',
        querystring: Allocation,
        response: {
          200: Type.Null(),
          409: Type.String({ description: 'It was cleared before it was complete.' }),
          507: Type.String({ description: 'There is not so much memory.' }),
        },
      },
      errorHandler,
    },
    (request) => ballast.allocate(sizeOf(request.query.size)),
  )

  http.post(
    '/mem/api/clear',
    {
      schema: {
        summary: 'Gives back all that was taken; allocations under way end with 409',
        response: { 200: Type.Null() },
      },
    },
    () => ballast.clear(),
  )
}

const largest = 2n ** 63n

/**
 * Reads a size as Go's strconv.ParseInt does in base 10 with 64 bits.
 * @returns bytes; above 2^53 the nearest number, which is more than any machine has
 */
function sizeOf(text = ''): number {
  if (text === '') throw new HttpError(400, 'size not specified')
  if (!/^[+-]?\d+$/.test(text)) throw new HttpError(400, 'bad size param')
  const bytes = BigInt(text)
  if (bytes < -largest || bytes >= largest) throw new HttpError(400, 'bad size param')
  if (bytes < 0n) throw new HttpError(400, `size is ${text}, but can't be negative`)
  return Number(bytes)
}
