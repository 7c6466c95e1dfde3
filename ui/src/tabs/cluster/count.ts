/** One count of an object. */
export interface Count {
  /** As Kubernetes has it, such as `ready`. */
  readonly word: string
  readonly count: number
  /** Whether it is less than is wanted. */
  readonly isShort?: boolean
}
