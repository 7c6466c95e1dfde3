/** The chapter, as a reader goes through it. */
import { proveChapter } from '../../support/chapter.ts'

proveChapter('07-services', { shell: 'zsh' })
