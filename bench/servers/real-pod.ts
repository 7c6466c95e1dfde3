/** Pods as those of Deployments are on a real cluster, with all their fields: some 6 kB of JSON each. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'

/** As `kubectl get pod -o json --show-managed-fields` gives one. */
const model = JSON.stringify(JSON.parse(readFileSync(join(import.meta.dirname, 'real-pod.json'), 'utf8')))

/** Each Deployment has so many pods. */
const replicas = 100

const digits = (index: number, length: number): string => index.toString(16).padStart(length, '0')

/** The pod of a number: names, owners, addresses and times are its own. @param round how often it has changed */
export function realPod(index: number, round = 0): Pod {
  const owner = Math.floor(index / replicas)
  const own: readonly (readonly [RegExp, string])[] = [
    [/kuard-6bbbdd4876-cwh7f/g, `kuard-${digits(owner, 9)}-${digits(index, 5)}`],
    [/6bbbdd4876/g, digits(owner, 9)],
    [/6a3f42a7-806d-4daf-a854-57b7a4436ae8/g, `6a3f42a7-806d-4daf-a854-${digits(index, 12)}`],
    [/acbc82d6-62e4-41cf-8631-6d2d169033ba/g, `acbc82d6-62e4-41cf-8631-${digits(owner, 12)}`],
    [/0abaeacb0cb7558/g, digits(index, 15)],
    [/10\.244\.2\.159/g, `10.244.${index >> 8}.${index & 255}`],
    [/node-2/g, `node-${index % 50}`],
    [
      /T03:24:59Z/g,
      `T${[3, index % 60, round % 60].map((part) => String(part).padStart(2, '0')).join(':')}Z`,
    ],
    [/T03:24:5/g, `T03:${String(index % 60).padStart(2, '0')}:5`],
  ]
  // It is what it was made of.
  return JSON.parse(own.reduce((text, [old, its]) => text.replace(old, its), model)) as Pod
}
