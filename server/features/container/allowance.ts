/** What the container may use, as far as it doesn't change from second to second. */
import { readHugePages, readPids } from '../../host/cgroup-counts.ts'
import { readPlaces } from '../../host/cgroup-folders.ts'
import { cgroupAt, type CpuControl } from '../../host/cgroup.ts'
import { readText, signedNumber } from '../../host/kernel-files.ts'
import { readOpenFilesLimit } from '../../host/open-files.ts'
import { readOwnGroup } from '../../host/own-group.ts'
import type { Allowance } from './wire.ts'

/** Never fails: what can't be read is null. @param isKubelets whether a kubelet has made this container */
export async function readAllowance(isKubelets: boolean): Promise<Allowance> {
  const placeOf = await readPlaces()
  const [{ cpu, memory }, pids, hugePages, openFiles, service] = await Promise.all([
    cgroupAt(placeOf),
    readPids(placeOf),
    readHugePages(placeOf),
    readOpenFilesLimit(),
    readQualityOfService(isKubelets),
  ])
  return {
    ...service,
    cpu: {
      quota: cpu.quota,
      weight: cpu.weight,
      shares: cpu.shares,
      request: isKubelets ? requestOf(cpu) : null,
    },
    memory: { limit: memory.limit, swapLimit: memory.swapLimit },
    pids: { limit: pids.limit },
    hugePages: hugePages?.map((pages) => ({ ...pages })) ?? null,
    openFiles: { ...openFiles },
  }
}

type QualityOfService = Pick<Allowance, 'qualityOfService' | 'oomScoreAdj' | 'qualityOfServiceWhy'>

async function readQualityOfService(isKubelets: boolean): Promise<QualityOfService> {
  const [group, text] = await Promise.all([readOwnGroup(), readText('/proc/self/oom_score_adj')])
  const oomScoreAdj = signedNumber(text)
  const { qualityOfService } = group ?? {}
  if (qualityOfService)
    return {
      qualityOfService,
      oomScoreAdj,
      qualityOfServiceWhy: `the control group is one of ${qualityOfService} pods: ${group?.path ?? ''}`,
    }
  if (!isKubelets)
    return { qualityOfService: null, oomScoreAdj, qualityOfServiceWhy: 'no kubelet has made this container' }
  return { oomScoreAdj, ...classOf(oomScoreAdj) }
}

/** As the kubelet sets it (pkg/kubelet/qos/policy.go): what is killed first when the node's memory ends. */
function classOf(oomScoreAdj: number | null): Pick<Allowance, 'qualityOfService' | 'qualityOfServiceWhy'> {
  if (oomScoreAdj === -997)
    return {
      qualityOfService: 'Guaranteed',
      qualityOfServiceWhy:
        'oom_score_adj is -997: requests and limits of all containers are the same, or the pod is critical to its node',
    }
  if (oomScoreAdj === 1000)
    return {
      qualityOfService: 'BestEffort',
      qualityOfServiceWhy: 'oom_score_adj is 1000: no container of the pod has a request or a limit',
    }
  if (oomScoreAdj !== null && oomScoreAdj >= 2 && oomScoreAdj <= 999)
    return {
      qualityOfService: 'Burstable',
      qualityOfServiceWhy: `oom_score_adj is ${oomScoreAdj}, between 2 and 999: the less, the more of the node’s memory is requested`,
    }
  return {
    qualityOfService: null,
    qualityOfServiceWhy:
      oomScoreAdj === null
        ? 'oom_score_adj can’t be read'
        : `oom_score_adj is ${oomScoreAdj}, which the kubelet gives to no class`,
  }
}

/** The fewest shares that there are stand for no request. */
const leastShares = 2

/**
 * Of version 1 exactly, in thousandths: the kubelet makes 1,024 shares of a core, rounded down (pkg/kubelet/cm/helpers_linux.go).
 * Not of version 2: runtimes make weights of shares by one of two formulas, the older or that of runc 1.3.2 and crun 1.23, and
 * which one doesn't show.
 */
function requestOf({ shares }: CpuControl): number | null {
  if (shares === null) return null
  return shares === leastShares ? 0 : Math.ceil((shares * 1000) / 1024) / 1000
}
