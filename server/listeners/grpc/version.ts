/** version.VersionService and info.InfoService: who answers, as podinfo has them, as far as it is true of this program. */
import { availableParallelism } from 'node:os'
import type { Answerer } from '../../http/shared-headers.ts'
import { message, string } from './protobuf.ts'
import { unary, type Service } from './service.ts'

const VersionRequest = message('VersionRequest', {})
const VersionResponse = message('VersionResponse', { version: string(1), commit: string(2) })

const InfoRequest = message('InfoRequest', {})
const InfoResponse = message('InfoResponse', {
  hostname: string(1),
  version: string(2),
  revision: string(3),
  color: string(4),
  logo: string(5),
  message: string(6),
  goos: string(7),
  goarch: string(8),
  runtime: string(9),
  numgoroutine: string(10),
  numcpu: string(11),
})

/** As Go calls them, where it has names of its own. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

export const version = ({ version: name }: Answerer): Service => ({
  file: 'version/version.proto',
  package: 'version',
  name: 'VersionService',
  methods: { Version: unary(VersionRequest, VersionResponse, () => ({ version: name })) },
})

export const info = ({ pod, version: name }: Answerer): Service => ({
  file: 'info/info.proto',
  package: 'info',
  name: 'InfoService',
  methods: {
    Info: unary(InfoRequest, InfoResponse, () => ({
      hostname: pod,
      version: name,
      color: name.slice(name.lastIndexOf('-') + 1),
      goos: process.platform,
      goarch: architectures[process.arch] ?? process.arch,
      runtime: process.version,
      numcpu: String(availableParallelism()),
    })),
  },
})
