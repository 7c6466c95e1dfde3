/** Builds images with buildah, which needs no daemon; from here on it and podman have the settings that this repository needs. */
import { join } from 'node:path'
import { run } from './run.ts'

process.env.CONTAINERS_CONF ??= join(import.meta.dirname, 'containers.conf')

/**
 * Builds one stage of a folder's Dockerfile.
 * @param more other options, as `--platform=linux/amd64`
 */
export function buildStage(
  folder: string,
  target: string,
  tags: readonly string[],
  more: readonly string[],
): void {
  run('buildah', [
    'build',
    '--quiet',
    '--isolation=chroot',
    '--layers',
    '--pull=false',
    `--target=${target}`,
    ...more,
    ...tags.map((tag) => `--tag=${tag}`),
    folder,
  ])
}
