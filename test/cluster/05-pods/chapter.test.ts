/** The chapter, as a reader goes through it. */
import { proveChapter } from '../../support/chapter.ts'

proveChapter('05-pods', { shell: 'zsh', readers: 2 })
