/** `sh scripts/bring-images.sh docker`, for real: with podman in Docker's place. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { imageTags } from '../../scripts/image-tags.ts'
import { command } from '../support/command.ts'
import { Docker } from '../support/docker.ts'
import { temporaryFolder } from '../support/folder.ts'

process.env.CONTAINERS_CONF ??= join(import.meta.dirname, '../../scripts/containers.conf')

const script = join(import.meta.dirname, '../../scripts/bring-images.sh')

test('it builds the image in each colour, under all the names of which the manifests and the book have one', async (context) => {
  const docker = await Docker.in(context, join(temporaryFolder(context), 'docker'))
  const { code, errors } = await command(
    'env',
    [`DOCKER=${join(docker.bin, 'docker')}`, 'sh', script, 'docker'],
    { limitMs: 600_000 },
  )
  assert.equal(code, 0, errors)
  for (const [colour, number] of imageTags)
    for (const repository of ['kuard', 'gcr.io/kuar-demo/kuard-amd64'])
      for (const tag of [colour, number]) {
        const { output } = await docker.run('run', '--rm', `${repository}:${tag}`, '--version')
        assert.match(output, new RegExp(`-${colour}$`, 'm'), `${repository}:${tag}`)
      }
})
