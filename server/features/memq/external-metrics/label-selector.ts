/** Label selectors, as Kubernetes writes them: `queue=work`, `queue in (a, b)`, `queue!=c`, `!queue`, and all of several at commas. */

/** Whether labels are as a selector has them. */
export type Selects = (labels: Readonly<Record<string, string>>) => boolean

/**
 * One requirement: a name, alone or with what its value has to be; then a comma, or the end. Between them is one space at most, since a
 * long run of them would be tried in all its parts.
 */
const requirement =
  / ?(?<not>!)? ?(?<name>[\w.\-/]+)(?![\w.\-/]) ?(?:(?<sign>==?|!=) ?(?<value>[^ ,()=!]*)|(?<word>in|notin) ?\((?<values>[^()]*)\))? ?(?<end>,|$)/y

/**
 * Reads a selector; the empty one selects everything.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns undefined for what is none
 */
export function parseLabelSelector(text: string): Selects | undefined {
  const selector = text.replace(/\s+/g, ' ')
  if (selector.trim() === '') return () => true
  const all: Selects[] = []
  requirement.lastIndex = 0
  for (;;) {
    const groups = requirement.exec(selector)?.groups
    const selects = groups && requirementOf(groups)
    if (!selects) return undefined
    all.push(selects)
    if (groups.end === '') return (labels) => all.every((isMet) => isMet(labels))
  }
}

function requirementOf({
  not,
  name = '',
  sign,
  value = '',
  word,
  values = '',
}: Record<string, string | undefined>): Selects | undefined {
  const has: Selects = (labels) => Object.hasOwn(labels, name)
  if (sign === undefined && word === undefined) return not === undefined ? has : (labels) => !has(labels)
  if (not !== undefined) return undefined
  const allowed = sign === undefined ? values.split(',').map((each) => each.trim()) : [value]
  const isOne: Selects = (labels) => has(labels) && allowed.includes(labels[name] ?? '')
  return sign === '!=' || word === 'notin' ? (labels) => !isOne(labels) : isOne
}
