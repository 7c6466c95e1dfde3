/** compose.yaml, started as a reader does; by podman-compose, of the image that `npm run image` has built. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { officialImage } from '../../scripts/official-images.ts'
import { DeliveredMessage, Message } from '../../server/features/memq/wire.ts'
import { atEnd } from '../support/at-end.ts'
import { command } from '../support/command.ts'
import { podman, succeed } from '../support/container.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ask } from '../support/kuard.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, 'node_modules/.cache/schemas/bin/podman-compose')

/** What answers names in podman's networks; containers find each other by it. */
const nameServers = ['/usr/lib/podman/aardvark-dns', '/usr/lib/cni/dnsname', '/opt/cni/bin/dnsname']
const skip = nameServers.some((path) => existsSync(path))
  ? false
  : 'podman has no name server here: aardvark-dns'

test(
  'blue and green answer behind nginx, with nothing writable, and a message survives both',
  { skip },
  async (context) => {
    for (const image of ['redis:8.0.2', 'nginx:1.26.3']) officialImage(image)
    const port = await freePort()
    const project = `kuard-${port}`
    const compose = async (...args: string[]) => {
      const { code, errors } = await command(
        'env',
        [`PORT=${port}`, program, '-f', join(root, 'compose.yaml'), '-p', project, ...args],
        { limitMs: 120_000 },
      )
      assert.equal(code, 0, errors)
    }
    atEnd(context, () => compose('down', '-v', '-t', '2'))
    await compose('up', '-d', '--no-build')

    const versions = new Set<unknown>()
    await eventually('both to have answered', async () => {
      const answer = await ask(port, 'GET', '/ready').catch(() => undefined)
      if (answer?.status === 200) versions.add(answer.headers['x-served-version'])
      return versions.has('1.0.0-blue') && versions.has('1.0.0-green')
    })
    for (const colour of ['blue', 'green'])
      assert.equal((await podman('healthcheck', 'run', `${project}_${colour}_1`)).code, 0, colour)
    for (const service of ['blue', 'green', 'redis', 'nginx']) {
      const format = '{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}}'
      const told = await succeed('inspect', '--format', format, `${project}_${service}_1`)
      assert.equal(told, 'true []', service)
    }

    const queue = '/memq/server/queues/work'
    assert.equal((await ask(port, 'PUT', queue)).status, 200)
    const { id } = (await ask(port, 'POST', `${queue}/enqueue`, { body: 'kept' })).json(Message)
    for (const colour of ['blue', 'green']) await succeed('restart', '-t', '5', `${project}_${colour}_1`)
    const taken = await eventually('it to be handed out', async () => {
      const answer = await ask(port, 'POST', `${queue}/dequeue`).catch(() => undefined)
      return answer?.status === 200 ? answer.json(DeliveredMessage) : undefined
    })
    assert.deepEqual([taken.id, taken.body], [id, 'kept'])
  },
)
