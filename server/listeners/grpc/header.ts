/** header.HeaderService: tells a call's metadata, as podinfo has it. */
import { message, repeated, string } from './protobuf.ts'
import { unary, type Service } from './service.ts'

const HeaderRequest = message('HeaderRequest', {})
const HeaderResponse = message('HeaderResponse', { headers: repeated(string(1)) })

export const header: Service = {
  file: 'headers/headers.proto',
  package: 'header',
  name: 'HeaderService',
  methods: {
    Header: unary(HeaderRequest, HeaderResponse, (_request, { metadata }) => ({
      headers: Object.keys(metadata.getMap())
        .sort()
        .map((name) => `${name}=${metadata.get(name).map(words).join(',')}`),
    })),
  },
}

/** What is binary is told as it was sent. */
const words = (value: string | Buffer): string =>
  typeof value === 'string' ? value : value.toString('base64')
