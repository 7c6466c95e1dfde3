/** What shows the other side of something that is wrong, or mends it. */
export interface Mend {
  /** What the command does. */
  readonly words: string
  /** What comes after `kubectl`, and after `-n NAMESPACE` but for what belongs to no namespace. */
  readonly command: string
  readonly isClusterWide?: boolean
}
