/** The routes of the Memory page. */
import type { Http } from '../../http/http.ts'
import { HttpError, withStatus } from '../../http/errors.ts'
import { Cleared, OutOfMemory, type Ballast } from '../../host/ballast.ts'
import { nothing, schemasOf, text } from '../../http/schemas.ts'
import type { MemoryGauge } from './gauge.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const errorHandler = withStatus((error) => {
  if (error instanceof OutOfMemory) return 507
  return error instanceof Cleared ? 409 : undefined
})

/** Mounts every route. */
export function memoryRoutes(http: Http, gauge: MemoryGauge, ballast: Ballast): void {
  http.get(
    '/mem/api',
    {
      schema: {
        summary: 'Memory, and what the control group allows',
        response: { 200: schemaOf('MemoryReport') },
      },
    },
    () => gauge.report(),
  )

  http.post(
    '/mem/api/alloc',
    {
      schema: {
        summary: 'Takes memory and keeps it; answers once all of it is resident',
        querystring: schemaOf('Allocation'),
        response: {
          200: nothing(),
          409: text('It was cleared before it was complete.'),
          507: text('There is not so much memory.'),
        },
      },
      errorHandler,
      attachValidation: true,
    },
    (request) => {
      if (request.validationError) throw new HttpError(400, refusalOf(request.query))
      return ballast.allocate(sizeOf(request.query.size))
    },
  )

  http.post(
    '/mem/api/clear',
    {
      schema: {
        summary: 'Gives back all that was taken; allocations under way end with 409',
        response: { 200: nothing() },
      },
    },
    () => ballast.clear(),
  )
}

/** Go's strconv.ParseInt takes 64 bits; this and what is above is no size, nor is what is below its negative. */
const tooLarge = 2n ** 63n

/** Says what is wrong with a size in the words that the original has for it, where it has some. */
function refusalOf({ size }: { readonly size?: unknown }): string {
  if (size === undefined || size === '') return 'size not specified'
  const isNegative = typeof size === 'string' && /^-\d+$/.test(size) && BigInt(size) >= -tooLarge
  return isNegative ? `size is ${size}, but can't be negative` : 'bad size param'
}

/** @returns bytes; above 2^53 the nearest number, which is more than any machine has */
function sizeOf(text: string): number {
  const bytes = BigInt(text.replace('+', ''))
  if (bytes >= tooLarge) throw new HttpError(400, 'bad size param')
  return Number(bytes)
}
