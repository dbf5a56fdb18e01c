// CUDA from the app: what `spw gpu install | doctor | uninstall` do. An installation belongs to the engine: it goes on
// while its page is closed, and what was fetched is kept when it is stopped.
import type { WorkbenchApi } from '../contract/api'
import { asFault, Fault, type FaultData } from '../contract/fault'
import type { GpuDiagnosis, GpuState } from '../contract/gpu'
import type { InstallProgress } from '../gpu/fetch-package'
import { checkMachine, type InstallOptions, installCuda } from '../gpu/install'
import { uninstallCuda } from '../gpu/uninstall'
import { thisMachine } from '../gpu/wheel-name'
import { startProcess } from '../ports/start'
import { brokenFiles, readRecord, versionPaths } from '../session/cuda-install'
import { nvidiaGpus } from '../session/nvidia'
import { cudaCameLate, onnxruntimePackage } from '../session/onnxruntime'
import { trialSteps } from '../verify/trial-steps'
import { freeDisk } from '../weights/hub'
import type { Context } from './context'
import type { DoctorProcess } from './doctor-process'
import doctorFile from './doctor-process?modulePath'

export type GpuCalls = Pick<WorkbenchApi, 'gpuState' | 'installGpu' | 'uninstallGpu' | 'gpuDoctor'>

/** Name of the request: progress and cancel. */
const request = 'gpu'
/** As measured for onnxruntime 1.30.0 with CUDA 13; the index tells no sum beforehand. */
const expected = { downloadBytes: 830e6, diskBytes: 1.2e9 }
/** ms between two words */
const reportEvery = 250
/** a doctor that hangs in a driver, ms */
const doctorPatience = 120_000

const machineFault = (): FaultData | null => {
  try {
    checkMachine(thisMachine())
    return null
  } catch (error) {
    return asFault(error).toData()
  }
}

function installationIn(home: string, version: string): GpuState['installation'] {
  const record = readRecord(home, version)
  if (record === undefined) return { kind: 'none' }
  const broken = brokenFiles({ folder: versionPaths(home, version).folder, record })
  if (!record.complete || broken.length > 0) return { kind: 'unfinished' }
  const bytes = record.files.reduce((sum, file) => sum + file.bytes, 0)
  return { kind: 'whole', bytes, packages: record.packages.map(p => `${p.name} ${p.version}`) }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** What an installation is at, in words and as a share of what it is expected to fetch. */
export function installReporter(report: (doing: string, share: number) => void) {
  const fetched = new Map<string, number>()
  let sentAt = 0
  return ({ doing, what, doneBytes, totalBytes }: InstallProgress): void => {
    if (doing === 'downloading') fetched.set(what, doneBytes)
    if (Date.now() - sentAt < reportEvery) return
    sentAt = Date.now()
    const of = totalBytes === 0 ? '' : ` of ${megabytes(totalBytes)}`
    const sum = [...fetched.values()].reduce((a, b) => a + b, 0)
    // what comes after the last byte takes a moment, too
    const share = Math.min(0.99, sum / expected.downloadBytes)
    report(`${doing} ${what}: ${megabytes(doneBytes)}${of}`, share)
  }
}

/** Faults: engine (it ended or hung), and those of the doctor. */
async function askDoctor(home: string): Promise<GpuDiagnosis> {
  const doctor = startProcess<DoctorProcess>(doctorFile, {
    env: { SPW_HOME: home },
    timeout: doctorPatience,
    fault: why =>
      new Fault(
        'engine',
        `the check of CUDA ended without an answer: ${why}`,
        'Run `spw gpu doctor` in a terminal to see more.',
      ),
  })
  try {
    return await doctor.call.diagnose()
  } finally {
    doctor.kill()
  }
}

/** @param over for tests: how pip's settings are found */
export function openGpu(context: Context, over: Partial<InstallOptions> = {}) {
  const { home, resources, emit, log, cancellable } = context
  let busy: Promise<unknown> | undefined
  const report = (doing: string, fraction: number | null): void =>
    emit('progress', { request, doing, fraction })

  /** One at a time; its end reaches every window as an empty progress event. */
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy !== undefined)
      throw new Fault('busy', 'CUDA is being installed or removed', 'Wait until it has ended.')
    const working = work()
    busy = working.catch(error => log(`CUDA: ${asFault(error).message}`))
    try {
      return await working
    } finally {
      busy = undefined
      report('', 1)
    }
  }
  const state = async (): Promise<GpuState> => {
    const { version } = onnxruntimePackage()
    const { folder } = versionPaths(home, version)
    return {
      machine: machineFault(),
      gpus: (await nvidiaGpus()).map(gpu => gpu.name),
      installation: installationIn(home, version),
      folder,
      onnxruntime: version,
      ...expected,
      freeDiskBytes: Math.floor(await freeDisk(folder)),
      busy: busy !== undefined,
      restartNeeded: cudaCameLate(home),
    }
  }
  const calls: GpuCalls = {
    gpuState: state,
    installGpu: async ({ index }) => {
      const { record, already } = await alone(() =>
        cancellable(request, signal => {
          report('asking the package index', null)
          const source = index === '' ? {} : { index }
          return installCuda({
            ...over,
            ...source,
            home,
            signal,
            onProgress: installReporter(report),
          })
        }),
      )
      return { ...(await state()), already, record }
    },
    uninstallGpu: async () => {
      const { removed, freedBytes, left } = await alone(() => uninstallCuda(home))
      return { removed: [...removed], freedBytes, left: [...left] }
    },
    gpuDoctor: async ({ trial }) => {
      const found = await askDoctor(home)
      if (!trial || !found.ok) return found
      report('training a few steps in each precision', null)
      const steps = [...found.steps]
      for await (const step of trialSteps('cuda:0', { home, resources })) steps.push(step)
      const next = steps.find(step => !step.ok)?.fix ?? null
      return { ...found, steps, next, ok: next === null }
    },
  }
  return {
    calls,
    close: async (): Promise<void> => {
      context.cancel(request)
      await busy
    },
  }
}
