/** A question over UDP to a name server of a user's choosing. */
import { answerOf } from './bytes.ts'
import { Ended } from './ended.ts'
import type { NameLookUp } from './name-look-up.ts'
import { endpoint, type Target } from './target.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** What is told of the records. */
const maxRecords = 10

/**
 * Asks for the A records of the full name that the target has.
 * @param address of the name server
 * @param resolver gives who asks
 * @throws Ended
 */
export async function askNameServer(
  address: string,
  { port, rest: name }: Target,
  resolver: () => Promise<NameLookUp>,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  return trail.step('question', `A ${name} of ${endpoint(address, port)}`, async () => {
    const lookUp = await resolver()
    const { status, records } = await lookUp.ask({ address, port }, { type: 'A', name }, trail.signal)
    const found = records.filter(({ section, type }) => section === 'answer' && type === 'A')
    const values = found.slice(0, maxRecords).map(({ value }) => value)
    const words = values.length > 0 ? `${status}: ${values.join(', ')}` : status
    report.answer = answerOf(words)
    report.names.push({ name, type: 'A', status, server: endpoint(address, port) })
    if (status === 'NXDOMAIN') throw new Ended('no such name', `there is no name ${name}`)
    if (status !== 'NOERROR') throw new Ended('bad status', `it replies ${status}`)
    if (values.length === 0) throw new Ended('no address', `${name} has no A record`)
    return [`replies ${words}`, words] as const
  })
}
