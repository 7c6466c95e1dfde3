/** The image that files and commands name in place of kuard's own. The address has it, so that it can be passed on. */
import { untrack } from 'svelte'
import { imagePattern, maxImageLength } from '../../../server/features/manifests/image.ts'
import { withImage } from './api.ts'
import { router } from './router.svelte.ts'

const image = new RegExp(imagePattern)

/** What is wrong with the name of an image; undefined for one that can be, and for none. */
export const faultOfImage = (name: string): string | undefined =>
  name === '' || (name.length <= maxImageLength && image.test(name))
    ? undefined
    : 'That can’t be the name of an image.'

class ChosenImage {
  /** As the address has it; empty for none. */
  readonly wanted = $derived(new URLSearchParams(router.query).get('image') ?? '')
  /** Where the address names what can't be one, it's none. */
  readonly used = $derived(faultOfImage(this.wanted) === undefined ? this.wanted : '')
  #last = ''

  /** For a tab that goes by it, as it opens: who comes from another tab still has what was chosen last. */
  open(): void {
    untrack(() => {
      if (this.wanted === '' && this.#last !== '') this.choose(this.#last)
    })
    $effect(() => {
      this.#last = this.wanted
    })
  }

  choose(name: string): void {
    router.keep(withImage(router.path, name))
  }
}

export const chosenImage = new ChosenImage()
