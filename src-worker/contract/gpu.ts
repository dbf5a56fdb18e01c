// CUDA for training on an NVIDIA GPU: what there is of it here, and what keeps it from working.
import { z } from 'zod'
import { faultDataSchema } from './fault'

const count = z.int().nonnegative()

/** One thing that CUDA needs; fix is there when it is missing. */
export const gpuStepSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  found: z.string(),
  fix: z.string().nullable(),
})

export const gpuDiagnosisSchema = z.object({
  ok: z.boolean(),
  onnxruntime: z.string(),
  folder: z.string(),
  steps: z.array(gpuStepSchema).readonly(),
  /** the first thing to do; null: nothing is missing */
  next: z.string().nullable(),
})
export type GpuDiagnosis = z.infer<typeof gpuDiagnosisSchema>

export const gpuStateSchema = z.object({
  /** why no CUDA can be had on this kind of machine, or null */
  machine: faultDataSchema.nullable(),
  /** names of the GPUs that the driver lists */
  gpus: z.array(z.string()),
  installation: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    /** cut off, or a file is not what was written: installing goes on, or repairs it */
    z.object({ kind: z.literal('unfinished') }),
    z.object({ kind: z.literal('whole'), bytes: count, packages: z.array(z.string()) }),
  ]),
  folder: z.string(),
  /** version of onnxruntime-node that it is for */
  onnxruntime: z.string(),
  /** about what an installation fetches, and takes in the end */
  downloadBytes: count,
  diskBytes: count,
  freeDiskBytes: count,
  /** an installation or removal goes on now; its progress comes as `gpu` */
  busy: z.boolean(),
  /** CUDA is there, but this process had loaded onnxruntime before */
  restartNeeded: z.boolean(),
})
export type GpuState = z.infer<typeof gpuStateSchema>

/** The end of an installation: the state, and what was installed. */
export const gpuInstallSchema = gpuStateSchema.extend({
  /** it was there already */
  already: z.boolean(),
  /** the record that it left: packages with their checksums, files */
  record: z.looseObject({
    onnxruntime: z.string(),
    packages: z.array(z.looseObject({ name: z.string(), version: z.string() })),
    files: z.array(z.looseObject({ bytes: z.number() })),
  }),
})

export const gpuRemovalSchema = z.object({
  removed: z.array(z.string()),
  freedBytes: count,
  /** things in its folder that are not ours and were left */
  left: z.array(z.string()),
})
