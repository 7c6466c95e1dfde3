/** The gRPC port as people ask it: by grpcurl, which knows of it what reflection tells, and nothing else. */
import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { goProgram } from '../../scripts/go-programs.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { command } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard } from '../support/kuard.ts'

const lifetime = wholeLifetime()
let address = ''
before(async () => {
  const kuard = await startKuard(lifetime, ['--grpc-address=127.0.0.1:0'])
  const [, port = ''] = await kuard.logged(/Serving gRPC on 127\.0\.0\.1:(\d+)/)
  address = `localhost:${port}`
})

const grpcurl = (before: readonly string[], after: readonly string[] = []) =>
  command(goProgram('grpcurl'), ['-plaintext', ...before, address, ...after])

test('grpcurl lists every service, and describes all that they are made of', async () => {
  const services = (await grpcurl([], ['list'])).output.trim().split('\n')
  assert.equal(services.length, 9)
  for (const service of services) {
    const { output } = await grpcurl([], ['describe', service])
    assert.match(output, new RegExp(`^${service} is a service:`))
    for (const [, type = ''] of output.matchAll(/ \.([\w.]+) \)/g))
      assert.match((await grpcurl([], ['describe', type])).output, new RegExp(`^${type} is a message:`))
  }
})

test('grpcurl calls what it has found', async () => {
  const call = (method: string, data: object) => grpcurl(['-d', JSON.stringify(data)], [method])
  const answer = async (method: string, data: object) =>
    JSON.parse((await call(method, data)).output) as unknown
  assert.deepEqual(await answer('echo.EchoService/Echo', { body: 'Grüße' }), { body: 'Grüße' })
  assert.deepEqual(await answer('delay.DelayService/Delay', { seconds: 1 }), { message: '1' })
  assert.deepEqual(await answer('grpc.health.v1.Health/Check', {}), { status: 'SERVING' })
  assert.deepEqual(await answer('grpc.health.v1.Health/List', {}), {
    statuses: {
      '': { status: 'SERVING' },
      liveness: { status: 'SERVING' },
      readiness: { status: 'SERVING' },
    },
  })
  const refused = await call('status.StatusService/Status', { code: 'NotFound' })
  assert.match(refused.errors, /Code: NotFound\n/)
  assert.notEqual(refused.code, 0)
})

test("README's lines do what it says", async (context) => {
  const text = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const lines = text.match(/^grpcurl .*$/gm) ?? []
  const folder = temporaryFolder(context)
  symlinkSync(goProgram('grpcurl'), join(folder, 'grpcurl'))
  const outputs: string[] = []
  for (const line of lines) {
    const pasted = `PATH=${folder}:$PATH; ${line.replace('localhost:9090', address)}`
    outputs.push((await command('sh', ['-c', pasted])).output)
  }
  assert.match(outputs[0] ?? '', /^echo\.EchoService$/m)
  assert.deepEqual(JSON.parse(outputs[1] ?? ''), { body: 'hello' })
})
