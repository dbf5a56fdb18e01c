// The experiment being set up: one sweep, which the form, the JSON and the command line all show.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { RunSpec, SweepSpec } from '../../src-worker/contract/run'

type Draft = { -readonly [K in keyof SweepSpec]: SweepSpec[K] }

const fresh = (): Draft => ({
  name: '',
  base: { experiment: { kind: 'autoregressive' } },
  tokens: [],
  models: [],
  datasets: [],
  seeds: [],
  untrained: false,
})

export const useSweepDraft = defineStore('sweep-draft', () => {
  const sweep = ref<Draft>(fresh())

  const take = (from: SweepSpec) => {
    sweep.value = { ...fresh(), ...JSON.parse(JSON.stringify(from)) }
  }
  /** One run as it was, to be changed. */
  const takeSpec = (spec: RunSpec) => take({ ...fresh(), base: { ...spec, name: '' } })
  const clear = () => take(fresh())

  return { sweep, take, takeSpec, clear }
})
