/** echo.EchoService: says what it is told, as podinfo has it (https://github.com/stefanprodan/podinfo). */
import { message, string } from './protobuf.ts'
import { unary, type Service } from './service.ts'

const Message = message('Message', { body: string(1) })

export const echo: Service = {
  file: 'echo/echo.proto',
  package: 'echo',
  name: 'EchoService',
  methods: { Echo: unary(Message, Message, ({ body }) => ({ body })) },
}
