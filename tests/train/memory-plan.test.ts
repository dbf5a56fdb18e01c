import { describe, expect, it } from 'vitest'
import type { ModelFolder, TensorEntry } from '../../src-worker/contract/model'
import { parseConfig } from '../../src-worker/model/config/parse'
import { expectedTensors } from '../../src-worker/model/family'
import { fittingPlan, type MemoryAsk, planMemory } from '../../src-worker/train/memory-plan'

/** A Pythia of so many layers and such a width, without weights. */
function pythia(layers: number, width: number, heads: number): ModelFolder {
  const source = {
    model_type: 'gpt_neox',
    vocab_size: 50304,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: 4 * width,
    rotary_pct: 0.25,
  }
  const { config } = parseConfig(source, {}, 'config.json')
  const entry = (name: string, shape: readonly number[]): TensorEntry => {
    const length = 4 * shape.reduce((n, d) => n * d, 1)
    return { name, dtype: 'F32', shape, file: 'model.safetensors', offset: 0, length }
  }
  const tensors = new Map([...expectedTensors(config)].map(([n, s]) => [n, entry(n, s)]))
  return { path: '', id: 'pythia', config, tensors, chatTemplate: undefined, notes: [] }
}

const small = pythia(6, 512, 8)
const large = pythia(12, 768, 12)
const largest = pythia(24, 2048, 16)
const ask = (rest: Partial<MemoryAsk>): MemoryAsk => {
  const prompt = { parameters: 16 * 512, promptTokens: 16 }
  return { model: small, ...prompt, lanes: 4, slots: 144, training: true, ...rest }
}

describe('planMemory', () => {
  // peaks (VmHWM, MB) by `npm run bench`, the trainer alone, on two machines: how much the system maps around what is read differs
  it.each<[string, Partial<MemoryAsk>, number]>([
    ['70m, 4 lanes of 144', {}, 834],
    ['70m, one lane of 64', { lanes: 1, slots: 64 }, 605],
    [
      '70m, one lane of 1280',
      { lanes: 1, slots: 1280, parameters: 1024 * 512, promptTokens: 1024 },
      1075,
    ],
    ['70m, 4 lanes of 144, not packed', { prepack: false }, 551],
    ['70m, 4 lanes of 256', { slots: 256 }, 855],
    ['70m, 4 lanes of 256, recomputed', { slots: 256, recompute: true }, 757],
    ['70m, 16 lanes of 272', { lanes: 16, slots: 272 }, 916],
    ['160m, 4 lanes of 144', { model: large }, 1055],
    ['160m, 4 lanes of 144, packed', { model: large, prepack: true }, 1700],
    ['160m, 8 lanes of 272', { model: large, lanes: 8, slots: 272 }, 1434],
    ['160m in 8 bits, 4 lanes of 144', { model: large, weights: 'int8' }, 903],
    ['160m in 4 bits, 4 lanes of 144', { model: large, weights: 'int4' }, 843],
    [
      '1.4b in 8 bits, 2 lanes of 144',
      { model: largest, weights: 'int8', lanes: 2, parameters: 16 * 2048 },
      2906,
    ],
    [
      '160m, a prompt of 1024 by an MLP',
      { model: large, parameters: 101_000_000, promptTokens: 1024, lanes: 1, slots: 1280 },
      5166,
    ],
  ])('%s: within 0.15 of the measured peak', (_, rest, measured) => {
    const planned = planMemory(ask(rest)).totalBytes / 1e6
    expect(Math.abs(planned / measured - 1)).toBeLessThan(0.15)
  })

  it('with weights in few bits nothing is packed, and tests have the memory for themselves', () => {
    const few: Partial<MemoryAsk> = { weights: 'int8', tests: true, wholeRun: true }
    expect(planMemory(ask(few))).toMatchObject({ prepack: false, testsApart: true })
    const plan = fittingPlan(ask(few), 100e9)!
    expect(plan).toMatchObject({ prepack: false, testsApart: true, recompute: false })
    expect(plan.totalBytes).toBe(planMemory(ask(few)).totalBytes)
  })

  it('weights are packed while the copies are small', () => {
    expect(planMemory(ask({})).prepack).toBe(true)
    expect(planMemory(ask({ model: large })).prepack).toBe(false)
  })

  it('the 160m shape trains in a process of its own, few lanes of 70m in the thread', () => {
    expect(planMemory(ask({})).host).toBe('thread')
    const parameters = 101_000_000
    const whole = { model: large, wholeRun: true, tests: true }
    expect(planMemory(ask({ ...whole, lanes: 8, slots: 272 })).host).toBe('process')
    expect(planMemory(ask({ ...whole, parameters, lanes: 1, slots: 1280 })).host).toBe('process')
  })

  it('trades packing first, then activations', () => {
    const plain = planMemory(ask({})).totalBytes
    const unpacked = planMemory(ask({ prepack: false })).totalBytes
    const smallest = planMemory(ask({ prepack: false, recompute: true })).totalBytes
    expect(fittingPlan(ask({}), plain)).toMatchObject({ prepack: true, recompute: false })
    expect(fittingPlan(ask({}), plain - 1)).toMatchObject({ prepack: false, recompute: false })
    expect(fittingPlan(ask({}), unpacked - 1)).toMatchObject({ recompute: true })
    expect(fittingPlan(ask({}), smallest - 1)).toBeUndefined()
  })
})
