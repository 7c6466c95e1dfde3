/** The fields that say what the container may use, as far as its control group shows them. */
import type { Allowance } from '../../../../../server/features/container/wire.ts'
import { noted, type Yaml } from '../yaml.ts'
import { container, pod, quantity, type Fields } from './pod.ts'

const cores = (amount: number): Yaml => `${String(Math.round(amount * 1000))}m`

/** resources, as far as the control group shows them. */
export function allowanceFields({ qualityOfService, cpu, memory, hugePages }: Allowance): string {
  const huge = Object.fromEntries(
    (hugePages ?? []).flatMap(({ size, limit }) =>
      limit === null || limit === 0 ? [] : [[`hugepages-${quantity(size)}`, quantity(limit)]],
    ),
  )
  const limits: Fields = {
    cpu: cpu.quota === null ? undefined : cores(cpu.quota),
    memory: memory.limit === null ? undefined : quantity(memory.limit),
    ...huge,
  }
  const request = cpu.request === null ? undefined : noted(cores(cpu.request), 'as the weight was made of it')
  if (qualityOfService === 'BestEffort')
    return pod({
      containers: container({ resources: noted({}, 'nothing asked for, nothing kept: BestEffort') }),
    })
  const requests =
    qualityOfService === 'Guaranteed'
      ? noted(limits, 'the same as the limits: Guaranteed')
      : noted({ cpu: request }, 'that of memory can’t be seen from inside')
  return pod({ containers: container({ resources: { requests, limits } }) })
}
