/** The chapter, as a reader goes through it: docker is podman, and the images that are pulled are stood in for where no registry can be reached. */
import { join } from 'node:path'
import { officialImage } from '../../../scripts/official-images.ts'
import { basesOf } from '../../../scripts/stand-ins.ts'
import { proveChapter } from '../../support/chapter.ts'

process.env.CONTAINERS_CONF ??= join(import.meta.dirname, '../../../scripts/containers.conf')

basesOf(join(import.meta.dirname, '../../../Dockerfile'))
officialImage('registry:3')
proveChapter('02-containers', { shell: 'bash', network: 'machine' })
