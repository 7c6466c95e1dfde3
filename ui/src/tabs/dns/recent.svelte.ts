/** The last questions that this browser asked. */
import type { DnsQuestion } from '../../../../server/features/dns/wire.ts'

/** A question with its name, which may be empty. */
export type Question = Required<DnsQuestion>

const key = 'kuard-dns-recent'
const most = 10

export const isSame = (one: Question, other: Question): boolean =>
  one.type === other.type && one.name === other.name

class RecentQuestions {
  #questions = $state.raw(read())

  /** Newest first. */
  get all(): readonly Question[] {
    return this.#questions
  }

  add(question: Question): void {
    this.#keep([question, ...this.#questions.filter((other) => !isSame(other, question))].slice(0, most))
  }

  forget(): void {
    this.#keep([])
  }

  #keep(questions: readonly Question[]): void {
    this.#questions = questions
    try {
      localStorage.setItem(key, JSON.stringify(questions))
    } catch {
      // Where a browser keeps nothing, they last as long as the page.
    }
  }
}

/** Nothing, where there is nothing or something else than this page writes. */
function read(): readonly Question[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isQuestion).slice(0, most) : []
  } catch {
    return []
  }
}

const isQuestion = (value: unknown): value is Question =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'name' in value &&
  typeof value.name === 'string'

export const recentQuestions = new RecentQuestions()
