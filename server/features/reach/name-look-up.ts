/** What Reach needs of whoever looks names up: the resolver of the DNS Query page fits. */

/** What a look-up of one type came to. */
export interface NameAnswer {
  /** Of the reply that counts, such as NXDOMAIN. */
  readonly status: string
  readonly records: readonly { readonly section: string; readonly type: string; readonly value: string }[]
  /** The full names that were asked for, in order. */
  readonly namesTried: readonly string[]
  /** What came of each. */
  readonly statuses: readonly string[]
  /** Which of them the reply is to. */
  readonly replyTo: string
  /** Who replied. */
  readonly server: string
}

/** What is asked for. */
interface NameQuestion {
  readonly type: 'A' | 'AAAA'
  readonly name: string
}

/** Looks names up. */
export interface NameLookUp {
  /**
   * Looks a name up as the C library does, by search domains.
   * @param signal ends it early
   * @throws Error when no name server replies; the message says so in words
   */
  lookup(question: NameQuestion, signal: AbortSignal): Promise<NameAnswer>
  /**
   * Asks one name server for a full name, again each second until the signal ends it.
   * @throws Error of node:dgram when nothing gets there
   */
  ask(
    server: { readonly address: string; readonly port: number },
    question: NameQuestion,
    signal: AbortSignal,
  ): Promise<Pick<NameAnswer, 'status' | 'records'>>
}
