/** status.StatusService: answers with the status that it is asked for, as podinfo has it. */
import { status as codes } from '@grpc/grpc-js'
import { message, string } from './protobuf.ts'
import { StatusError, unary, type Service } from './service.ts'

const StatusRequest = message('StatusRequest', { code: string(1) })
const StatusResponse = message('StatusResponse', { status: string(1) })

/** So much of what a client sent is told in an answer, in characters. */
const longestTold = 100

export const status: Service = {
  file: 'status/status.proto',
  package: 'status',
  name: 'StatusService',
  methods: {
    Status: unary(StatusRequest, StatusResponse, ({ code: asked }) => {
      const code = codeNamed(asked)
      if (code === undefined) {
        const told = JSON.stringify(asked.slice(0, longestTold))
        throw new StatusError(
          codes.INVALID_ARGUMENT,
          `no status is named ${told}; there is Ok, NotFound and so on`,
        )
      }
      if (code !== codes.OK) throw new StatusError(code, `${codes[code]}, as asked`)
      return { status: asked }
    }),
  },
}

/** @param name `NotFound` as Go has it, NOT_FOUND as the standard has it, or 5 */
function codeNamed(name: string): codes | undefined {
  const plain = plainName(name)
  return known.find((code) => plainName(codes[code]) === plain || String(code) === name)
}

const known = Object.values(codes).filter((code) => typeof code === 'number')

/** Go writes `Canceled`. */
const plainName = (name: string): string =>
  name.replaceAll('_', '').toLowerCase().replace('cancelled', 'canceled')
