/** Builds images with buildah, which needs no daemon. */
import { run } from './run.ts'

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
