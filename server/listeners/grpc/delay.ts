/** delay.DelayService: answers after some seconds, as podinfo has it, and lets go of calls that nobody waits for any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { int64, message } from './protobuf.ts'
import { StatusError, unary, type Service } from './service.ts'

const DelayRequest = message('DelayRequest', { seconds: int64(1) })
const Response = message('Response', { message: int64(1) })

/** In seconds. */
const longest = 600n

export const delay: Service = {
  file: 'delay/delay.proto',
  package: 'delay',
  name: 'DelayService',
  methods: {
    Delay: unary(DelayRequest, Response, async ({ seconds }, call) => {
      if (seconds < 0n || seconds > longest)
        throw new StatusError(status.INVALID_ARGUMENT, `seconds must be 0 to ${longest}, not ${seconds}`)
      const gone = new AbortController()
      call.once('cancelled', () => {
        gone.abort()
      })
      await sleep(Number(seconds) * 1_000, undefined, gone)
      return { message: seconds }
    }),
  },
}
