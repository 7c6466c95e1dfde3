/** The chapter, as a reader goes through it. */
import { proveChapter } from '../../support/chapter.ts'

proveChapter('13-storage', { shell: 'zsh' })
