// What the rest of the engine sees of whatever executes a model. Only ort.ts knows onnxruntime.

import type { Tensors } from '../graph/tensor'

export type { Tensor, Tensors } from '../graph/tensor'

export interface Session {
  /**
   * Runs the program once; it cannot be interrupted.
   * @param outputs arrays to write into, by output name; an output may be the very array of an input (in place)
   */
  run(feeds: Tensors, outputs?: Tensors): Promise<Tensors>
  release(): Promise<void>
}

/** Where a session runs; see provider.ts for how a device is chosen. */
export type Device = { readonly kind: 'cpu' } | { readonly kind: 'cuda'; readonly index: number }

export interface SessionOptions {
  readonly device?: Device
  /** plan all activations as one block (faster; the block may be large) */
  readonly memoryPattern?: boolean
  readonly memoryArena?: boolean
  /** keep weights in the layout of the matrix kernels, once per direction */
  readonly prepack?: boolean
  readonly threads?: number
  /** report on the standard error what becomes of the program when it is opened (copies.ts reads it) */
  readonly log?: boolean
  /** write a profile beside this path (development only) */
  readonly profile?: string
}

export interface Runtime {
  /** where its sessions run unless stated otherwise */
  readonly device: Device
  /**
   * @param model bytes of an ONNX model
   * @param weightsFolder folder of the files that its external weights name
   * @throws Fault 'device' when the device's libraries are missing, 'memory', 'engine'
   */
  open(
    model: Uint8Array,
    weightsFolder: string | undefined,
    options?: SessionOptions,
  ): Promise<Session>
}
