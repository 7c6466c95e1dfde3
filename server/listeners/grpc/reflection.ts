/** grpc.reflection, by which clients such as grpcurl learn what there is to call: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
import { status } from '@grpc/grpc-js'
import { fileDescriptor, symbolsOf } from './descriptor.ts'
import { bytes, int32, message, nested, optional, repeated, string, type Said } from './protobuf.ts'
import { bothStream, fullName, type Service } from './service.ts'

const oneofRequest = 'message_request'
const ServerReflectionRequest = message('ServerReflectionRequest', {
  host: string(1),
  fileByFilename: optional(string(3), oneofRequest),
  fileContainingSymbol: optional(string(4), oneofRequest),
  fileContainingExtension: optional(
    nested(5, message('ExtensionRequest', { containingType: string(1), extensionNumber: int32(2) })),
    oneofRequest,
  ),
  allExtensionNumbersOfType: optional(string(6), oneofRequest),
  listServices: optional(string(7), oneofRequest),
})
type Request = Said<typeof ServerReflectionRequest>

const oneofAnswer = 'message_response'
const FileDescriptorResponse = message('FileDescriptorResponse', { fileDescriptorProto: repeated(bytes(1)) })
const ExtensionNumberResponse = message('ExtensionNumberResponse', {
  baseTypeName: string(1),
  extensionNumber: repeated(int32(2)),
})
const ListServiceResponse = message('ListServiceResponse', {
  service: repeated(nested(1, message('ServiceResponse', { name: string(1) }))),
})
const ErrorResponse = message('ErrorResponse', { errorCode: int32(1), errorMessage: string(2) })
const ServerReflectionResponse = message('ServerReflectionResponse', {
  validHost: string(1),
  originalRequest: nested(2, ServerReflectionRequest),
  fileDescriptorResponse: optional(nested(4, FileDescriptorResponse), oneofAnswer),
  allExtensionNumbersResponse: optional(nested(5, ExtensionNumberResponse), oneofAnswer),
  listServicesResponse: optional(nested(6, ListServiceResponse), oneofAnswer),
  errorResponse: optional(nested(7, ErrorResponse), oneofAnswer),
})
type Answer = Partial<Said<typeof ServerReflectionResponse>>

/** All versions say the same; older clients know but the second. */
const versions = ['v1', 'v1alpha']

/** @returns the given services, and beside them those that tell of all of them */
export function withReflection(services: readonly Service[]): readonly Service[] {
  const all: Service[] = [...services]
  const files = new Files(all)
  const reflections = versions.map((name) => reflection(name, files))
  all.push(...reflections)
  return all
}

const reflection = (version: string, files: Files): Service => ({
  file: `grpc/reflection/${version}/reflection.proto`,
  package: `grpc.reflection.${version}`,
  name: 'ServerReflection',
  isQuiet: true,
  methods: {
    ServerReflectionInfo: bothStream(ServerReflectionRequest, ServerReflectionResponse, (call) => {
      call.on('data', (request: Request) => {
        // Who asks on and takes no answer isn't listened to.
        if (call.write({ originalRequest: request, ...files.answer(request) })) return
        call.pause().once('drain', () => call.resume())
      })
      call.on('end', () => {
        call.end()
      })
    }),
  },
})

/** What reflection is asked about: the services' files, described when they are first asked for. */
class Files {
  readonly #services: readonly Service[]
  readonly #described = new Map<Service, Buffer>()

  /** @param services more may come, until the first question */
  constructor(services: readonly Service[]) {
    this.#services = services
  }

  answer(request: Request): Answer {
    const { fileByFilename, fileContainingSymbol, allExtensionNumbersOfType, listServices } = request
    if (listServices !== undefined)
      return { listServicesResponse: { service: this.#services.map((one) => ({ name: fullName(one) })) } }
    if (fileByFilename !== undefined)
      return this.#file(this.#services.find(({ file }) => file === fileByFilename))
    if (fileContainingSymbol !== undefined) return this.#file(this.#defining(fileContainingSymbol))
    if (allExtensionNumbersOfType !== undefined && this.#defining(allExtensionNumbersOfType))
      return { allExtensionNumbersResponse: { baseTypeName: allExtensionNumbersOfType, extensionNumber: [] } }
    return notFound
  }

  #defining(symbol: string): Service | undefined {
    return this.#services.find(
      (service) =>
        symbol.startsWith(`${service.package}.`) &&
        symbolsOf(service).includes(symbol.slice(service.package.length + 1)),
    )
  }

  #file(service: Service | undefined): Answer {
    if (!service) return notFound
    const described = this.#described.get(service) ?? fileDescriptor(service)
    this.#described.set(service, described)
    return { fileDescriptorResponse: { fileDescriptorProto: [described] } }
  }
}

const notFound: Answer = {
  errorResponse: { errorCode: status.NOT_FOUND, errorMessage: 'nothing here has that name' },
}
