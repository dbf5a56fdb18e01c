// An invented machine with or without a GPU: ?gpu=none|there|installed in the address.
const wanted = new URLSearchParams(location.search).get('gpu') ?? 'none'

const state = () => ({
  machine: null,
  gpus: wanted === 'none' ? [] : ['NVIDIA RTX 6000'],
  installation:
    wanted === 'installed'
      ? { kind: 'whole', bytes: 1.21e9, packages: ['onnxruntime-gpu 1.30.0', 'nvidia-cublas 13.1'] }
      : { kind: 'none' },
  folder: '/home/me/spw/gpu/1.30.0',
  onnxruntime: '1.30.0',
  downloadBytes: 830e6,
  diskBytes: 1.2e9,
  freeDiskBytes: 40e9,
  busy: false,
  restartNeeded: wanted === 'installed',
})

export const answers = {
  gpuState: state,
  installGpu: state,
  uninstallGpu: () => ({ removed: [], freedBytes: 1.21e9, left: [] }),
  gpuDoctor: () => ({
    ok: false,
    onnxruntime: '1.30.0',
    folder: '/home/me/spw/gpu/1.30.0',
    steps: [
      { name: 'machine', ok: true, found: 'linux x64, glibc 2.36', fix: null },
      {
        name: 'NVIDIA driver',
        ok: false,
        found: 'libcuda.so.1: cannot open shared object file: No such file or directory',
        fix: 'Install the NVIDIA driver (580 or newer).',
      },
      { name: 'GPU', ok: false, found: 'nvidia-smi lists none', fix: 'Make `nvidia-smi` work.' },
    ],
    next: 'Install the NVIDIA driver (580 or newer).',
  }),
}
