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

/** Looks names up as the C library does, by search domains. */
export interface NameLookUp {
  /**
   * @param signal ends it early
   * @throws Error when no name server replies; the message says so in words
   */
  lookup(
    question: { readonly type: 'A' | 'AAAA'; readonly name: string },
    signal: AbortSignal,
  ): Promise<NameAnswer>
}
