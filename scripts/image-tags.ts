/** The image's tags: its colours, each also under the number that it has in the book's first edition. bring-images.sh reads the same file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A colour and its number. */
export const imageTags: readonly (readonly [colour: string, number: string])[] = readFileSync(
  join(import.meta.dirname, 'image-tags.txt'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => {
    const [colour = '', number = ''] = line.split(' ')
    return [colour, number]
  })

/** What the image is called in a node: by the manifests, as containerd understands `kuard`, and by the book's own files. */
export const namesInNodes: readonly string[] = ['docker.io/library/kuard', 'gcr.io/kuar-demo/kuard-amd64']
