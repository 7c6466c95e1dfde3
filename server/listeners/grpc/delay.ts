/** delay.DelayService: answers after some seconds, as podinfo has it, and lets go of calls that nobody waits for any more. */
import { status } from '@grpc/grpc-js'
import { longestSeconds, type Pauses } from '../../http/pauses.ts'
import { int64, message } from './protobuf.ts'
import { StatusError, unary, type Service } from './service.ts'

const DelayRequest = message('DelayRequest', { seconds: int64(1) })
const Response = message('Response', { message: int64(1) })

export const delay = (pauses: Pauses): Service => ({
  file: 'delay/delay.proto',
  package: 'delay',
  name: 'DelayService',
  methods: {
    Delay: unary(DelayRequest, Response, async ({ seconds }, call) => {
      if (seconds < 0n || seconds > longestSeconds)
        throw new StatusError(
          status.INVALID_ARGUMENT,
          `seconds must be 0 to ${longestSeconds}, not ${seconds}`,
        )
      const gone = new AbortController()
      call.once('cancelled', () => {
        gone.abort()
      })
      if (await pauses.wait(Number(seconds), gone.signal)) return { message: seconds }
      throw new StatusError(status.UNAVAILABLE, 'this server is shutting down')
    }),
  },
})
