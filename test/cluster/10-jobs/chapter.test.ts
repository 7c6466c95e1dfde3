/** The chapter, as a reader goes through it. */
import { proveChapter } from '../../support/chapter.ts'

proveChapter('10-jobs', { shell: 'bash', readers: 2 })
