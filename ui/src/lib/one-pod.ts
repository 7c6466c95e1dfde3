/** Several calls that make one picture. Behind a Service each may reach another pod, whose files are others. */
import { CallFailure, type Answer } from './api.ts'

/** How often a call is made until the wanted pod answers: with three of them, all of these reach others once in 400 times. */
const maxTries = 15

/** No call reached the pod that was wanted. */
export class OtherPod extends Error {
  override name = 'OtherPod'
}

/** Makes calls that one pod answers: the one that answers first. */
export class OnePod {
  #pod: string | undefined
  #other = ''

  /**
   * Makes a call, again and again while others answer.
   * @throws CallFailure of that pod; OtherPod
   */
  async ask<Value>(call: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      try {
        const answer = await call()
        if (this.#isFrom(answer.pod)) return answer
      } catch (error) {
        if (!(error instanceof CallFailure && error.pod !== undefined) || this.#isFrom(error.pod)) throw error
      }
    }
    throw new OtherPod(
      `${String(this.#pod)} answered a part of this, and then only others such as ${this.#other}, whose files are others`,
    )
  }

  #isFrom(pod: string): boolean {
    this.#pod ??= pod
    if (pod !== this.#pod) this.#other = pod
    return pod === this.#pod
  }
}
