/** A service's .proto file as reflection tells it: https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto */
import {
  bool,
  encode,
  int32,
  kinds,
  message,
  nested,
  optional,
  repeated,
  string,
  type Enum,
  type Field,
  type Message,
  type Said,
} from './protobuf.ts'
import type { Method, Service } from './service.ts'

const FieldDescriptor = message('FieldDescriptorProto', {
  name: string(1),
  number: int32(3),
  label: int32(4),
  type: int32(5),
  typeName: string(6),
  oneofIndex: optional(int32(9)),
})
const EnumDescriptor = message('EnumDescriptorProto', {
  name: string(1),
  value: repeated(
    nested(2, message('EnumValueDescriptorProto', { name: string(1), number: optional(int32(2)) })),
  ),
})
const OneofDescriptor = message('OneofDescriptorProto', { name: string(1) })
const options = nested(7, message('MessageOptions', { mapEntry: bool(7) }))
/** Without those inside of it, which are of the same type. */
const messageFields = {
  name: string(1),
  field: repeated(nested(2, FieldDescriptor)),
  enumType: repeated(nested(4, EnumDescriptor)),
  options,
  oneofDecl: repeated(nested(8, OneofDescriptor)),
}
/** What is inside of a message here has nothing inside of its own. */
const MessageDescriptor = message('DescriptorProto', {
  ...messageFields,
  nestedType: repeated(nested(3, message('DescriptorProto', messageFields))),
})
const ServiceDescriptor = message('ServiceDescriptorProto', {
  name: string(1),
  method: repeated(
    nested(
      2,
      message('MethodDescriptorProto', {
        name: string(1),
        inputType: string(2),
        outputType: string(3),
        clientStreaming: bool(5),
        serverStreaming: bool(6),
      }),
    ),
  ),
})
const FileDescriptor = message('FileDescriptorProto', {
  name: string(1),
  package: string(2),
  messageType: repeated(nested(4, MessageDescriptor)),
  service: repeated(nested(6, ServiceDescriptor)),
  syntax: string(12),
})

/** FieldDescriptorProto.Label */
const labels = { optional: 1, repeated: 3 }

/** What a service's file defines, without its package: messages, enums, the service and its methods. */
export function symbolsOf(service: Service): readonly string[] {
  const methods = Object.keys(service.methods).map((name) => `${service.name}.${name}`)
  return [...typesOf(service).map(({ name }) => name), service.name, ...methods]
}

/** A service's file, as a FileDescriptorProto. */
export function fileDescriptor(service: Service): Buffer {
  const types = typesOf(service)
  const inside = (outer: string) => types.filter(({ name }) => name.startsWith(`${outer}.`))
  const described = (type: Message) => ({
    ...describeMessage(service.package, type),
    nestedType: inside(type.name)
      .filter(isMessage)
      .map((inner) => describeMessage(service.package, inner)),
    enumType: inside(type.name).flatMap((inner) => (isMessage(inner) ? [] : describeEnum(inner))),
  })
  return encode(FileDescriptor, {
    name: service.file,
    package: service.package,
    messageType: types
      .filter((type) => !type.name.includes('.'))
      .filter(isMessage)
      .map(described),
    service: [
      {
        name: service.name,
        method: Object.entries(service.methods).map(([name, method]) => ({
          name,
          ...describeMethod(service.package, method),
        })),
      },
    ],
    syntax: 'proto3',
  })
}

const isMessage = (type: Message | Enum): type is Message => 'fields' in type

/** All that a service's messages are made of, each once. */
function typesOf({ methods }: Service): readonly (Message | Enum)[] {
  const types = new Set<Message | Enum>()
  const add = (type: Message | Enum) => {
    types.add(type)
    if (isMessage(type)) for (const field of Object.values(type.fields)) if (field.type) add(field.type)
  }
  for (const { request, answer } of Object.values(methods)) {
    add(request)
    add(answer)
  }
  return [...types]
}

const lastName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** A message, but for what is inside of it. */
function describeMessage(
  inPackage: string,
  { name, fields, isMapEntry }: Message,
): Said<typeof MessageDescriptor> {
  const oneofs = [...new Set(Object.values(fields).flatMap(({ oneof }) => oneof ?? []))]
  return {
    name: lastName(name),
    field: Object.entries(fields).map(([fieldName, field]) => ({
      name: fieldName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      ...describeField(inPackage, field),
      ...(field.oneof === undefined ? {} : { oneofIndex: oneofs.indexOf(field.oneof) }),
    })),
    options: isMapEntry === true ? { mapEntry: true } : undefined,
    oneofDecl: oneofs.map((oneof) => ({ name: oneof })),
    nestedType: [],
    enumType: [],
  }
}

const describeField = (inPackage: string, { number, kind, type, isRepeated }: Field) => ({
  number,
  label: isRepeated === true ? labels.repeated : labels.optional,
  type: kinds[kind],
  ...(type ? { typeName: `.${inPackage}.${type.name}` } : {}),
})

const describeEnum = ({ name, values }: Enum) => ({
  name: lastName(name),
  value: Object.entries(values).map(([valueName, number]) => ({ name: valueName, number })),
})

const describeMethod = (inPackage: string, { request, answer, handle }: Method) => ({
  inputType: `.${inPackage}.${request.name}`,
  outputType: `.${inPackage}.${answer.name}`,
  clientStreaming: handle.kind === 'both stream',
  serverStreaming: handle.kind !== 'unary',
})
