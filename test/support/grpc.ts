/** A gRPC client that knows nothing of a server but what its reflection tells, read by the libraries that everybody uses. */
import {
  Client,
  credentials,
  type CallOptions,
  type ClientDuplexStream,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import {
  fromJSON,
  loadFileDescriptorSetFromBuffer,
  type MethodDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader'
import { bytes, encode, message, repeated } from '../../server/listeners/grpc/protobuf.ts'
import type { Lifetime } from './at-end.ts'
import { atEnd } from './at-end.ts'

/** As the messages of grpc.reflection, in what they have in common with what is asked here. */
export interface ReflectionAnswer {
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] } | null
  readonly allExtensionNumbersResponse?: { readonly baseTypeName: string } | null
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] } | null
  readonly errorResponse?: { readonly errorCode: number; readonly errorMessage: string } | null
}

/** One call that was answered by a message. */
export interface RpcAnswer {
  readonly message: Readonly<Record<string, unknown>>
  readonly metadata: Metadata
}

const field = (id: number, type: string) => ({ type, id, comment: null })
const text = (id: number) => field(id, 'string')
const oneofs = ['fileByFilename', 'fileContainingSymbol', 'allExtensionNumbersOfType', 'listServices']
const many = (id: number, type: string) => ({ ...field(id, type), rule: 'repeated' })

/** https://github.com/grpc/grpc-proto/blob/master/grpc/reflection/v1/reflection.proto */
const reflectionTypes = {
  ServerReflection: {
    methods: {
      ServerReflectionInfo: {
        requestType: 'ServerReflectionRequest',
        requestStream: true,
        responseType: 'ServerReflectionResponse',
        responseStream: true,
        comment: '',
        parsedOptions: [],
      },
    },
  },
  ServerReflectionRequest: {
    oneofs: { messageRequest: { oneof: oneofs } },
    fields: Object.fromEntries([3, 4, 6, 7].map((id, index) => [oneofs[index] ?? '', text(id)])),
  },
  ServerReflectionResponse: {
    fields: {
      fileDescriptorResponse: field(4, 'FileDescriptorResponse'),
      allExtensionNumbersResponse: field(5, 'ExtensionNumberResponse'),
      listServicesResponse: field(6, 'ListServiceResponse'),
      errorResponse: field(7, 'ErrorResponse'),
    },
  },
  FileDescriptorResponse: { fields: { fileDescriptorProto: many(1, 'bytes') } },
  ExtensionNumberResponse: { fields: { baseTypeName: text(1), extensionNumber: many(2, 'int32') } },
  ListServiceResponse: { fields: { service: many(1, 'ServiceResponse') } },
  ServiceResponse: { fields: { name: text(1) } },
  ErrorResponse: { fields: { errorCode: field(1, 'int32'), errorMessage: text(2) } },
}

/** Asks one server. */
export class ReflectingClient {
  readonly #client: Client
  readonly #services = new Map<string, Promise<ServiceDefinition>>()

  /** @param context closes the client with the test */
  constructor(context: Lifetime, port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    atEnd(context, () => {
      this.#client.close()
    })
  }

  /** Opens a stream of questions. */
  reflection(version = 'v1'): ClientDuplexStream<Record<string, unknown>, ReflectionAnswer> {
    const types = fromJSON({
      nested: { grpc: { nested: { reflection: { nested: { [version]: { nested: reflectionTypes } } } } } },
    })
    const service = types[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition
    const { path, requestSerialize, responseDeserialize } = service.ServerReflectionInfo as MethodDefinition<
      Record<string, unknown>,
      ReflectionAnswer
    >
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
  }

  /** Asks reflection one thing. */
  ask(question: Record<string, unknown>, version = 'v1'): Promise<ReflectionAnswer> {
    const stream = this.reflection(version)
    return new Promise((resolve, reject) => {
      stream.on('data', resolve)
      stream.on('error', reject)
      stream.end(question)
    })
  }

  /** The names of the server's services. */
  async list(version?: string): Promise<readonly string[]> {
    const { listServicesResponse } = await this.ask({ listServices: '*' }, version)
    return (listServicesResponse?.service ?? []).map(({ name }) => name)
  }

  /** A service as reflection describes it. */
  describe(service: string, version?: string): Promise<ServiceDefinition> {
    const known = this.#services.get(service) ?? this.#describe(service, version)
    this.#services.set(service, known)
    return known
  }

  async #describe(service: string, version?: string): Promise<ServiceDefinition> {
    const { fileDescriptorResponse } = await this.ask({ fileContainingSymbol: service }, version)
    const file = fileDescriptorResponse?.fileDescriptorProto ?? []
    const set = encode(message('FileDescriptorSet', { file: repeated(bytes(1)) }), { file })
    return loadFileDescriptorSetFromBuffer(set, { longs: String, enums: String, defaults: true })[
      service
    ] as ServiceDefinition
  }

  /**
   * Makes a call.
   * @param method `echo.EchoService/Echo`
   * @throws ServiceError with the status in place of an answer
   */
  async call(
    method: string,
    request: Readonly<Record<string, unknown>>,
    { metadata, signal, ...options }: CallOptions & { metadata?: Metadata; signal?: AbortSignal } = {},
  ): Promise<RpcAnswer> {
    const [service = '', name = ''] = method.split('/')
    const { path, requestSerialize, responseDeserialize } = (await this.describe(service))[
      name
    ] as MethodDefinition<object, Readonly<Record<string, unknown>>>
    return new Promise((resolve, reject) => {
      let initial: Metadata
      const done = (error: ServiceError | null, answer?: Readonly<Record<string, unknown>>) => {
        if (answer) resolve({ message: answer, metadata: initial })
        else reject(error ?? new Error('no answer'))
      }
      const sent = metadata ?? new Metadata()
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        sent,
        options,
        done,
      )
      call.on('metadata', (received: Metadata) => (initial = received))
      signal?.addEventListener('abort', () => {
        call.cancel()
      })
    })
  }
}
