/** The chapter, as a reader goes through it. */
import { proveChapter } from '../../support/chapter.ts'

proveChapter('03-cluster', { shell: 'zsh' })
