// GPT-NeoX in plain float64, as its paper and config.json say it: a reference for tests that shares no code with the program.
// Weights are read here from the file; only what tests/reference/models/tiny-neox needs.
import { readFileSync } from 'node:fs'

type Matrix = { readonly rows: number; readonly columns: number; readonly data: Float64Array }
type Vector = Float64Array<ArrayBufferLike>

/** A safetensors file of float32. */
function tensors(path: string): (name: string) => Matrix {
  const file = readFileSync(path)
  const begin = 8 + Number(file.readBigUInt64LE(0))
  const head = JSON.parse(file.toString('utf8', 8, begin))
  return name => {
    const { shape, data_offsets: at, dtype } = head[name]
    if (dtype !== 'F32') throw new Error(`${name} is ${dtype}`)
    const [rows, columns] = shape.length === 2 ? shape : [1, shape[0]]
    const data = new Float64Array(rows * columns)
    for (let i = 0; i < data.length; i++) data[i] = file.readFloatLE(begin + at[0] + 4 * i)
    return { rows, columns, data }
  }
}

/** W x + b, in plain loops: tests do this some millions of times */
function linear({ rows, columns, data }: Matrix, x: Vector, bias?: Matrix): Vector {
  const y = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    let sum = bias === undefined ? 0 : (bias.data[r] as number)
    const from = r * columns
    for (let c = 0; c < columns; c++) sum += (data[from + c] as number) * (x[c] as number)
    y[r] = sum
  }
  return y
}

function layerNorm(x: Vector, weight: Matrix, bias: Matrix, eps: number): Vector {
  const mean = x.reduce((a, b) => a + b, 0) / x.length
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length
  return x.map(
    (v, i) =>
      ((v - mean) / Math.sqrt(variance + eps)) * (weight.data[i] ?? 0) + (bias.data[i] ?? 0),
  )
}

/** erf by its series, exact to float64 where gelu needs it; ±1 far out. */
function erf(x: number): number {
  if (Math.abs(x) > 5.5) return Math.sign(x)
  let [term, sum] = [x, x]
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 400; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}
const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2))

const added = (...all: readonly Vector[]): Vector =>
  (all[0] ?? new Float64Array()).map((_, i) => all.reduce((sum, v) => sum + (v[i] ?? 0), 0))

/** The first `size` of a head, halves rotated against each other by the angle of the position. */
function rotated(head: Vector, position: number, size: number, base: number): Vector {
  const half = size / 2
  return head.map((v, i) => {
    if (i >= size) return v
    const angle = position / base ** ((2 * (i % half)) / size)
    const other = i < half ? -(head[i + half] ?? 0) : (head[i - half] ?? 0)
    return v * Math.cos(angle) + other * Math.sin(angle)
  })
}

export interface Neox {
  readonly width: number
  embedding(id: number): Vector
  /** log-probabilities of the next token behind each slot, [slots][V] */
  logProbs(slots: readonly Vector[]): Vector[]
}

export function openNeox(folder: string): Neox {
  const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'))
  const of = tensors(`${folder}/model.safetensors`)
  const { hidden_size: width, num_attention_heads: heads, layer_norm_eps: eps } = config
  const headSize = width / heads
  const rotary = Math.floor(headSize * config.rotary_pct)
  const embed = of('gpt_neox.embed_in.weight')
  const layers = Array.from({ length: config.num_hidden_layers }, (_, l) => {
    const part = (name: string) => ({
      weight: of(`gpt_neox.layers.${l}.${name}.weight`),
      bias: of(`gpt_neox.layers.${l}.${name}.bias`),
    })
    return {
      ...{ before: part('input_layernorm'), between: part('post_attention_layernorm') },
      ...{ qkv: part('attention.query_key_value'), out: part('attention.dense') },
      ...{ up: part('mlp.dense_h_to_4h'), down: part('mlp.dense_4h_to_h') },
    }
  })
  const last = {
    weight: of('gpt_neox.final_layer_norm.weight'),
    bias: of('gpt_neox.final_layer_norm.bias'),
  }
  const head = of('embed_out.weight')
  type Layer = (typeof layers)[number]

  /** Rows of query_key_value are q, k and v of head 0, then of head 1, and so on. */
  function attention(xs: readonly Vector[], { qkv, out }: Layer): Vector[] {
    const all = xs.map(x => linear(qkv.weight, x, qkv.bias))
    const part = (t: number, h: number, which: 0 | 1 | 2): Vector => {
      const from = (3 * h + which) * headSize
      const raw = (all[t] ?? new Float64Array()).slice(from, from + headSize)
      return which === 2 ? raw : rotated(raw, t, rotary, config.rotary_emb_base)
    }
    const byHead = Array.from({ length: heads }, (_, h) => {
      const [q, k, v] = ([0, 1, 2] as const).map(which => xs.map((_, t) => part(t, h, which))) as [
        Vector[],
        Vector[],
        Vector[],
      ]
      return xs.map((_, t) => {
        const scores = k
          .slice(0, t + 1)
          .map(
            key => key.reduce((sum, x, i) => sum + x * (q[t]?.[i] ?? 0), 0) / Math.sqrt(headSize),
          )
        const most = Math.max(...scores)
        const weights = scores.map(s => Math.exp(s - most))
        const total = weights.reduce((a, b) => a + b, 0)
        return Float64Array.from({ length: headSize }, (_, i) =>
          weights.reduce((sum, w, j) => sum + (w / total) * (v[j]?.[i] ?? 0), 0),
        )
      })
    })
    return xs.map((_, t) => {
      const joined = Float64Array.from(byHead.flatMap(rows => [...(rows[t] ?? [])]))
      return linear(out.weight, joined, out.bias)
    })
  }

  function logProbs(slots: readonly Vector[]): Vector[] {
    let xs: Vector[] = slots.map(x => Float64Array.from(x))
    for (const layer of layers) {
      const { before, between, up, down } = layer
      const attended = attention(
        xs.map(x => layerNorm(x, before.weight, before.bias, eps)),
        layer,
      )
      // parallel residual: both parts read what came in
      xs = xs.map((x, t) => {
        const normed = layerNorm(x, between.weight, between.bias, eps)
        const mlp = linear(down.weight, linear(up.weight, normed, up.bias).map(gelu), down.bias)
        return added(x, attended[t] ?? x, mlp)
      })
    }
    return xs.map(x => {
      const logits = linear(head, layerNorm(x, last.weight, last.bias, eps))
      const most = Math.max(...logits)
      const total = Math.log(logits.reduce((sum, v) => sum + Math.exp(v - most), 0)) + most
      return logits.map(v => v - total)
    })
  }
  return {
    width,
    embedding: id => embed.data.slice(id * width, (id + 1) * width),
    logProbs,
  }
}
