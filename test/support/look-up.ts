/** Asks the cluster's DNS by way of a pod's page. */
import { DnsAnswer } from '../../server/features/dns/wire.ts'
import type { Forward } from './cluster.ts'

/** The values of the records of a type that answer for a name where the pod is, sorted. */
export async function lookUp(pod: Forward, type: string, name: string): Promise<string[]> {
  const answer = await pod.post('/dns/api', JSON.stringify({ type, name }))
  const records = answer
    .json(DnsAnswer)
    .records.filter((record) => record.section === 'answer' && record.type === type)
  return records.map(({ value }) => value).sort()
}
